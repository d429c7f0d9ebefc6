import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ArchiveOptions } from '../../src/archive/options.ts'
import type { FootageSource, OpenedRecording } from '../../src/footage/source.ts'
import { fakeClock } from '../transfer/fake-clock.ts'
import { toy } from './fixture.ts'

const second = 1000

/** How long a run waits for a source that answers nothing, or begins and then sends nothing more. */
async function waits(
  silent: 'answer' | 'byte',
  patience: FootageSource['patience'],
  options: Partial<ArchiveOptions> = {},
): Promise<number> {
  const all = await toy()
  all.clip('a')
  const clock = fakeClock()
  let begun: number | undefined
  const never = new Promise<never>(() => {})
  const body = (async function* () {
    yield Buffer.alloc(1000)
    begun = clock.monotonic()
    await never
  })()
  const open = async (): Promise<OpenedRecording> => {
    if (silent === 'byte') return { body, startsAtByte: 0, representation: 'file' }
    begun = clock.monotonic()
    return never
  }
  const source = all.source({ change: { open, ...(patience ? { patience } : {}) } })
  let ended = false
  const running = all.run({ source, clock, retry: { retries: 0 }, ...options }).finally(() => {
    ended = true
  })
  let over = 0
  while (!ended) {
    await setImmediate()
    if (begun === undefined) continue
    const [row] = await all.rows()
    if (!row?.outcome) over = clock.monotonic()
    clock.advance(second)
  }
  const { summary } = await running
  expect(summary).toMatchObject({ planned: 1, failed: 1 })
  const [row] = await all.rows()
  expect(row?.outcome).toMatchObject({ code: 'TIMEOUT', retryable: true })
  const said = /for (\d+) s/.exec(row?.outcome?.outcome === 'failed' ? row.outcome.message : '')
  const limit = Number(said?.[1])
  expect(over).toBeGreaterThanOrEqual((limit - 1) * second)
  return limit
}

describe('how long a silent source is waited for', () => {
  const slow = { openMs: 300 * second, idleMs: 200 * second }

  it('is what the source needs, where it says so', async () => {
    expect(await waits('answer', slow)).toBe(300)
    expect(await waits('byte', slow)).toBe(200)
  })

  it('is what the user wants, whatever the source says', async () => {
    expect(await waits('answer', slow, { openMs: 50 * second })).toBe(50)
    expect(await waits('byte', slow, { idleMs: 40 * second })).toBe(40)
    expect(await waits('answer', { openMs: 20 * second }, { openMs: 90 * second })).toBe(90)
  })

  it('is two minutes for an answer and half a minute for a byte where nobody says anything', async () => {
    expect(await waits('answer', undefined)).toBe(120)
    expect(await waits('byte', { openMs: 300 * second })).toBe(30)
  })
})
