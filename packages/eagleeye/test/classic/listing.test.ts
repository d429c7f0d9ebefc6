import { expect, it } from 'vitest'
import { questions } from '../../src/client/classic/intervals.ts'
import { fromTimestamp } from '../../src/wire/classic/timestamp.ts'
import { recordingId } from '../../src/wire/recording-id.ts'
import {
  asked,
  call,
  cameraB,
  camerasOf,
  clip,
  day,
  failure,
  hour,
  hurriedClock,
  listed,
  minute,
  pair,
  second,
  today,
  worldOf,
} from './pretend.ts'
import { scripted } from './scripted.ts'

const window = { start: today - 2 * day, end: today - day }
const ids = (clips: readonly { start: number }[]) => clips.map(({ start }) => recordingId({ start }))

it('lists the one clip of a camera', async () => {
  const only = clip(hour, minute)
  await using both = await pair({ world: worldOf([only]) })
  expect(await listed(both.source, window)).toMatchObject([
    { id: recordingId(only), window: { start: only.start, end: only.end }, windowFrom: 'source', extension: 'flv' },
  ])
})

it.each(['overlapping', 'starting'] as const)(
  'finds what lies over the edges where lists are %s',
  async (listEdges) => {
    const inside = [clip(-4 * hour, 4 * hour + second), clip(hour, minute), clip(day - second, 3 * minute)]
    const outside = [clip(-5 * hour, minute), clip(-minute, minute - second), clip(day, minute)]
    const clips = [...inside, ...outside].sort((a, b) => a.start - b.start)
    await using both = await pair({ world: worldOf(clips), switches: { listEdges } })
    const found = await listed(both.source, window)
    const starts = found.map(({ id }) => id.replace(/\+.*/, ''))
    expect(new Set(starts)).toEqual(new Set(ids(inside)))
    // Of the long one the piece that reaches into the window.
    expect(found[0]).toMatchObject({ id: `${ids(inside)[0]}+${4 * hour}`, window: { end: inside[0]!.end } })
  },
)

it.each(['duplicates', 'stale'] as const)('takes %s entries once, the longest', async (listNoise) => {
  const clips = [0, 1, 2, 3, 4].map((index) => clip(index * hour + hour, minute + index))
  await using both = await pair({ world: worldOf(clips), switches: { listNoise } })
  const found = await listed(both.source, window)
  expect(found.map(({ window }) => window)).toEqual(clips.map(({ start, end }) => ({ start, end })))
})

it('asks for a day at most, never coalesced, and leaves no moment out', async () => {
  await using both = await pair({ world: worldOf([]) })
  await listed(both.source, { start: today - 8 * day, end: today - day })
  const spans = both.cloud.log.entries.flatMap(({ node, target }) => {
    if (node !== 'list') return []
    expect(target).not.toContain('coalesce')
    const query = new URL(target, 'http://cloud').searchParams
    return [{ start: fromTimestamp(query.get('start_timestamp'))!, end: fromTimestamp(query.get('end_timestamp'))! }]
  })
  expect(spans[0]?.start).toBe(today - 8 * day - 8 * hour)
  expect(spans.at(-1)?.end).toBe(today - day + 8 * hour)
  for (const [index, { start, end }] of spans.entries()) {
    expect(end - start).toBeLessThanOrEqual(day)
    if (index > 0) expect(spans[index - 1]!.end - start).toBe(8 * hour)
  }
})

it('never asks for more than there can be', () => {
  expect(questions({ start: 0, end: 1 }, 0, today)).toEqual([])
  expect(questions({ start: today, end: today + day }, day, today)).toEqual([])
  expect(questions({ start: 0, end: Number.MAX_SAFE_INTEGER }, 30 * day, today).length).toBeLessThan(15_000)
})

it('without a window goes back to the first clip', async () => {
  const clips = [clip(-60 * day, minute), clip(-40 * day, minute), clip(0, minute)]
  await using both = await pair({ world: worldOf(clips) })
  expect((await listed(both.source)).map(({ id }) => id)).toEqual(ids(clips))
  expect(await listed(both.source, undefined, cameraB)).toEqual([])
})

it('leaves what still grows, and takes the pieces before it', async () => {
  const growing = clip(day - 12 * minute, hour)
  const clock = hurriedClock(window.end)
  await using both = await pair({ world: worldOf([growing]) }, {}, clock)
  const places = async () =>
    (await listed(both.source, { ...window, end: today })).map(({ id, settled }) => [id, settled])
  const id = recordingId(growing)
  expect(await places()).toEqual([
    [id, undefined],
    [`${id}+300000`, false],
    [`${id}+600000`, false],
  ])
  clock.advance(5 * minute)
  expect(await places()).toEqual([
    [id, undefined],
    [`${id}+300000`, undefined],
    [`${id}+600000`, false],
    [`${id}+900000`, false],
  ])
})

it('a clip that goes on and is listed twice is one, and later ones that end together are two', async () => {
  const growing = clip(day - 14 * minute, hour)
  const inside = clip(hour + 10 * second, 50 * second)
  const clock = hurriedClock(window.end)
  const world = worldOf([clip(hour, minute), inside, growing])
  await using both = await pair({ world, switches: { growingTwice: true } }, {}, clock)
  const found = await listed(both.source, { ...window, end: today })
  const id = recordingId(growing)
  expect(found.map((one) => one.id)).toEqual([
    recordingId(clip(hour, minute)),
    recordingId(inside),
    ...[id, `${id}+300000`, `${id}+600000`],
  ])
})

it('takes a clip as settled that ended so long ago', async () => {
  const ended = clip(hour, minute)
  const settled = async (nowMs: number) => {
    await using both = await pair({ world: worldOf([ended]) }, {}, hurriedClock(ended.end + nowMs))
    return (await listed(both.source, window)).map((one) => one.settled)
  }
  expect(await settled(5 * minute - 1)).toEqual([false])
  expect(await settled(5 * minute)).toEqual([undefined])
})

it('shows cameras that are not attached, and looks for their footage only when told to', async () => {
  await using both = await pair({ switches: { world: 'week' } })
  const cameras = await camerasOf(both.source)
  expect(cameras).toHaveLength(21)
  const stranger = cameras.find(({ facts }) => facts?.service === 'IGND')!
  expect(stranger).toMatchObject({ name: 'Not Ours', facts: { attached: false } })
  expect(await listed(both.source, window, stranger.id)).toEqual([])
  expect(asked(both.cloud, 'list')).toBe(0)
  const classic = { username: 'archivist@example.com', password: 'pass', unattached: true }
  expect(
    (await listed(both.again({ classic }), { start: today - 8 * day, end: today }, stranger.id)).length,
  ).toBeGreaterThan(0)
})

it('shows rows that cannot be read as cameras whose list fails', async () => {
  const good = ['1', '100a1000', 'Dock', 'camera', [], 'ATTD']
  await using cloud = await scripted({
    'GET /g/device/list': { json: [['1', '100b1000', '', 'bridge'], good, ['1', '', 'Lost', 'camera'], good] },
    'GET /asset/list/video': { json: [] },
  })
  const cameras = await camerasOf(cloud.source)
  expect(cameras.map(({ id }) => id)).toEqual(['100a1000', 'unreadable-3'])
  expect((await failure(listed(cloud.source, window, 'unreadable-3'))).message).toMatch(/Entry 3 .* no usable id/)
})

it.each<[string, object, RegExp]>([
  ['a page', { text: '<html>Sign in</html>' }, /not JSON/],
  ['an object', { json: { error: 'x' } }, /it is no list/],
  ['an entry without an end', { json: [{ s: '20260209073000.137' }] }, /entry 1 has no usable end/],
  ['202', { status: 202, json: { id: 'x' } }, /HTTP 202/],
  ['403', { status: 403, text: 'Forbidden' }, /may not have the list of recordings/],
])('does not conclude anything from %s', async (_, reply, said) => {
  await using cloud = await scripted({
    'GET /g/device/list': { json: [['1', '100a1000', 'Dock', 'camera', [], 'ATTD']] },
    'GET /asset/list/video': reply,
  })
  expect((await failure(listed(cloud.source, window))).message).toMatch(said)
})

it('does not take a page for an empty list of devices', async () => {
  await using cloud = await scripted({ 'GET /g/device/list': { text: '' } })
  expect((await failure(camerasOf(cloud.source))).message).toMatch(/device list cannot be read/)
})

it('refuses what it did not list', async () => {
  await using both = await pair({ world: worldOf([]) })
  const recording = { id: 'x', cameraId: 'y', windowFrom: 'none', extension: 'flv', resume: 'never' } as const
  expect(await failure(both.source.open(recording, { byte: 0 }, call))).toMatchObject({ code: 'REQUEST' })
})
