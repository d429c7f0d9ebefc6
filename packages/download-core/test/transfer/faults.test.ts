import { createServer } from 'node:net'
import type { Behaviour, FileServerOptions } from '@cam/simulators/file-server'
import { fragmentedMp4 } from '@cam/simulators/media'
import { describe, expect, onTestFinished, test } from 'vitest'
import { disk } from '../../src/transfer/disk.ts'
import { bytesOf, fileServer, jobFor, KiB, MiB, opaque, recordingOf, run, tree, video } from './fixture.ts'

const content = video(MiB, 'faults')

async function fetchFrom(
  options: Partial<FileServerOptions>,
  more: Parameters<typeof jobFor>[2] = {},
  resume: 'validated' | 'never' = 'validated',
) {
  const server = await fileServer({ content, ...options })
  const job = await jobFor(server, recordingOf(resume), { idleMs: 300, ...more })
  return { server, job, ended: await run(job) }
}

describe('a transfer that breaks', () => {
  const points = [0, 1, 64 * KiB, 700_000, content.length - 1]
  const seams = [64 * KiB - 1, 64 * KiB + 1]
  const cuts = (
    ['fin-at', 'rst-at', 'chunked-unterminated', 'chunked-bad-size', 'chunked-short', 'stall-at'] as const
  ).flatMap((behaviour) =>
    [...points, ...(behaviour === 'fin-at' ? seams : [])].map((breakAt) => [behaviour, breakAt] as const),
  )
  test.each(cuts)('by %s at byte %i ends with the right file', async (behaviour, breakAt) => {
    const { ended, job } = await fetchFrom(
      { behaviour, breakAt, ...(behaviour === 'stall-at' ? { delayMs: 0 } : {}) },
      { idleMs: 120 },
    )
    // A length of 0 with a clean end is an empty reply: refused at once, as a page or a message would be.
    if (behaviour === 'chunked-short' && breakAt === 0) expect(ended.error).toMatchObject({ code: 'PROTOCOL' })
    else expect((await bytesOf(job, ended)).equals(content)).toBe(true)
  })

  const once: [Behaviour, Partial<FileServerOptions>][] = [
    ['fin-in-head', {}],
    ['close-delimited-cut', {}],
    ['close-delimited', {}],
    ['chunked', {}],
    ['chunked-trailers', {}],
    ['length-too-large', {}],
    ['drip-once', { delayMs: 5 }],
    ['slow-first-byte', { delayMs: 5000 }],
    ['retry-after', { retryAfter: '0' }],
    ['retry-after', { status: 429, retryAfter: '0.02' }],
    ['retry-after', { retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    ['retry-after', { retryAfter: '-5' }],
    ['retry-after', { retryAfter: 'soon' }],
    ['status', { status: 500, times: 3 }],
    ['status', { status: 502 }],
    ['status', { status: 504 }],
    ['status', { status: 408 }],
    ['status', { status: 425 }],
    ['redirect', {}],
    ['redirect-many', { times: 9 }],
    ['gzip', {}],
    ['identity-stated', {}],
    ['junk-after-body', {}],
    ['length-too-small', {}],
    ['one-connection', {}],
    ['disposition', { disposition: 'attachment; filename="../../evil.mp4"' }],
  ]
  test.each(once)('by "%s" %o ends with the right file', async (behaviour, options) => {
    const { ended, job } = await fetchFrom({ behaviour, ...options }, { minBytesPerSecond: 1000 })
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(ended.published!.kept.path).toBe('a/clip.mp4')
  })

  const refused: [Behaviour, Partial<FileServerOptions>, string][] = [
    ['html', {}, 'PROTOCOL'],
    ['json', {}, 'PROTOCOL'],
    ['empty', {}, 'PROTOCOL'],
    ['no-content', {}, '*'],
    ['status', { status: 404 }, 'NOT_FOUND'],
    ['status', { status: 410 }, 'EXPIRED'],
    ['status', { status: 403 }, 'PERMISSION'],
    ['status', { status: 401 }, 'AUTHENTICATION'],
    ['status', { status: 501, times: 9 }, '*'],
    ['status', { status: 500, times: 9 }, 'SERVER'],
    ['retry-after', { retryAfter: '99999' }, 'SERVER'],
    ['redirect-loop', {}, '*'],
    ['length-huge', {}, '*'],
    ['length-negative', {}, '*'],
    ['length-duplicate', {}, '*'],
    ['never-answers', {}, 'TIMEOUT'],
    ['length-zero', {}, '*'],
    ['drip', { delayMs: 5 }, 'TIMEOUT'],
    ['fin-at', { breakAt: 100, times: 99 }, '*'],
    ['gzip-twice', {}, '*'],
  ]
  test.each(refused)('by "%s" %o without end fails honestly: %s', async (behaviour, options, code) => {
    const { ended, job } = await fetchFrom({ behaviour, ...options }, { idleMs: 150, minBytesPerSecond: 1000 })
    if (ended.published) expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    else {
      expect(ended.error).toMatchObject(code === '*' ? { code: expect.any(String) } : { code })
      expect((await tree(job.root)).filter((file) => !file.startsWith('.cam'))).toEqual([])
    }
  })

  test('starts over at each try where nothing may be continued, and counts what that wasted', async () => {
    const { ended, job, server } = await fetchFrom({ behaviour: 'fin-at', times: 2, breakAt: 400_000 }, {}, 'never')
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(server.requests.every((request) => request.headers.range === undefined)).toBe(true)
    expect(ended.events.filter((event) => event.type === 'restarted' && event.wastedBytes > 0)).toHaveLength(2)
    expect(ended.published!.attempts).toBe(3)
  })

  test('has as many tries as it likes while each brings something', async () => {
    const { ended, job, server } = await fetchFrom({ behaviour: 'fin-at', times: 8, breakAt: 256 * KiB + 70_000 })
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(server.requests.length).toBeGreaterThan(5)
  })

  test('gives up after the policy’s number of fruitless ones', async () => {
    const { server, ended } = await fetchFrom(
      { behaviour: 'status', status: 503, times: 99 },
      { retry: { retries: 2, delayMs: 1 } },
    )
    expect(ended.error).toMatchObject({ code: expect.stringMatching(/SERVER|BUSY|RATE_LIMITED/) })
    expect(server.requests).toHaveLength(3)
    expect(
      ended.events.filter((event) => event.type === 'retrying').map((event) => [event.attempt, event.ofAttempts]),
    ).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  test('with nobody listening fails as a network error', async () => {
    const server = await fileServer({ content })
    await server.close()
    const ended = await run(await jobFor(server, recordingOf('validated')))
    expect(ended.error).toMatchObject({ code: 'NETWORK', reason: 'ECONNREFUSED' })
  })

  test('in a TLS handshake that never ends fails as a timeout', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const server = await fileServer({ content })
    const url = `https://127.0.0.1:${(silent.address() as { port: number }).port}/x`
    const job = await jobFor(server, recordingOf('validated'), { url, retry: { retries: 0 } })
    expect((await run(job)).error).toMatchObject({ code: 'TIMEOUT' })
  })

  test('waits no longer than openMs for a source that never answers', async () => {
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('validated'), {
      openMs: 50,
      retry: { retries: 1, delayMs: 1 },
      open: () => new Promise(() => {}),
    })
    expect((await run(job)).error).toMatchObject({ code: 'TIMEOUT', phase: 'first-byte', limitMs: 50 })
  })
})

describe('a body without a stated length', () => {
  test('of a known format is proved by its structure', async () => {
    const { ended } = await fetchFrom({ behaviour: 'chunked' })
    expect(ended.published!.kept.proof).toEqual({ by: 'container', format: 'mp4' })
  })

  test('cut at the same place every time is never kept', async () => {
    const { ended, job } = await fetchFrom({ behaviour: 'chunked-short', times: 99, breakAt: 700_000 }, {}, 'never')
    expect(ended.error).toMatchObject({ code: 'INCOMPLETE' })
    expect(await tree(job.root)).toEqual([])
  })

  test('of no known format is fetched twice and compared', async () => {
    const bytes = opaque(300_000)
    const { ended, job, server } = await fetchFrom({ content: bytes, behaviour: 'chunked' })
    expect((await bytesOf(job, ended)).equals(bytes)).toBe(true)
    expect(ended.published!.kept.proof).toEqual({ by: 'repeat' })
    expect(server.requests).toHaveLength(2)
  })

  test('that is another one the second time is never kept', async () => {
    const { ended, job } = await fetchFrom({ content: opaque(300_000), behaviour: 'unstable-chunked' }, {}, 'never')
    expect(ended.error).toMatchObject({ code: 'UNPROVABLE' })
    expect(await tree(job.root)).toEqual([])
  })

  test.each([1, 2])('of no known format, cut unnoticed at fetch %i, becomes the right file', async (nth) => {
    const bytes = opaque(300_000)
    const server = await fileServer({
      content: bytes,
      behaviour: nth === 1 ? 'chunked-short' : 'chunked',
      breakAt: 200_000,
    })
    const job = await jobFor(server, recordingOf('never'))
    const ended = await run(job, (event) => {
      if (event.type === 'warning' && nth === 2 && server.requests.length === 1)
        server.set({ behaviour: 'chunked-short' })
    })
    expect((await bytesOf(job, ended)).equals(bytes)).toBe(true)
  })

  test('is continued while the second fetch is broken once', async () => {
    const bytes = opaque(300_000)
    const server = await fileServer({ content: bytes, behaviour: 'chunked' })
    const job = await jobFor(server, recordingOf('never'))
    const ended = await run(job, (event) => {
      if (event.type === 'warning') server.set({ behaviour: 'chunked-unterminated', breakAt: 1000, times: 1 })
    })
    expect(ended.published?.kept.proof).toEqual({ by: 'repeat' })
    expect(server.requests).toHaveLength(3)
  })

  test('of a format without an end mark has to reach the stated duration', async () => {
    const file = fragmentedMp4({ frames: 40, fps: 10 })
    const whole = file.read(0, file.size)
    const server = await fileServer({ content: whole, behaviour: 'chunked' })
    const expecting = (durationMs: number) => recordingOf('never', { expect: { durationMs, toleranceMs: 200 } })
    const good = await jobFor(server, expecting(4000))
    expect((await run(good)).published!.kept.proof).toEqual({ by: 'container', format: 'mp4' })
    const bad = await jobFor(server, expecting(6000), { retry: { retries: 1, delayMs: 1 } })
    expect((await run(bad)).error).toMatchObject({ code: 'INCOMPLETE' })
  })
})

describe('what the list states', () => {
  test('counts: a server that states another size is refused before a byte is written', async () => {
    const server = await fileServer({ content })
    const opened: string[] = []
    const open: typeof disk.open = (path, mode) => {
      opened.push(path)
      return disk.open(path, mode)
    }
    const job = await jobFor(server, recordingOf('validated', { bytes: content.length + 5 }), {
      fileSystem: { ...disk, open },
    })
    expect((await run(job)).error).toMatchObject({ code: 'WRONG_LENGTH' })
    expect(opened.filter((path) => path.endsWith('.part'))).toEqual([])
    expect(await tree(job.root)).toEqual([])
  })

  test('ends a clean but short body as incomplete, and a longer one as wrong', async () => {
    const server = await fileServer({ content, behaviour: 'chunked' })
    const short = await jobFor(server, recordingOf('never', { bytes: content.length + 5 }))
    expect((await run(short)).error).toMatchObject({ code: 'INCOMPLETE', expectedBytes: content.length + 5 })
    const long = await jobFor(server, recordingOf('never', { bytes: content.length - 5 }))
    expect((await run(long)).error).toMatchObject({ code: 'WRONG_LENGTH' })
  })

  test('a checksum proves, or condemns', async () => {
    const server = await fileServer({ content })
    const { createHash } = await import('node:crypto')
    const md5 = createHash('md5').update(content).digest('hex')
    const good = await jobFor(
      server,
      recordingOf('validated', { checksum: { algorithm: 'md5', hex: md5.toUpperCase() } }),
    )
    expect((await run(good)).published!.kept.proof).toEqual({
      by: 'checksum',
      checksum: { algorithm: 'md5', hex: md5 },
    })
    const bad = await jobFor(
      server,
      recordingOf('validated', { checksum: { algorithm: 'sha256', hex: '0'.repeat(64) } }),
    )
    expect((await run(bad)).error).toMatchObject({ code: 'WRONG_CHECKSUM' })
    expect(await tree(bad.root)).toEqual([])
  })

  test('a file that is cut at its source is not kept though its length fits', async () => {
    const server = await fileServer({ content: content.subarray(0, 700_000) })
    const job = await jobFor(server, recordingOf('validated', { bytes: 700_000 }))
    expect((await run(job)).error).toMatchObject({ code: 'CORRUPT' })
    expect(await tree(job.root)).toEqual([])
  })
})
