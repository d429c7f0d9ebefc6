import { describe, expect, it } from 'vitest'
import { ask, headerOf } from '../raw-client.ts'
import { console, front, garage, json, yard } from './client.ts'

interface Event {
  readonly id: string
  readonly type: string
  readonly start: number
  readonly end: number | null
  readonly camera: string
  readonly score: number
  readonly smartDetectTypes: readonly string[]
}

async function dst() {
  const one = await console({ switches: { world: 'dst' } })
  await one.login()
  const list = async (query: string): Promise<Event[]> => json(await one.get(`events?${query}`))
  return { ...one, list, [Symbol.asyncDispose]: () => one.simulator.close() }
}

const window = `start=${Date.parse('2026-10-24T00:00Z')}&end=${Date.parse('2026-10-25T00:00Z')}`
const inWindow = ({ start }: Event) =>
  start >= Date.parse('2026-10-24T00:00Z') && start <= Date.parse('2026-10-25T00:00Z')

describe('the list of events', () => {
  it('wants both ends, or a limit', async () => {
    await using one = await dst()
    for (const query of ['start=1', 'end=1', '', 'start=x&end=1', 'limit=-1'])
      expect([query, (await one.get(`events?${query}`)).status]).toEqual([query, 400])
    for (const query of [window, 'limit=1', 'start=1&limit=1'])
      expect([query, (await one.get(`events?${query}`)).status]).toEqual([query, 200])
  })

  it('looks at the window only where types are named, in either spelling', async () => {
    await using one = await dst()
    const motion = await one.list(`${window}&types=motion`)
    expect(motion.length).toBeGreaterThan(3)
    expect(motion.every((event) => event.type === 'motion' && inWindow(event))).toBe(true)
    const both = await one.list(`${window}&types=motion&types=smartDetectZone`)
    expect(new Set(both.map(({ type }) => type))).toEqual(new Set(['motion', 'smartDetectZone']))
    expect(await one.list(`${window}&type=motion&type=smartDetectZone`)).toEqual(both)
    expect((await one.list(window)).every(inWindow)).toBe(false)
    one.simulator.set({ eventsTypesBug: false })
    expect((await one.list(window)).every(inWindow)).toBe(true)
  })

  it('narrows by what was seen and by camera, but not by a list of cameras joined by commas', async () => {
    await using one = await dst()
    const people = await one.list(`${window}&types=smartDetectZone&smartDetectTypes=person`)
    expect(people.length).toBeGreaterThan(0)
    expect(people.every(({ smartDetectTypes }) => smartDetectTypes.includes('person'))).toBe(true)
    const of = async (cameras: string) =>
      new Set((await one.list(`${window}&types=motion&types=smartDetectZone${cameras}`)).map(({ camera }) => camera))
    expect(await of(`&cameras=${garage}`)).toEqual(new Set([garage]))
    expect(await of(`&cameras=${garage}&cameras=${front}`)).toEqual(new Set([garage, front]))
    expect(await of(`&cameras=${garage},${front}`)).toEqual(new Set())
  })

  it('keeps the newest where there are more than the limit, unless an order is named', async () => {
    await using one = await dst()
    const every = await one.list(`${window}&types=motion`)
    const starts = every.map(({ start }) => start)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    const page = (query: string) => one.list(`${window}&types=motion&limit=2&${query}`)
    expect(await page('')).toEqual(every.slice(-2))
    expect(await page('offset=2')).toEqual(every.slice(-4, -2))
    expect(await page('orderDirection=ASC')).toEqual(every.slice(0, 2))
    expect(await page('orderDirection=ASC&offset=2')).toEqual(every.slice(2, 4))
    expect(await page('orderDirection=DESC')).toEqual(every.toReversed().slice(0, 2))
    expect(await page(`orderDirection=ASC&offset=${every.length}`)).toEqual([])
  })

  it('has ids of two shapes, an ongoing event, audio without a score, and our own exports', async () => {
    await using one = await dst()
    const week = `start=${Date.parse('2026-10-20T00:00Z')}&end=${Date.parse('2026-10-27T00:00Z')}`
    const every = await one.list(`${week}&types=motion&types=smartDetectZone&types=smartAudioDetect&types=ring`)
    expect(every.some(({ id }) => /^[0-9a-f]{24}$/.test(id))).toBe(true)
    expect(every.some(({ id }) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(id))).toBe(true)
    expect(every.filter(({ end }) => end === null)).toMatchObject([{ type: 'ring', camera: yard }])
    expect(every.filter(({ type, score }) => type === 'smartAudioDetect' && score !== 0)).toEqual([])
    await one.film(front!, '2026-10-24T00:00Z', '2026-10-24T00:01Z')
    expect(await one.list('limit=1')).toMatchObject([{ type: 'videoExported', camera: front }])
  })
})

describe('one event', () => {
  it('has a picture once it is over, by its bare id', async () => {
    await using one = await dst()
    const [motion] = await one.list(`${window}&types=motion&limit=1`)
    expect(json(await one.get(`events/${motion!.id}`))).toEqual(motion)
    const picture = await one.get(`events/${motion!.id}/thumbnail`)
    expect([picture.status, headerOf(picture, 'content-type')]).toEqual([200, 'image/jpeg'])
    expect(picture.body.readUInt16BE(0)).toBe(0xffd8)
    expect((await one.get(`events/e-${motion!.id}/thumbnail`)).status).toBe(404)
    expect((await one.get(`thumbnails/e-${motion!.id}`)).body.equals(picture.body)).toBe(true)
    // Its own id has an `e-` inside.
    const ring = 'c6e8ad3e-0e7e-4a3e-be1e-5f0e9c1e2d3e'
    expect(json(await one.get(`events/${ring}`))).toMatchObject({ end: null, thumbnail: `e-${ring}` })
    expect((await one.get(`events/${ring}/thumbnail`)).status).toBe(404)
  })
})

describe('snapshots', () => {
  it('are live or of the archive, at the last key picture', async () => {
    await using one = await dst()
    const live = await one.get(`cameras/${front}/snapshot?ts=1&force=true`)
    expect([live.status, headerOf(live, 'content-type')]).toEqual([200, 'image/jpeg'])
    const old = (ts: string) => one.get(`cameras/${front}/recording-snapshot?ts=${Date.parse(ts)}`)
    const [one1, same, other] = [
      await old('2026-10-24T01:00:01Z'),
      await old('2026-10-24T01:00:04Z'),
      await old('2026-10-24T01:00:05Z'),
    ]
    expect([one1.body.equals(same.body), one1.body.equals(other.body)]).toEqual([true, false])
    expect((await old('2026-10-24T21:30:00Z')).status).toBe(404)
    one.simulator.set({ rightMissing: 'all' })
    expect((await old('2026-10-24T01:00:01Z')).status).toBe(403)
  })

  it('may be no pictures at all', async () => {
    await using one = await console({ switches: { world: 'nasty', snapshotForm: 'json' } })
    await one.login()
    const cameras: { id: string; state: string }[] = json(await one.get('cameras'))
    const up = cameras.find(({ state }) => state === 'CONNECTED')!
    const down = cameras.find(({ state }) => state === 'DISCONNECTED')!
    const reply = await one.get(`cameras/${up.id}/snapshot`)
    expect([reply.status, json(reply)]).toEqual([200, { error: 'Snapshot failed' }])
    one.simulator.set({ snapshotForm: 'html' })
    expect(headerOf(await one.get(`cameras/${up.id}/snapshot`), 'content-type')).toBe('text/html')
    expect((await one.get(`cameras/${down.id}/snapshot`)).status).toBe(503)
    expect((await ask(one.simulator.url, `/proxy/protect/api/cameras/${up.id}/snapshot`)).status).toBe(401)
  })
})
