import { type Camera, isGap, type Recording } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { unifiProtect } from '../src/index.ts'
import { failure, hurriedClock, span } from './pretend-console.ts'
import { jwt, password, type Script, type Scripted, scripted } from './scripted-console.ts'

const call = { signal: new AbortController().signal }
const window = span('2026-11-02T08:00:00Z', '2026-11-02T10:00:00Z')
const id = '61b3f5c90050a703e700042a'
const root = '/proxy/protect/api'
const video = { recordingStart: window.start - 1, recordingStartLQ: null, recordingEnd: window.end }
const camera = { id, name: 'Yard', isAdopted: true, stats: { video }, recordingSettings: { mode: 'motion' } }

async function against(script: Script) {
  const console = await scripted({
    'GET /': { page: '<html>', headers: { 'x-csrf-token': 'csrf' } },
    'POST /api/auth/login': { json: {}, headers: { 'set-cookie': `TOKEN=${jwt({})}; HttpOnly`, 'x-csrf-token': 'c' } },
    'POST /api/auth/logout': { json: {} },
    [`GET ${root}/nvr`]: { json: { id: '61b3f5c7033ea703e7000424', name: 'Home' } },
    [`GET ${root}/cameras`]: { json: [camera] },
    [`GET ${root}/cameras/${id}`]: { json: camera },
    [`GET ${root}/events`]: { json: [] },
    ...script,
  })
  const source = unifiProtect({
    ...{ address: `127.0.0.1:${console.port}`, username: 'archivist', password },
    ...{ tls: { insecure: true }, clock: hurriedClock(), env: {}, retry: { retries: 1, delayMs: 1 } },
  })
  return {
    console,
    source,
    async cameras() {
      const found: Camera[] = []
      for await (const each of source.cameras(call)) found.push(each)
      return found
    },
    async recordings(of: Camera = { id, name: 'Yard' }) {
      const found: Recording[] = []
      for await (const each of source.recordings(of, window, call)) if (!isGap(each)) found.push(each)
      return found
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]()
      await console[Symbol.asyncDispose]()
    },
  }
}

describe('a list of cameras', () => {
  it('with entries that are no cameras is reported entry by entry, and the others are there', async () => {
    const list = [null, { name: 'no id' }, { ...camera, name: 'x'.repeat(10 * 1024 * 1024) }, 'camera', [camera]]
    await using both = await against({ [`GET ${root}/cameras`]: { json: list } })
    const cameras = await both.cameras()
    expect(cameras.map((each) => [each.id, each.name.length])).toEqual([
      ['unreadable-1', 12],
      ['unreadable-2', 12],
      [id, 200],
      ['unreadable-4', 12],
      ['unreadable-5', 12],
    ])
    expect(await both.recordings(cameras[2])).toHaveLength(2)
    const error = await failure(both.recordings(cameras[1]))
    expect(error).toMatchObject({ code: 'PROTOCOL' })
    expect(error.message).toMatch(/Entry 2 .* has no id/)
  })

  it.each([{ cameras: [camera] }, null, 'cameras', 7])(
    'that is none (%j) is a failure, not "no cameras"',
    async (json) => {
      await using both = await against({ [`GET ${root}/cameras`]: { json } })
      expect(await failure(both.cameras())).toMatchObject({ code: 'PROTOCOL' })
    },
  )

  it('of a console without a page for each camera serves as well', async () => {
    await using both = await against({ [`GET ${root}/cameras/${id}`]: { status: 404, json: { error: 'Not Found' } } })
    expect(await both.recordings()).toHaveLength(2)
  })

  it('whose page of a camera is that of another one is not believed', async () => {
    await using both = await against({ [`GET ${root}/cameras/${id}`]: { json: { ...camera, id: 'other' } } })
    expect(await failure(both.recordings())).toMatchObject({ code: 'PROTOCOL' })
  })

  it('that says nothing of the age of footage is no reason to ask for less', async () => {
    await using both = await against({ [`GET ${root}/cameras/${id}`]: { json: { id } } })
    expect((await both.recordings()).map(({ window }) => window)).toEqual([
      span('2026-11-02T08:00:00Z', '2026-11-02T09:00:00Z'),
      span('2026-11-02T09:00:00Z', '2026-11-02T10:00:00Z'),
    ])
    const open = both.source.recordings({ id, name: '' }, undefined, call)[Symbol.asyncIterator]()
    await expect(open.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('who the console is', () => {
  it.each([404, 403])('is told by bootstrap where nvr is answered with %i', async (status) => {
    const nvr = { mac: '4B8290F6D7A3', name: 'Old' }
    await using both = await against({
      [`GET ${root}/nvr`]: { status, json: { error: 'x' } },
      [`GET ${root}/bootstrap`]: { json: { nvr } },
    })
    expect(await both.source.identify(call)).toEqual({ id: '4B8290F6D7A3', name: 'Old' })
  })

  it('is its address only where it tells nothing, and not where it only fails', async () => {
    await using silent = await against({ [`GET ${root}/nvr`]: { json: {} } })
    expect((await silent.source.identify(call)).id).toBe(`127.0.0.1:${silent.console.port}`)
    await using failing = await against({ [`GET ${root}/nvr`]: { status: 500, json: {} } })
    expect(await failure(failing.source.identify(call))).toMatchObject({ code: 'SERVER' })
  })
})

describe('a list of events', () => {
  const page = (count: number, from = 0): Scripted => ({
    json: Array.from({ length: count }, (_, index) => ({
      ...{ id: `e-${from + index}`, type: 'motion', camera: id },
      ...{ start: window.start + (from + index) * 1000, end: window.start + (from + index) * 1000 + 500 },
    })),
  })
  const collected = async (both: Awaited<ReturnType<typeof against>>) => {
    const found: string[] = []
    for await (const event of both.source.events({ ...window, cameras: [id] }, call)) found.push(event.id)
    return found
  }

  it('that sends its first page again and again ends as a failure', async () => {
    await using both = await against({ [`GET ${root}/events`]: () => page(100) })
    const error = await failure(collected(both))
    expect(error).toMatchObject({ code: 'PROTOCOL' })
    expect(error.message).toMatch(/same page again/)
    expect(both.console.asked(`GET ${root}/events`)).toBe(2)
  })

  it('that never ends is left, and says so', async () => {
    await using both = await against({ [`GET ${root}/events`]: ({ query }) => page(100, Number(query.get('offset'))) })
    const error = await failure(collected(both))
    expect(error.message).toMatch(/more than 500 pages/)
    expect(both.console.asked(`GET ${root}/events`)).toBe(500)
  })

  it('with pages smaller than asked for is read to its end', async () => {
    await using both = await against({
      [`GET ${root}/events`]: ({ query }) => {
        const offset = Number(query.get('offset'))
        return page(Math.min(30, 75 - offset), offset)
      },
    })
    expect(await collected(both)).toHaveLength(75)
  })

  it('that pays no heed to window, types and camera is filtered', async () => {
    const own = { id: 'own', type: 'ring', camera: id, start: window.start, end: window.start + 1 }
    const others = [
      { ...own, id: 'early', start: window.start - 10_000, end: window.start - 5000 },
      { ...own, id: 'typed', type: 'access' },
      { ...own, id: 'elsewhere', camera: 'other' },
      { ...own, id: 'part', camera: id.slice(2, -2) },
      { ...own, id: 'more', camera: `${id}0` },
      { ...own, id: 'nobody', camera: null },
    ]
    await using both = await against({
      [`GET ${root}/events`]: ({ query }) => ({ json: query.get('offset') === '0' ? [...others, own] : [] }),
    })
    expect(await collected(both)).toEqual(['own'])
  })

  it('with entries that cannot be read brings the others, and then says so', async () => {
    const list = [
      { id: 'a', type: 'ring', camera: id, start: window.start, end: null },
      { id: 'b' },
      7,
      { start: 1e300 },
    ]
    await using both = await against({
      [`GET ${root}/events`]: ({ query }) => ({ json: query.get('offset') === '0' ? list : [] }),
    })
    const found: string[] = []
    const reading = (async () => {
      for await (const event of both.source.events(window, call)) found.push(event.id)
    })()
    expect((await failure(reading)).message).toMatch(/3 entries have no id, type or start/)
    expect(found).toEqual(['a'])
  })

  it.each([
    [{ status: 500, json: { error: 'busy' } }],
    [{ status: 403, json: { error: 'Forbidden' } }],
    [{ hangUp: true }],
    [{ json: { error: 'x' } }],
  ] satisfies [Scripted][])('that cannot be had costs no footage: %j', async (answer) => {
    await using both = await against({ [`GET ${root}/events`]: answer })
    const recordings = await both.recordings()
    expect(recordings.map(({ expect: wanted }) => wanted?.windows)).toEqual([[], []])
  })

  it('that is refused with the login ends the listing', async () => {
    await using both = await against({ [`GET ${root}/events`]: { status: 401, json: {} } })
    expect(await failure(both.recordings())).toMatchObject({ code: 'AUTHENTICATION' })
  })
})
