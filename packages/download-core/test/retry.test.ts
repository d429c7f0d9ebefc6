import { describe, expect, it } from 'vitest'
import { NetworkError, NotFoundError, RateLimitError } from '../src/footage/errors.ts'
import { createRetryBudget, progressBytes, type Retrying, retry } from '../src/retry.ts'
import { manualClock } from './http/manual-clock.ts'

const broken = () => new NetworkError('gone', { reason: 'ECONNRESET' })
const never = new AbortController().signal

describe('a retry budget', () => {
  it('doubles the wait with full jitter, up to the longest', () => {
    const budget = createRetryBudget({ retries: 8, delayMs: 1000, maxDelayMs: 20_000 }, () => 0.5)
    const waits = Array.from({ length: 8 }, () => budget.next(broken(), false)?.inMs)
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
    expect(budget.next(broken(), false)).toBeUndefined()
  })

  it('counts anew after progress', () => {
    const budget = createRetryBudget({ retries: 2 }, () => 1)
    expect(budget.next(broken(), false)).toEqual({ attempt: 1, ofAttempts: 2, inMs: 1000 })
    expect(budget.next(broken(), false)?.attempt).toBe(2)
    expect(budget.next(broken(), true)).toEqual({ attempt: 1, ofAttempts: 2, inMs: 1000 })
    expect(budget.next(broken(), false)?.attempt).toBe(2)
    expect(budget.next(broken(), false)).toBeUndefined()
  })

  it('waits as long as the server asks, but not longer than the policy allows', () => {
    const budget = createRetryBudget({ maxRetryAfterMs: 5000, growth: 'fixed', delayMs: 100 })
    expect(budget.next(new RateLimitError('slow', { retryAfterMs: 5000 }), false)?.inMs).toBe(5000)
    expect(budget.next(new RateLimitError('slow', { retryAfterMs: 0 }), false)?.inMs).toBe(100)
    expect(budget.next(new RateLimitError('slow', { retryAfterMs: 5001 }), false)).toBeUndefined()
  })

  it('never tries again after a final error or a bug', () => {
    const budget = createRetryBudget({})
    expect(budget.next(new NotFoundError('no'), true)).toBeUndefined()
    expect(budget.next(new TypeError('bug'), true)).toBeUndefined()
    expect(budget.next(Object.assign(new Error('not ours'), { retryable: true }), true)).toBeUndefined()
  })

  it('has one try with retries: 0', () => {
    expect(createRetryBudget({ retries: 0 }).next(broken(), true)).toBeUndefined()
  })
})

describe('retry', () => {
  it('tries again until it works, and tells so', async () => {
    const clock = manualClock()
    const told: Retrying[] = []
    let tries = 0
    const result = retry(
      async ({ number }) => {
        tries = number
        if (number < 3) throw broken()
        return 'done'
      },
      { clock, signal: never, delayMs: 100, growth: 'fixed', onRetrying: (retrying) => told.push(retrying) },
    )
    await clock.advance(99)
    expect(tries).toBe(1)
    await clock.advance(1)
    await clock.advance(100)
    expect(await result).toBe('done')
    expect(told.map(({ attempt, ofAttempts, inMs }) => [attempt, ofAttempts, inMs])).toEqual([
      [1, 3, 100],
      [2, 3, 100],
    ])
  })

  it('goes on for ever as long as each try makes progress, and not one byte short of that', async () => {
    const clock = manualClock()
    const run = async (bytes: number, limit: number) => {
      let tries = 0
      const attempt = retry(
        async ({ progress }) => {
          if (++tries === limit) return
          progress(bytes - 1)
          progress(1)
          throw broken()
        },
        { clock, signal: never, retries: 1, random: () => 0 },
      ).catch(() => {})
      for (let i = 0; i < limit; i++) await clock.advance(0)
      await attempt
      return tries
    }
    expect(await run(progressBytes, 20)).toBe(20)
    expect(await run(progressBytes - 1, 20)).toBe(2)
  })

  it('throws the last error as it is', async () => {
    const last = new NotFoundError('no such thing')
    await expect(
      retry(
        async () => {
          throw last
        },
        { clock: manualClock(), signal: never },
      ),
    ).rejects.toBe(last)
  })

  it('throws the reason of an abort at once, whether it waits or works', async () => {
    const clock = manualClock()
    const reason = new Error('enough')
    const waiting = new AbortController()
    const wait = retry(
      async () => {
        throw broken()
      },
      { clock, signal: waiting.signal },
    )
    setImmediate(() => waiting.abort(reason))
    await expect(wait).rejects.toBe(reason)
    const working = new AbortController()
    const work = retry(
      async () => {
        working.abort(reason)
        throw broken()
      },
      { clock, signal: working.signal },
    )
    await expect(work).rejects.toBe(reason)
    const failing = new AbortController()
    const fail = retry(
      async () => {
        failing.abort(reason)
        throw new TypeError('the work noticed the abort in its own way')
      },
      { clock, signal: failing.signal },
    )
    await expect(fail).rejects.toBe(reason)
    let called = false
    await expect(
      retry(
        async () => {
          called = true
        },
        { clock, signal: working.signal },
      ),
    ).rejects.toBe(reason)
    expect(called).toBe(false)
  })

  it('begins no try after a stop, lets the one under way end, and then throws its error', async () => {
    const clock = manualClock()
    const stop = new AbortController()
    const error = broken()
    const whileWaiting = retry(
      async () => {
        throw error
      },
      { clock, signal: never, stop: stop.signal },
    )
    setImmediate(() => stop.abort())
    await expect(whileWaiting).rejects.toBe(error)
    let tries = 0
    let told = 0
    const stopped = retry(
      async () => {
        tries++
        throw error
      },
      { clock, signal: never, stop: stop.signal, onRetrying: () => told++ },
    )
    await expect(stopped).rejects.toBe(error)
    expect([tries, told]).toEqual([1, 0])
    expect(await retry(async () => 'came through', { clock, signal: never, stop: stop.signal })).toBe('came through')
    expect(clock.waits()).toEqual([])
  })
})
