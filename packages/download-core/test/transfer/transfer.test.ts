import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { NetworkError } from '../../src/footage/errors.ts'
import { disk } from '../../src/transfer/disk.ts'
import type { TransferJob } from '../../src/transfer/job.ts'
import { transfer } from '../../src/transfer/transfer.ts'
import { fakeClock } from './fake-clock.ts'
import {
  bytesOf,
  fileServer,
  jobFor,
  KiB,
  MiB,
  opaque,
  recordingOf,
  run,
  temporaryFolder,
  tree,
  video,
} from './fixture.ts'
import { memoryFileSystem } from './memory-file-system.ts'
import { memoryJob, memorySource } from './memory-job.ts'

const content = video(2 * MiB, 'transfer')

describe('an abort', () => {
  test('throws the signal’s own reason, keeps the part, and leaves nothing under the final name', async () => {
    const server = await fileServer({ content, behaviour: 'rate-capped', bytesPerSecond: 4 * MiB })
    const root = await temporaryFolder()
    const end = new AbortController()
    const reason = new Error('the user leaves')
    const first = await run(await jobFor(server, recordingOf('validated'), { root, signal: end.signal }), (event) => {
      if (event.type === 'progress' && event.bytes > 700_000) end.abort(reason)
    })
    expect(first.error).toBe(reason)
    expect((await tree(root)).every((file) => file.startsWith('.cam/parts/'))).toBe(true)
    server.set({ behaviour: 'honest' })
    const job = await jobFor(server, recordingOf('validated'), { root })
    const second = await run(job)
    expect((await bytesOf(job, second)).equals(content)).toBe(true)
    expect(second.events).toContainEqual({ type: 'resumed', atByte: expect.any(Number) })
    expect(server.requests.at(-1)!.headers.range).toBeDefined()
  })

  test('before the beginning asks nobody', async () => {
    const server = await fileServer({ content })
    const reason = new Error('too late')
    expect(
      (await run(await jobFor(server, recordingOf('validated'), { signal: AbortSignal.abort(reason) }))).error,
    ).toBe(reason)
    expect(server.requests).toHaveLength(0)
  })

  test.each(['never-answers', 'stall-at'] as const)('ends a source that hangs: %s', async (behaviour) => {
    const server = await fileServer({ content, behaviour, breakAt: 1000 })
    const end = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => end.abort(reason), 50)
    const job = await jobFor(server, recordingOf('validated'), { signal: end.signal, idleMs: 20_000 })
    expect((await run(job)).error).toBe(reason)
  })

  test('ends a body that answers nothing at all, not even its own end', async () => {
    const end = new AbortController()
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('validated'), {
      signal: end.signal,
      open: async () => ({
        body: {
          [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }),
        },
        startsAtByte: 0,
        representation: 'x',
      }),
    })
    setTimeout(() => end.abort(new Error('enough')), 30)
    expect((await run(job)).error).toMatchObject({ message: 'enough' })
  })

  test('that the source answers with an error of its own is still the signal’s reason', async () => {
    const end = new AbortController()
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('validated'), {
      signal: end.signal,
      async open() {
        end.abort(new Error('enough'))
        throw new NetworkError('the connection broke', { reason: 'ECONNRESET' })
      },
    })
    expect((await run(job)).error).toMatchObject({ message: 'enough' })
  })

  test('by the consumer, who stops listening, closes the connection', async () => {
    const server = await fileServer({ content, behaviour: 'rate-capped', bytesPerSecond: MiB })
    const job = await jobFor(server, recordingOf('validated'))
    for await (const event of transfer(job)) if (event.type === 'progress') break
    expect(await tree(job.root)).not.toContain('a/clip.mp4')
    const sent = server.requests[0]!.bodyBytes
    await systemClock.wait(150)
    expect(server.requests[0]!.bodyBytes - sent).toBeLessThan(512 * KiB)
  })
})

describe('a gentle stop', () => {
  test('lets the try under way finish, and begins no other', async () => {
    const stop = AbortSignal.abort()
    const good = await fileServer({ content })
    expect((await run(await jobFor(good, recordingOf('validated'), { stop }))).published).toBeDefined()
    const bad = await fileServer({ content, behaviour: 'fin-at' })
    const ended = await run(await jobFor(bad, recordingOf('validated'), { stop }))
    expect(ended.error).toMatchObject({ code: 'INCOMPLETE' })
    expect(bad.requests).toHaveLength(1)
  })
})

describe('a source', () => {
  test('that is not ready, or says there is nothing, is believed', async () => {
    const server = await fileServer({ content })
    const gap = { cameraId: 'camera-1', start: 1, end: 2, outcome: 'absent', reason: 'nothing recorded' } as const
    for (const answer of [{ askAgainAfterMs: 5000, progress: 0.5 }, gap]) {
      const job = await jobFor(server, recordingOf('never'), { open: async () => answer })
      expect((await run(job)).answer).toEqual(answer)
      expect(await tree(job.root)).toEqual([])
    }
  })

  test('whose representation changed is not spliced', async () => {
    const other = video(2 * MiB, 'transcoded')
    const served = [content, other, other]
    const asked: unknown[] = []
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('overlap'), {
      async open(from) {
        const bytes = served[asked.length]!
        asked.push(from)
        const first = asked.length === 1
        return {
          startsAtByte: from.byte,
          totalBytes: bytes.length,
          representation: first ? 'direct' : 'export',
          body: (async function* () {
            yield bytes.subarray(from.byte, first ? 900_000 : undefined)
          })(),
        }
      },
    })
    expect((await bytesOf(job, await run(job))).equals(other)).toBe(true)
    expect(asked[1]).toMatchObject({ byte: 900_000 - 256 * KiB, representation: 'direct', totalBytes: content.length })
    expect(asked[2]).toEqual({ byte: 0 })
  })

  test('that throws something of its own is not asked again', async () => {
    const server = await fileServer({ content })
    const bug = new TypeError('a bug')
    let calls = 0
    const job = await jobFor(server, recordingOf('never'), {
      open: async () => {
        calls++
        throw bug
      },
    })
    expect((await run(job)).error).toBe(bug)
    expect(calls).toBe(1)
  })

  test.each([
    ['idle', 30, [1000, 0]],
    ['slow', 30, [10, 10, 10, 10, 10, 10]],
  ] as const)('that stalls or drips by itself is timed out: %s', async (phase, idleMs, waits) => {
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('never'), {
      idleMs,
      minBytesPerSecond: 1000,
      retry: { retries: 0 },
      open: async () => ({
        startsAtByte: 0,
        representation: 'x',
        body: (async function* () {
          for (const ms of waits) {
            await systemClock.wait(ms)
            yield Buffer.from('x')
          }
        })(),
      }),
    })
    expect((await run(job)).error).toMatchObject({ code: 'TIMEOUT', phase })
  })

  test.each([-5, 0.5, Number.NaN, 2 ** 60])('that begins at byte %d is a protocol error', async (startsAtByte) => {
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('overlap'), {
      open: async () => ({ body: (async function* () {})(), startsAtByte, representation: 'x' }),
    })
    expect((await run(job)).error).toMatchObject({ code: 'PROTOCOL' })
  })

  test('that sends one byte at a time, or everything at once, gives the same file', async () => {
    const small = opaque(5000)
    for (const size of [1, 7, 5000]) {
      const clock = fakeClock()
      const fileSystem = memoryFileSystem()
      const ended = await run(memoryJob(fileSystem, memorySource(small, clock, size, 1), clock))
      expect(ended.published!.kept.bytes).toBe(5000)
      expect(Buffer.compare(fileSystem.files.get('/archive/a/clip.mp4')!, small)).toBe(0)
    }
  })
})

describe('the disk', () => {
  test('is asked for room before anything is fetched, with what is kept in reserve', async () => {
    const server = await fileServer({ content })
    const fileSystem = { ...disk, space: async () => ({ freeBytes: 10 * MiB }) }
    const job = await jobFor(server, recordingOf('validated', { bytes: content.length }), {
      fileSystem,
      reserveBytes: 9 * MiB,
    })
    expect((await run(job)).error).toMatchObject({ code: 'DISK_FULL', stops: 'run' })
    expect(server.requests).toHaveLength(0)
    expect((await run({ ...job, reserveBytes: 8 * MiB })).published).toBeDefined()
    const unknown = await jobFor(server, recordingOf('validated'), { fileSystem, reserveBytes: 11 * MiB })
    expect(((await run(unknown)).error as Error | undefined)?.message).toContain(
      'has 10.00 MB free; 11.00 MB are kept in reserve.',
    )
  })

  test('that is slow holds the source back, and never looks like a stall', async () => {
    const big = 24 * MiB
    const block = opaque(64 * KiB)
    let pulled = 0
    let written = 0
    let most = 0
    const root = await temporaryFolder()
    const slow: TransferJob['fileSystem'] = {
      ...disk,
      async open(path, mode) {
        const file = await disk.open(path, mode)
        if (!path.endsWith('.part')) return file
        return {
          ...file,
          async write(chunks, position) {
            await systemClock.wait(40)
            await file.write(chunks, position)
            written += chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
          },
        }
      },
    }
    const server = await fileServer({ content })
    const job = await jobFor(server, recordingOf('never', { bytes: big }), {
      root,
      fileSystem: slow,
      idleMs: 20,
      minBytesPerSecond: 0,
      retry: { retries: 0 },
      open: async () => ({
        startsAtByte: 0,
        totalBytes: big,
        representation: 'x',
        body: (async function* () {
          for (; pulled < big; pulled += block.length) {
            most = Math.max(most, pulled - written)
            yield block
          }
        })(),
      }),
    })
    expect((await run(job)).published!.kept.bytes).toBe(big)
    // 4 MiB queued and one write of 1 MiB.
    expect(most).toBeLessThanOrEqual(5 * MiB + 2 * block.length)
    expect(most).toBeGreaterThan(2 * MiB)
  })
})

describe('progress', () => {
  test('is told at most four times a second and never goes back', async () => {
    const clock = fakeClock()
    const ended = await run(memoryJob(memoryFileSystem(), memorySource(content, clock, 8 * KiB, 10), clock))
    const told = ended.events.flatMap((event) => (event.type === 'progress' ? [event] : []))
    expect(told.length).toBeGreaterThan(5)
    expect(told.length).toBeLessThanOrEqual(Math.ceil((256 * 10) / 250))
    expect(told.map((event) => event.bytes)).toEqual(told.map((event) => event.bytes).toSorted((a, b) => a - b))
    expect(told.every((event) => event.totalBytes === content.length)).toBe(true)
    // 8 KiB every 10 ms.
    expect(told.at(-1)!.bytesPerSecond).toBeGreaterThan(700_000)
    expect(told.at(-1)!.bytesPerSecond).toBeLessThan(900_000)
  })
})
