import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { UnifiProtectSwitches } from '../../src/unifi-protect/index.ts'
import { headerOf } from '../raw-client.ts'
import { console, front, garage, json, yard } from './client.ts'
import { readFilm } from './film.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function loggedIn(switches: Partial<UnifiProtectSwitches> = {}) {
  const one = await console({ switches: { world: 'dst', ...switches } })
  await one.login()
  return one
}

describe('an export', () => {
  it('is the film the truth tells of, with the head a console sends', async () => {
    await using one = await loggedIn()
    const window = { start: Date.parse('2026-10-24T00:00Z'), end: Date.parse('2026-10-24T12:00Z') }
    const kept = one.simulator.truth(window).filter(({ outcome }) => outcome === 'kept')
    expect(kept.length).toBeGreaterThan(20)
    for (const { cameraId, start, end, sha256: sum, bytes, width, height } of kept) {
      const reply = await one.film(cameraId, start, end)
      expect([reply.status, reply.body.length, sha256(reply.body)]).toEqual([200, bytes, sum])
      expect(readFilm(reply.body)).toMatchObject({ width, height, boxes: ['ftyp', 'mdat', 'moov'] })
    }
    const { start } = kept[0]!
    const { headers } = await one.film(front!, start, start + 3_600_000)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(kept[0]!.bytes),
      'content-disposition': `attachment; filename="E063DA00A001_0_${start}_${start + 3_600_000}.mp4"`,
    })
    expect(kept[0]!.bytes).toBeLessThan(300_000)
  })

  it('begins and ends with whole groups of pictures', async () => {
    await using one = await loggedIn()
    const snapped = await one.film(front!, '2026-10-24T01:00:03.500Z', '2026-10-24T01:00:11Z')
    expect(readFilm(snapped.body)).toMatchObject({
      ...{ duration: 15, pictures: 15, keyPictures: 3, createdAt: Date.parse('2026-10-24T01:00Z') },
      shows: ['2026-10-24T01:00:00.000Z', '2026-10-24T01:00:05.000Z', '2026-10-24T01:00:10.000Z'],
    })
    const same = await one.film(front!, '2026-10-24T01:00Z', '2026-10-24T01:00:15Z')
    expect(sha256(same.body)).toBe(sha256(snapped.body))
    one.simulator.set({ overrunMs: 4000 })
    const wider = readFilm((await one.film(front!, '2026-10-24T01:00Z', '2026-10-24T01:00:15Z')).body)
    expect([wider.duration, wider.shows[0]]).toEqual([25, '2026-10-24T00:59:55.000Z'])
  })

  it('knows no ranges and no HEAD', async () => {
    await using one = await loggedIn()
    const target = `video/export?camera=${front}&start=${Date.parse('2026-10-24T01:00Z')}&end=${Date.parse('2026-10-24T01:01Z')}`
    const whole = await one.get(target)
    const part = await one.get(target, { headers: { Range: 'bytes=100-199' } })
    expect([part.status, part.body.length]).toEqual([200, whole.body.length])
    expect([headerOf(part, 'accept-ranges'), headerOf(part, 'content-range')]).toEqual([undefined, undefined])
    expect((await one.get(target, { method: 'HEAD' })).status).toBe(404)
  })

  it('comes in the low stream where only that is left, or where it was asked for', async () => {
    await using one = await loggedIn()
    const size = async (from: string, to: string, more?: string) => {
      const { width, height } = readFilm((await one.film(yard!, from, to, more)).body)
      return [width, height]
    }
    expect(await size('2026-10-25T04:00Z', '2026-10-25T05:00Z')).toEqual([160, 90])
    expect(await size('2026-10-25T06:00Z', '2026-10-25T07:00Z')).toEqual([320, 180])
    expect(await size('2026-10-25T06:00Z', '2026-10-25T07:00Z', '&channel=2')).toEqual([160, 90])
    expect(await size('2026-10-25T06:00Z', '2026-10-25T07:00Z', '&channel=1')).toEqual([240, 136])
    one.simulator.set({ standIn: true })
    expect(await size('2026-10-25T06:00Z', '2026-10-25T07:00Z')).toEqual([160, 90])
  })

  it('is the same film from the hour on as from where the footage begins', async () => {
    await using one = await loggedIn()
    const hour = await one.film(yard!, '2026-10-24T05:00Z', '2026-10-24T06:00Z')
    const piece = await one.film(yard!, '2026-10-24T05:17:40Z', '2026-10-24T06:00Z')
    expect(readFilm(piece.body).shows[0]).toBe('2026-10-24T05:17:40.000Z')
    expect(hour.body.equals(piece.body)).toBe(true)
  })

  it('of a package camera is asked for as a lens', async () => {
    await using one = await console({ switches: { world: 'nasty' } })
    await one.login()
    const doorbell = json(await one.get('cameras')).find(({ name }: { name: string }) => name === 'Doorbell')
    expect(doorbell.lenses).toMatchObject([{ id: 2 }])
    const start = Date.parse('2026-11-02T08:00Z')
    const byLens = await one.film(doorbell.id, start, start + 60_000, '&lens=2')
    const byChannel = await one.film(doorbell.id, start, start + 60_000, '&channel=3')
    expect(readFilm(byLens.body)).toMatchObject({ width: 120, height: 160 })
    expect(byLens.body.equals(byChannel.body)).toBe(true)
    expect((await one.film(front!, start, start + 60_000, '&lens=2')).status).toBe(404)
  })

  it('of nothing is an error in one of four forms', async () => {
    await using one = await loggedIn()
    const nothing = async (emptyForm: UnifiProtectSwitches['emptyForm']) => {
      one.simulator.set({ emptyForm })
      return one.film(front!, '2026-10-24T21:00Z', '2026-10-24T22:00Z')
    }
    const [first, second] = [await nothing('500'), await nothing('rust')]
    expect([first.status, json(first)]).toEqual([500, { error: 'No files found matching criteria.' }])
    expect([second.status, json(second)]).toEqual([500, { error: 'track information is not valid' }])
    const third = await nothing('404')
    expect([third.status, json(third)]).toEqual([404, { error: 502, operationId: expect.any(Number) }])
    const stub = await nothing('200-stub')
    expect([stub.status, stub.body.length, headerOf(stub, 'content-type')]).toEqual([200, 290, 'video/mp4'])
    expect(stub.body.toString('latin1', 4, 8)).toBe('ftyp')
    expect(json(await (await nothingOf('legacy')).reply)).toEqual({ error: 'No files found matching criteria.' })
    expect((await (await nothingOf('protect-4')).reply).body.length).toBe(290)
    // Seconds are read as milliseconds, and nobody recorded in 1970.
    one.simulator.set({ emptyForm: '404' })
    const seconds = await one.film(
      front!,
      Date.parse('2026-10-24T01:00Z') / 1000,
      Date.parse('2026-10-24T02:00Z') / 1000,
    )
    expect(seconds.status).toBe(404)
  })

  it('refuses what makes no sense, and paths that never were', async () => {
    await using one = await loggedIn()
    expect((await one.film('61b3f5c90050a703e7009999', 0, 1000)).status).toBe(404)
    expect((await one.get(`video/export?camera=${front}&start=1.5&end=x`)).status).toBe(400)
    const backwards = await one.film(front!, '2026-10-24T02:00Z', '2026-10-24T01:00Z')
    expect(backwards.status).toBe(500)
    for (const path of ['video/segments', `cameras/${front}/video/export`, `video/export/${front}`, 'timeline'])
      expect((await one.get(path)).status).toBe(404)
  })
})

async function nothingOf(profile: UnifiProtectSwitches['profile']) {
  const one = await console({ switches: { profile, world: 'dst' } })
  await one.login()
  const reply = one.film(front!, '2026-10-24T21:00Z', '2026-10-24T22:00Z')
  void reply.finally(() => one.simulator.close())
  return { reply }
}

describe('footage with gaps', () => {
  // 00:20:35 to 00:47:10 is missing.
  const hour = ['2026-10-25T00:00Z', '2026-10-25T01:00Z'] as const

  it('keeps its times, as long pictures', async () => {
    await using one = await loggedIn()
    const film = readFilm((await one.film(front!, ...hour)).body)
    expect(film).toMatchObject({ duration: 3600, holes: [[1235, 1596]], pictures: 3600 - 1595, lead: 0 })
    expect(film.shows[247]).toBe('2026-10-25T00:47:10.000Z')
    const late = readFilm((await one.film(front!, '2026-10-25T00:30Z', '2026-10-25T01:00Z')).body)
    expect(late).toMatchObject({ duration: 770, holes: [], lead: 0, createdAt: Date.parse('2026-10-25T00:47:10Z') })
  })

  it('is joined, or keeps its first gap too, where it was told to', async () => {
    await using one = await loggedIn({ sparse: 'stitched', creationTime: 'none' })
    const joined = readFilm((await one.film(front!, ...hour)).body)
    expect(joined).toMatchObject({ duration: 2005, holes: [], pictures: 2005 })
    expect(joined).not.toHaveProperty('createdAt')
    one.simulator.set({ sparse: 'edit', creationTime: 'footage' })
    const edited = readFilm((await one.film(front!, '2026-10-25T00:30Z', hour[1])).body)
    expect(edited).toMatchObject({
      duration: 1800,
      lead: 1030,
      pictures: 770,
      createdAt: Date.parse('2026-10-25T00:30Z'),
    })
    const [row] = one.simulator.truth({ start: Date.parse('2026-10-25T00:30Z'), end: Date.parse(hour[1]) })
    expect(row!.sha256).toBe(sha256((await one.film(front!, '2026-10-25T00:30Z', hour[1])).body))
  })

  it('of a camera that records motion only holds the padded events', async () => {
    await using one = await loggedIn()
    const rows = one.simulator.truth().filter(({ cameraId, footage }) => cameraId === garage && footage.length > 1)
    const { start, end, footage } = rows[0]!
    const film = readFilm((await one.film(garage!, start, end)).body)
    expect(film.holes).toHaveLength(footage.length - 1)
    expect(film.pictures).toBe(footage.reduce((sum, window) => sum + (window.end - window.start) / 1000, 0))
    expect(Date.parse(film.shows[0]!)).toBe(footage[0]!.start)
  })

  it('may be dropped without a word from a longer export, and be there when asked for by itself', async () => {
    await using one = await loggedIn({ drop: `${front}@2026-10-24T03:10:02Z/2026-10-24T03:25Z` })
    const whole = readFilm((await one.film(front!, '2026-10-24T03:00Z', '2026-10-24T04:00Z')).body)
    expect(whole).toMatchObject({ duration: 3600, holes: [[600, 901]] })
    const alone = readFilm((await one.film(front!, '2026-10-24T03:10:10Z', '2026-10-24T03:24:50Z')).body)
    expect(alone).toMatchObject({ duration: 880, holes: [] })
    expect(readFilm((await one.film(yard!, '2026-10-25T03:00Z', '2026-10-25T04:00Z')).body).holes).toEqual([])
    const [row] = one.simulator.truth({ start: Date.parse('2026-10-24T03:00Z'), end: Date.parse('2026-10-24T04:00Z') })
    expect(row!.footage).toEqual([{ start: row!.start, end: row!.end }])
  })
})

describe('a time lapse', () => {
  it('runs as fast as its fps says, without gaps, and reaches back to where nothing else is left', async () => {
    await using one = await loggedIn()
    const lapse = (camera: string, fps: number) =>
      one.film(camera, '2026-10-22T00:00Z', '2026-10-23T00:00Z', `&channel=0&type=timelapse&fps=${fps}`)
    for (const [fps, speed] of [
      [4, 60],
      [8, 120],
      [20, 300],
      [40, 600],
    ] as const) {
      const film = readFilm((await lapse(yard!, fps)).body)
      expect([fps, film.duration]).toEqual([fps, Math.ceil(86_400 / speed / 5) * 5])
    }
    expect(readFilm((await lapse(front!, 40)).body)).toMatchObject({ duration: 100, holes: [] })
    expect((await one.film(yard!, '2026-10-22T00:00Z', '2026-10-22T01:00Z')).status).toBe(404)
    expect((await lapse(yard!, 5)).status).toBe(400)
  })
})

const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0
describe('ffmpeg', () => {
  it.runIf(ffmpeg)('decodes every form to its last picture', async () => {
    await using one = await loggedIn()
    const folder = mkdtempSync(join(tmpdir(), 'protect-'))
    try {
      for (const sparse of ['timeline', 'stitched', 'edit'] as const) {
        one.simulator.set({ sparse })
        const { body } = await one.film(front!, '2026-10-25T00:15Z', '2026-10-25T00:50Z')
        const path = join(folder, `${sparse}.mp4`)
        writeFileSync(path, body)
        // Without passthrough the gap would be filled with a picture for every second.
        const args = ['-v', 'warning', '-xerror', '-i', path, '-f', 'framecrc', '-fps_mode', 'passthrough', '-']
        const { status, stderr, stdout } = spawnSync('ffmpeg', args)
        expect([sparse, status, stderr.toString()]).toEqual([sparse, 0, ''])
        const frames = stdout.toString().match(/^0,/gm)
        expect(frames).toHaveLength(readFilm(body).pictures)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  if (!ffmpeg) globalThis.console.log('skipped: decoding exports, because ffmpeg is not on PATH')
})
