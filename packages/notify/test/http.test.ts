import { describe, expect, it } from 'vitest'
import {
  createNotifier,
  digest,
  type NotifyEvent,
  parseTarget,
  type RunNotice,
  type TargetOptions,
} from '../src/index.ts'
import { selfSigned } from './certificate.ts'
import { testClock, until } from './clock.ts'
import { httpServer } from './http-server.ts'
import { partial, runId } from './notices.ts'

const signal = new AbortController().signal
const uuid = '5c1f9d0e-6a5b-4c3d-9e8f-7a6b5c4d3e2f'
const path = '/services/T0AAAAAAA/B0BBBBBBB/very-secret-token'

function notifier(url: string, o: TargetOptions & { clock?: ReturnType<typeof testClock>; on?: NotifyEvent[] } = {}) {
  const { clock = testClock({ leaps: 5000 }), on, ...options } = o
  const common = { cli: 'eagleeye-cli', hostname: 'box', clock, env: {}, ...(on ? { on } : {}) }
  return createNotifier({ ...common, targets: [parseTarget(url, {}, options)] })
}

const events = (event: RunNotice['event'], more: Partial<RunNotice> = {}) => partial({ event, ...more })

describe('a ping', () => {
  it.each([
    ['start', {}, `/${uuid}/start?rid=${runId}`],
    ['finish', { exitCode: 0 }, `/${uuid}?rid=${runId}`],
    ['finish', { exitCode: 3 }, `/${uuid}/3?rid=${runId}`],
    ['partial', { exitCode: 1 }, `/${uuid}/1?rid=${runId}`],
    ['fail', { exitCode: 2 }, `/${uuid}/2?rid=${runId}`],
    ['fail', { exitCode: 0 }, `/${uuid}/fail?rid=${runId}`],
    ['fail', { exitCode: 300 }, `/${uuid}/fail?rid=${runId}`],
    ['interrupted', { exitCode: 130 }, `/${uuid}/130?rid=${runId}`],
    ['auth-expiring', {}, `/${uuid}/log?rid=${runId}`],
  ] as const)('%s %o goes to %s', async (event, more, expected) => {
    await using server = await httpServer()
    const all: NotifyEvent[] = ['auth-expiring']
    const { exitCode: _, ...notice } = events(event)
    const deliveries = await notifier(`healthchecks:${server.url}/${uuid}`, { on: all }).send(
      { ...notice, ...more },
      { signal },
    )
    expect(deliveries).toEqual([{ target: `ping ${server.host}`, channel: 'ping', ok: true }])
    expect(server.requests).toMatchObject([{ method: 'POST', url: expected }])
    expect(server.requests[0]?.body).toMatch(/^\[eagleeye\] .* 118\/120 kept/)
    expect(server.requests[0]?.headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  it('keeps what the URL asks for, and makes a UUID of any run id, always the same', async () => {
    await using server = await httpServer()
    const ping = notifier(`ping+${server.url}/pingkey/eagle-eye/?create=1`)
    for (const id of ['run 7', 'run 7', 'run 8']) await ping.send(events('start', { runId: id }), { signal })
    const [one, two, three] = server.requests.map(({ url }) => new URL(url, server.url))
    expect(one?.pathname).toBe('/pingkey/eagle-eye/start')
    expect(one?.searchParams.get('create')).toBe('1')
    const rid = (url?: URL) => url?.searchParams.get('rid')
    expect(rid(one)).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)
    expect(rid(two)).toBe(rid(one))
    expect(rid(three)).not.toBe(rid(one))
  })

  it('has a text of at most 10,000 bytes, cut between characters', async () => {
    await using server = await httpServer()
    const failures = Array.from({ length: 50 }, (_, i) => ({
      camera: `Käme${i}`,
      recording: String(i),
      code: 'SERVER',
      message: 'ü'.repeat(400),
    }))
    await notifier(`ping+${server.url}/${uuid}`).send(partial({ failures }), { signal })
    const body = server.requests[0]!.body
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(10_000)
    expect(Buffer.byteLength(body)).toBeGreaterThan(9_990)
    expect(body).not.toContain('\ufffd')
  })

  it.each([
    ['OK (not found)', /knows no check with this UUID/, 1],
    ['OK (rate limited)', /too many pings/, 3],
    ['<html>Please log in</html>', /answered with a web page/, 1],
  ])('that is answered with 200 and "%s" did not arrive', async (said, reason, tries) => {
    await using server = await httpServer((response) => response.end(said))
    const clock = testClock({ leaps: (ms) => ms === 20_000 })
    const [delivery] = await notifier(`ping+${server.url}/${uuid}`, { clock }).send(partial(), { signal })
    expect(delivery).toMatchObject({ ok: false, reason: expect.stringMatching(reason) })
    expect(delivery?.reason).not.toContain(uuid)
    expect(server.requests).toHaveLength(tries)
  })
})

describe('a webhook', () => {
  it('gets everything as JSON, with moments in ISO 8601', async () => {
    await using server = await httpServer()
    const url = server.url.replace('//', '//robot:p%40ss@')
    const hook = notifier(`${url}${path}?channel=ops`, { headers: { 'X-Api-Key': 'key-0123456789' } })
    expect(await hook.send(partial(), { signal })).toMatchObject([{ ok: true, target: `webhook ${server.host}` }])
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', url: `${path}?channel=ops` })
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-api-key': 'key-0123456789',
      authorization: `Basic ${Buffer.from('robot:p@ss').toString('base64')}`,
    })
    const body = JSON.parse(request!.body)
    expect(body).toMatchObject({
      type: 'cam-notification',
      version: 1,
      id: request?.headers['idempotency-key'],
      event: 'partial',
      cli: 'eagleeye-cli',
      host: 'box',
      runId,
      vendor: 'eagleeye',
      source: 'Main building',
      window: { start: '2026-05-03T10:00:00.000Z', end: '2026-05-04T10:00:00.000Z' },
      startedAt: '2026-05-04T10:00:07.000Z',
      endedAt: '2026-05-04T10:03:12.000Z',
      sentAt: '2026-05-04T10:00:07.000Z',
      summary: { planned: 120, kept: 10, alreadyKept: 108, failed: 2 },
      exitCode: 1,
      failuresInAll: 2,
      subject: '[eagleeye] PARTIAL 118/120 kept (10 new), 2 failed, 31.2 GB — box',
    })
    expect(body.failures).toHaveLength(2)
    expect(body.text).toContain('Main building (eagleeye)')
  })

  it('gets digests, too', async () => {
    await using server = await httpServer()
    const from = Date.UTC(2026, 3, 27)
    const week = digest({ runs: [], from, to: Date.UTC(2026, 4, 4), timeZone: 'UTC' })
    expect(await notifier(`${server.url}${path}`).send(week, { signal })).toMatchObject([{ ok: true }])
    const body = JSON.parse(server.requests[0]!.body)
    expect(body).toMatchObject({ event: 'digest', from: '2026-04-27T00:00:00.000Z', daysWithoutRun: 7 })
    expect(body.subject).toBe('[eagleeye-cli] DIGEST 0 kept, 0 failures, 0 B, 0 runs, 7 of 7 days without a run — box')
  })

  it('that fails is tried three times, under one id', async () => {
    await using server = await httpServer((response, nth) => {
      response.statusCode = nth === 1 ? 503 : nth === 2 ? 429 : 200
      if (nth === 2) response.setHeader('retry-after', '7')
      response.end(`echo of ${path}`)
    })
    const clock = testClock({ leaps: 8000 })
    expect(await notifier(`${server.url}${path}`, { clock }).send(partial(), { signal })).toMatchObject([{ ok: true }])
    expect(server.requests).toHaveLength(3)
    expect(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(clock.waited).toContain(7000)
  })

  it.each([
    ['500 for ever', 500, {}, 3, /HTTP 500/],
    ['a wait of an hour', 429, { 'retry-after': '3600' }, 1, /HTTP 429/],
    ['404', 404, {}, 1, /HTTP 404/],
    [
      'a redirect',
      301,
      { location: `https://elsewhere.example${path}` },
      1,
      /redirect \(HTTP 301\) to https:\/\/elsewhere.example;/,
    ],
  ])('answered with %s fails, and nothing of its address is shown', async (_, status, headers, tries, reason) => {
    await using server = await httpServer((response) =>
      response
        .writeHead(status as number, headers as Record<string, string>)
        .end(`no such hook ${path} very-secret-token`),
    )
    const [delivery] = await notifier(`${server.url}${path}`).send(partial(), { signal })
    expect(delivery).toMatchObject({ ok: false, reason: expect.stringMatching(reason as RegExp) })
    expect(JSON.stringify(delivery)).not.toMatch(/very-secret-token|T0AAAAAAA/)
    expect(server.requests).toHaveLength(tries as number)
  })

  it('whose refusal is quoted in part shows no part of its address', async () => {
    // Excerpts are cut after 200 characters: in the middle of the token.
    await using server = await httpServer((response) =>
      response.writeHead(400).end(`${'-'.repeat(190)}very-secret-token`),
    )
    const [delivery] = await notifier(`${server.url}${path}`).send(partial(), { signal })
    expect(delivery?.reason).toContain('-'.repeat(190))
    expect(delivery?.reason).not.toContain('very')
  })

  it('that hangs is given up after 10 seconds, three times', async () => {
    await using server = await httpServer(() => {})
    const clock = testClock({ leaps: 5000 })
    const sending = notifier(`${server.url}${path}`, { clock }).send(partial(), { signal })
    for (let round = 1; round <= 3; round++) {
      await until(() => server.requests.length === round)
      clock.advance(10_000)
    }
    const [delivery] = await sending
    expect(delivery).toMatchObject({ ok: false, reason: expect.stringContaining('not done within 10 s') })
    expect(server.requests).toHaveLength(3)
  })

  it('that said 200 has taken it, though its reply never ends or breaks off', async () => {
    const drip = (response: import('node:http').ServerResponse) => {
      if (response.destroyed) return
      response.write('O'.repeat(500))
      setImmediate(drip, response)
    }
    await using server = await httpServer((response, nth) => {
      if (nth === 1) return drip(response)
      response.write('O')
      setImmediate(() => response.destroy())
    })
    const hook = notifier(`${server.url}${path}`)
    expect(await hook.send(partial(), { signal })).toMatchObject([{ ok: true }])
    expect(await hook.send(partial(), { signal })).toMatchObject([{ ok: true }])
    expect(server.requests).toHaveLength(2)
  })

  it('whose connection breaks is tried again', async () => {
    await using server = await httpServer((response, nth) =>
      nth < 3 ? response.socket?.resetAndDestroy() : response.end(),
    )
    expect(await notifier(`${server.url}${path}`).send(partial(), { signal })).toMatchObject([{ ok: true }])
    expect(server.requests).toHaveLength(3)
  })

  it('whose connection breaks each time is named without its address', async () => {
    await using server = await httpServer((response) => response.socket?.resetAndDestroy())
    const [delivery] = await notifier(`${server.url}${path}`).send(partial(), { signal })
    const reason = `webhook ${server.host}: POST ***: the connection was closed by the other side (ECONNRESET).`
    expect(delivery).toEqual({ target: `webhook ${server.host}`, channel: 'webhook', ok: false, reason })
  })

  it('is trusted over TLS when its issuer is handed in, and only then', async () => {
    const certificate = selfSigned()
    await using server = await httpServer(undefined, certificate)
    const [refused] = await notifier(`${server.url}${path}`).send(partial(), { signal })
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('not trusted') })
    expect(refused?.reason).not.toContain('very-secret-token')
    expect(server.requests).toHaveLength(0)
    const trusted = notifier(`${server.url}${path}`, { tls: { ca: certificate.cert } })
    expect(await trusted.send(partial(), { signal })).toMatchObject([{ ok: true }])
  })

  it('is left alone once the run is told to end', async () => {
    await using server = await httpServer(() => {})
    const stop = new AbortController()
    const sending = notifier(`${server.url}${path}`).send(partial(), { signal: stop.signal })
    await until(() => server.requests.length === 1)
    stop.abort(new Error('enough'))
    expect(await sending).toMatchObject([{ ok: false, reason: expect.stringContaining('given up, enough') }])
  })
})

describe('who is told what', () => {
  const told = async (event: NotifyEvent, on?: NotifyEvent[], dryRun = false) => {
    await using server = await httpServer()
    const targets = [
      parseTarget(`ping+${server.url}/${uuid}`),
      parseTarget(`${server.url}/hook`),
      parseTarget(`${server.url}/only-start`, {}, { events: ['start'] }),
    ]
    const common = { cli: 'x', hostname: 'h', clock: testClock(), env: {}, dryRun, targets }
    const chosen = createNotifier({ ...common, ...(on ? { on } : {}) })
    const notice =
      event === 'digest' ? digest({ runs: [], from: 0, to: 86_400_000, timeZone: 'UTC' }) : events(event as 'start')
    const deliveries = await chosen.send(notice, { signal })
    expect(deliveries).toHaveLength(server.requests.length)
    expect(chosen.wants(event)).toBe(deliveries.length > 0)
    return server.requests.map(({ url }) => new URL(url, server.url).pathname.split('/')[1]).sort()
  }

  it('by default: pings the life of a run, others what went wrong and the digest', async () => {
    expect(await told('start')).toEqual([uuid, 'only-start'])
    expect(await told('finish')).toEqual([uuid])
    for (const event of ['partial', 'fail', 'interrupted'] as const) expect(await told(event)).toEqual([uuid, 'hook'])
    for (const event of ['auth-expiring', 'digest'] as const) expect(await told(event)).toEqual(['hook'])
    expect(await told('expiring')).toEqual([])
  })

  it('as asked for; a heartbeat goes on all the same', async () => {
    expect(await told('finish', ['finish', 'digest'])).toEqual([uuid, 'hook'])
    expect(await told('fail', ['finish', 'digest'])).toEqual([uuid])
    expect(await told('digest', ['finish', 'digest'])).toEqual([uuid, 'hook'])
  })

  it('nothing in a dry run', async () => {
    for (const event of ['start', 'partial', 'digest'] as const) expect(await told(event, undefined, true)).toEqual([])
  })

  it('one that fails keeps no other from being told', async () => {
    await using server = await httpServer()
    const targets = [parseTarget('http://127.0.0.1:1/hook'), parseTarget(`${server.url}/hook`)]
    const both = createNotifier({ targets, cli: 'x', hostname: 'h', clock: testClock({ leaps: 5000 }), env: {} })
    const deliveries = await both.send(partial(), { signal })
    expect(deliveries.map(({ ok }) => ok)).toEqual([false, true])
    expect(deliveries[0]?.reason).toContain('refused')
  })
})
