import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { call, day, hashes, keyOf, openAtLast, type Pair, pair, recordingsOf } from './pretend-cloud.ts'

/** What stands between client and cloud: hands requests on, unless told to answer itself, or to lose what is answered. */
async function between(it: Pair) {
  const target = new URL(it.cloud.hosts.apiCluster)
  const self = { loses: (_: string) => false, answers: (_: string): number | undefined => undefined, origin: '' }
  const server = createServer((asked, reply) => {
    const what = `${asked.method} ${asked.url}`
    const status = self.answers(what)
    if (status !== undefined) return void reply.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    const { hostname, port } = target
    const onward = request(
      { hostname, port, method: asked.method, path: asked.url, headers: asked.headers },
      (answer) => {
        if (self.loses(what)) {
          answer.resume()
          answer.on('end', () => reply.destroy())
          return
        }
        reply.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(reply)
      },
    )
    onward.on('error', () => reply.destroy())
    asked.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  self.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const key = keyOf(it.cloud)
  const stored = JSON.parse(it.sessions.values.get(key)!)
  it.sessions.values.set(key, JSON.stringify({ ...stored, base: self.origin }))
  const { auth, api, media, apiCluster } = it.cloud.hosts
  return Object.assign(self, {
    source: () => it.again({ hosts: { auth, api, trusted: [self.origin, media, apiCluster] } }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const exported = { mp4UrlNull: 'all', jobPending: 2, jobStarted: 1 } as const
const isOrder = (what: string) => /^POST .*\/exports(\/.*:copy)?$/.test(what)

describe('an order whose answer is lost', () => {
  it('is looked for, and not given a second time', async () => {
    await using it = await pair({ switches: exported })
    await using line = await between(it)
    const source = line.source()
    const [recording] = await recordingsOf(source)
    line.loses = isOrder
    await expect(source.open(recording!, { byte: 0 }, call)).rejects.toMatchObject({ retryable: true })
    line.loses = () => false
    const { answer } = await openAtLast(source, recording!)
    if (!('body' in answer)) throw new Error('No body.')
    const [truth] = it.cloud.truth().filter(({ start }) => start === recording!.window!.start)
    expect(await hashes(answer.body)).toMatchObject(truth!.exported)
    expect([it.asked('export'), it.asked('jobs')]).toEqual([1, 2])
    expect(it.cloud.violations).toEqual([])
  })

  it('and that never arrived is given again', async () => {
    await using it = await pair({ switches: exported })
    await using line = await between(it)
    const source = line.source()
    const [recording] = await recordingsOf(source)
    line.answers = (what) => (isOrder(what) ? 502 : undefined)
    await expect(source.open(recording!, { byte: 0 }, call)).rejects.toMatchObject({ code: 'SERVER' })
    line.answers = () => undefined
    expect('body' in (await openAtLast(source, recording!)).answer).toBe(true)
    expect(it.asked('export')).toBe(1)
  })

  it('is looked for also where it was for a copy of a spoilt one', async () => {
    await using it = await pair({ switches: { ...exported, jobOutcome: 'failure' } })
    await using line = await between(it)
    const source = line.source()
    const [recording] = await recordingsOf(source)
    await expect(openAtLast(source, recording!)).rejects.toMatchObject({ retryable: true })
    line.loses = isOrder
    await expect(source.open(recording!, { byte: 0 }, call)).rejects.toMatchObject({ retryable: true })
    line.loses = () => false
    expect('body' in (await openAtLast(source, recording!)).answer).toBe(true)
    expect(it.asked('export')).toBe(2)
  })
})

describe('what an earlier run ordered', () => {
  it('and left in the making is taken up, for each camera and period once', async () => {
    await using it = await pair({ switches: exported })
    const [one, other] = await recordingsOf(it.source)
    for (const each of [one, other]) await it.source.open(each!, { byte: 0 }, call)
    const later = it.again()
    for (const each of [one, other]) expect('body' in (await openAtLast(later, each!)).answer).toBe(true)
    expect([it.asked('export'), it.asked('jobs')]).toEqual([2, 2])
  })

  it.each([
    ['hangs for more than a day', { ...exported, jobPending: 1000 }, day + 1],
    ['is done: it may be what was wrong', exported, 0],
  ])('is ordered anew where it %s', async (_, switches, later) => {
    await using it = await pair({ switches })
    const [recording] = await recordingsOf(it.source)
    const first = await it.source.open(recording!, { byte: 0 }, call)
    expect('askAgainAfterMs' in first).toBe(true)
    if (later === 0) await openAtLast(it.source, recording!)
    it.clock.advance(later)
    await it.again().open(recording!, { byte: 0 }, call)
    expect(it.asked('export')).toBe(2)
  })

  it('is not looked for where the user may not see jobs', async () => {
    await using it = await pair({ switches: exported })
    await using line = await between(it)
    line.answers = (what) => (/\/jobs\?/.test(what) ? 403 : undefined)
    const source = line.source()
    const [recording] = await recordingsOf(source)
    expect('body' in (await openAtLast(source, recording!)).answer).toBe(true)
    expect(it.asked('export')).toBe(1)
  })
})
