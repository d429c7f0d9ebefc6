import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archive, memoryLedger } from '@cam/download-core'
import { expect, it } from 'vitest'
import { recordingId } from '../../src/wire/recording-id.ts'
import { call, cameraOf, day, hour, minute, openAtLast, pair, recordingsOf, today } from './pretend-cloud.ts'

const id = '1002a0b1'
const start = today - day
const window = { start: today - 2 * day, end: today }

function worldOf(lastsMs: number) {
  const bridges = [{ id: '100b0001', name: 'B' }]
  const cameras = [{ id, name: 'Gate', bridgeId: '100b0001', clips: [{ start, end: start + lastsMs }] }]
  return { accountId: '00032123', window, bridges, cameras }
}

async function growing(lastsMs: number) {
  const it = await pair({ world: worldOf(lastsMs) })
  const into = await mkdtemp(join(tmpdir(), 'eagleeye-growth-v3-'))
  const options = { into, ledger: memoryLedger(), window, clock: it.clock, reserveBytes: 0 }
  return {
    it,
    extend: (ms: number) => it.cloud.extend(id, start, ms),
    async kept() {
      const before = [it.asked('media'), it.asked('export')]
      const fresh: string[] = []
      for await (const event of archive({ source: it.again(), ...options })) {
        if (event.type !== 'recording-ended' || event.already) continue
        const { outcome, recording } = event
        const form = recording.id.includes('+') ? 'export' : 'mp4'
        const film = it.cloud.film(id, recording.window!, form)
        fresh.push(
          `${recording.id.replace(/.*Z/, '')} ${outcome.outcome === 'kept' && outcome.sha256 === film?.sha256}`,
        )
      }
      return { fresh: fresh.sort(), media: it.asked('media') - before[0]!, exports: it.asked('export') - before[1]! }
    },
    async [Symbol.asyncDispose]() {
      await it[Symbol.asyncDispose]()
      await rm(into, { recursive: true, force: true })
    },
  }
}

it('orders only what has come behind a kept clip, and that once', async () => {
  await using one = await growing(2 * minute)
  const { kept, extend } = one
  expect(await kept()).toEqual({ fresh: [' true'], media: 1, exports: 0 })
  extend(40_000)
  expect(await kept()).toEqual({ fresh: ['+120000 true'], media: 1, exports: 1 })
  expect(await kept()).toEqual({ fresh: [], media: 0, exports: 0 })
  extend(10 * minute)
  expect(await kept()).toEqual({ fresh: ['+160000 true'], media: 1, exports: 1 })
  expect(await kept()).toEqual({ fresh: [], media: 0, exports: 0 })
  expect(one.it.cloud.violations).toEqual([])
})

it('asks for no more at once than an export may hold', async () => {
  await using it = await pair({ world: worldOf(20 * hour), switches: { mp4UrlNull: 'all' } })
  const parts = await recordingsOf(it.source, { id, window })
  const shown = (list: typeof parts) => list.map(({ id, window }) => [id, window!.end - window!.start])
  expect(shown(parts)).toEqual([
    [recordingId({ start }), 8 * hour],
    [recordingId({ start, offsetMs: 8 * hour }), 8 * hour],
    [recordingId({ start, offsetMs: 16 * hour }), 4 * hour],
  ])
  for (const part of parts) expect(await it.source.open(part, { byte: 0 }, call)).toHaveProperty('askAgainAfterMs')
  expect(it.asked('export')).toBe(3)
  const whole = { ...parts[0]!, window: { start, end: start + 20 * hour } }
  expect(shown([...it.source.remainder!(whole, start + hour)])).toEqual([
    [recordingId({ start, offsetMs: hour }), 8 * hour],
    [recordingId({ start, offsetMs: 9 * hour }), 8 * hour],
    [recordingId({ start, offsetMs: 17 * hour }), 3 * hour],
  ])
})

it('orders the parts of a clip of more than 8 hours, also where it has an address', async () => {
  await using it = await pair({ world: worldOf(9 * hour) })
  const parts = await recordingsOf(it.source, { id, window: { start: start + 8 * hour, end: today } })
  expect(parts.map(({ id }) => id)).toEqual([recordingId({ start, offsetMs: 8 * hour })])
  const [first] = await recordingsOf(it.source, { id, window })
  expect(await it.source.open(first!, { byte: 0 }, call)).toHaveProperty('askAgainAfterMs')
  expect([it.asked('media'), it.asked('export')]).toEqual([0, 1])
})

it("lists a clip of 20 hours on both sides of a window's edge", async () => {
  await using it = await pair({ world: worldOf(20 * hour) })
  const edge = start + 10 * hour
  const before = await recordingsOf(it.source, { id, window: { start: edge - day, end: edge } })
  const behind = await recordingsOf(it.source, { id, window: { start: edge, end: edge + 12 * hour } })
  expect(before.map(({ id }) => id)).toEqual([recordingId({ start }), recordingId({ start, offsetMs: 8 * hour })])
  expect(behind.map(({ id }) => id)).toEqual([8, 16].map((hours) => recordingId({ start, offsetMs: hours * hour })))
})

it('cuts out what the ledger knows of a clip that has gone on since', async () => {
  await using it = await pair({ world: worldOf(2 * minute) })
  const [before] = await recordingsOf(it.source, { id, window })
  it.cloud.extend(id, start, 10 * minute)
  const later = it.again()
  await cameraOf(later, id)
  const { answer } = await openAtLast(later, before!)
  if (!('body' in answer)) throw new Error('No body.')
  expect(answer.representation).toMatch(/^export /)
  expect(answer.totalBytes).toBe(it.cloud.film(id, before!.window!, 'export')!.bytes)
  // The same source, after a new list: the address is that of all of it.
  const [whole] = await recordingsOf(it.source, { id, window })
  const direct = await it.source.open(whole!, { byte: 0 }, call)
  expect('body' in direct && [direct.representation, direct.totalBytes]).toEqual([
    'mp4Url',
    it.cloud.film(id, whole!.window!, 'mp4')!.bytes,
  ])
})

it.each(['main/2026-02-09T00:00:00.000Z+5', 'main/2026-02-09T00:00:00.001Z'])(
  'refuses %s: it begins elsewhere',
  async (wrong) => {
    await using it = await pair({ world: worldOf(2 * minute) })
    const [whole] = await recordingsOf(it.source, { id, window })
    await expect(it.source.open({ ...whole!, id: wrong }, { byte: 0 }, call)).rejects.toMatchObject({ code: 'REQUEST' })
  },
)
