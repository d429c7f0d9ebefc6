import { expect, it } from 'vitest'
import { createApi, endpoints } from '../src/client/api.ts'
import { readOptions } from '../src/options.ts'
import { hurriedClock } from './pretend.ts'

const limits = [
  ['order', 100, 60_000],
  ['standing', 5, 1000],
  ['uploaded', 5, 1000],
  ['vehicles', 25, 1000],
] as const

it.each(limits)(
  '%s never goes out more than %i times in %i ms, however many sources there are',
  async (name, most, within) => {
    const clock = hurriedClock()
    const { signal } = new AbortController()
    const apis = ['one', 'two'].map((token) => createApi(readOptions({ token, clock })))
    const times: number[] = []
    const count = 3 * most
    for (let turn = 0; turn < count; turn++) {
      await apis[turn % 2]!.turn(endpoints[name], signal)
      times.push(clock.monotonic())
    }
    for (const [index, time] of times.entries()) {
      const together = times.slice(index).filter((other) => other - time <= within).length
      expect(together).toBeLessThanOrEqual(most)
    }
    // And not much more seldom than it may.
    expect(times.at(-1)!).toBeLessThan(2 * 3 * within)
    for (const api of apis) await api[Symbol.asyncDispose]()
  },
)

it('each organisation host has a limit of its own', async () => {
  const clock = hurriedClock()
  const { signal } = new AbortController()
  for (const region of ['us', 'eu', 'ca'] as const) {
    await using api = createApi(readOptions({ token: 'token', region, clock }))
    await api.turn(endpoints.standing, signal)
  }
  expect(clock.monotonic()).toBe(0)
})
