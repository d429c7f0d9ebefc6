import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createSpeedLimit, type SpeedLimit } from '../../src/transfer/speed-limit.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { fileServer, jobFor, MiB, recordingOf, run, video } from './fixture.ts'

const signal = new AbortController().signal

/** Streams take chunks until so much time has passed; what they took, together. */
async function takeFor(
  limit: SpeedLimit,
  clock: FakeClock,
  ms: number,
  streams: number,
  chunk: number,
): Promise<number> {
  let bytes = 0
  let ended = false
  const end = new AbortController()
  const running = Array.from({ length: streams }, async () => {
    while (!ended) {
      await limit.take(chunk, end.signal)
      bytes += chunk
    }
  })
  for (let passed = 0; passed < ms; passed += 1) {
    clock.advance(1)
    for (let turn = 0; turn < 4; turn++) await Promise.resolve()
  }
  ended = true
  end.abort()
  await Promise.allSettled(running)
  return bytes
}

describe('one speed limit', () => {
  test.each([
    [1, 16_384],
    [4, 16_384],
    [4, 65_536],
    [8, 4096],
  ])('of 90 Mbps is kept by %i streams together, chunks of %i', async (streams, chunk) => {
    const clock = fakeClock()
    const rate = 90e6 / 8
    const bytes = await takeFor(createSpeedLimit(rate, clock), clock, 1000, streams, chunk)
    expect(bytes / rate).toBeGreaterThan(0.97)
    expect(bytes / rate).toBeLessThan(1.05)
  })

  test('gives back unused time only as a short burst', async () => {
    const clock = fakeClock()
    const limit = createSpeedLimit(1_000_000, clock)
    clock.advance(60_000)
    const bytes = await takeFor(limit, clock, 1000, 1, 16_384)
    expect(bytes).toBeLessThan(1_000_000 + 100_000 + 2 * 16_384)
  })

  test('changes while streams wait, and 0 lets everything pass', async () => {
    const clock = fakeClock()
    const limit = createSpeedLimit(1000, clock)
    const waiting = limit.take(1_000_000, signal)
    clock.advance(10_000)
    limit.rate = 0
    clock.advance(200)
    await waiting
    await limit.take(2 ** 40, signal)
    limit.rate = 1_000_000
    expect(limit.rate).toBe(1_000_000)
    const bytes = await takeFor(limit, clock, 1000, 2, 16_384)
    expect(bytes).toBeLessThan(1_200_000)
    expect(bytes).toBeGreaterThan(900_000)
  })

  test('ends its wait with the signal’s reason', async () => {
    const clock = fakeClock()
    const limit = createSpeedLimit(10, clock)
    const end = new AbortController()
    const waiting = limit.take(1_000_000, end.signal)
    end.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(limit.take(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  })

  test('is a number of bytes', () => {
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createSpeedLimit(wrong, systemClock)).toThrow(RangeError)
      expect(() => {
        createSpeedLimit(1, systemClock).rate = wrong
      }).toThrow(RangeError)
    }
  })

  test('holds for real transfers, without ever looking like a stall', async () => {
    const content = video(MiB, 'limited')
    const server = await fileServer({ content })
    const limit = createSpeedLimit(2 * MiB, systemClock)
    const jobs = await Promise.all(
      [1, 2].map(() => jobFor(server, recordingOf('validated'), { speedLimit: limit, idleMs: 120 })),
    )
    const started = performance.now()
    const ended = await Promise.all(jobs.map((job) => run(job)))
    const seconds = (performance.now() - started) / 1000
    expect(ended.every((end) => end.published && !end.events.some((event) => event.type === 'retrying'))).toBe(true)
    // 2 MiB at 2 MiB a second; a burst may come first, and the machine may be busy.
    expect(seconds).toBeGreaterThan(0.85)
  })
})
