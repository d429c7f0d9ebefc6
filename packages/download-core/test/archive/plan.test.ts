import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type DryRunOptions, type PlanEvent, type PlannedEnd, plan } from '../../src/archive/plan.ts'
import { ArchiveMissingError } from '../../src/footage/errors.ts'
import { toy } from './fixture.ts'

async function all(options: DryRunOptions) {
  const events: PlanEvent[] = []
  const planning = plan(options)
  for (;;) {
    const { done, value } = await planning.next()
    if (done) return { events, end: value as PlannedEnd }
    events.push(value)
  }
}

it('says what would be fetched, to where, and writes nothing', async () => {
  const { source, into, clip, server, rows, ledger } = await toy()
  clip('a')
  clip('b')
  clip('growing', { settled: false })
  const { events, end } = await all({ source: source(), into, ledger })
  expect(end).toEqual({ planned: 3, toFetch: 2, bytes: 40_000 })
  expect(events.map((event) => event.type)).toEqual([
    'camera-listed',
    'recording-planned',
    'recording-planned',
    'recording-planned',
    'planned',
  ])
  expect(events.filter((event) => event.type === 'recording-planned')).toMatchObject([
    { recording: { id: 'growing' }, fetch: false, outcome: { outcome: 'pending' } },
    { recording: { id: 'a' }, fetch: true, path: 'Yard/2026/03/01/12-00-00+0000.mp4' },
    { recording: { id: 'b' }, fetch: true, path: 'Yard/2026/03/01/12-01-00+0000.mp4' },
  ])
  expect(await readdir(into)).toEqual([])
  expect(await rows()).toEqual([])
  expect(server.media()).toEqual([])
})

it('knows what is kept, and what a run would find lost', async () => {
  const { source, into, clip, ledger, run, rows } = await toy()
  clip('a')
  clip('b')
  await run()
  await rm(join(into, 'Yard/2026/03/01/12-00-00+0000.mp4'))
  const { events, end } = await all({ source: source(), into, ledger })
  expect(end).toMatchObject({ planned: 2, toFetch: 1 })
  expect(events.filter((event) => event.type === 'recording-planned')).toMatchObject([
    { recording: { id: 'b' }, fetch: false, path: 'Yard/2026/03/01/12-01-00+0000.mp4' },
    { recording: { id: 'a' }, fetch: true, path: 'Yard/2026/03/01/12-00-00+0000.mp4' },
  ])
  expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['kept', 'kept'])
})

it('is as strict as a run about a disk that is not mounted', async () => {
  const { source, into } = await toy()
  const registry = { get: async () => 'known', set: async () => {} }
  await expect(all({ source: source(), into, registry })).rejects.toBeInstanceOf(ArchiveMissingError)
})

it('shows a list that failed', async () => {
  const { source, server } = await toy()
  server.faults.failListing.add('cam-1')
  const { events, end } = await all({ source: source() })
  expect(events.map(({ type }) => type)).toEqual(['listing-failed', 'planned'])
  expect(end).toMatchObject({ planned: 1, toFetch: 0 })
})
