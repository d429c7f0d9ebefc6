import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { EagleEyeSwitches } from '../../src/eagleeye/index.ts'
import { readFilm } from '../unifi-protect/film.ts'
import { classic, sha256 } from './client.ts'
import { readFlv } from './flv.ts'

const end = Date.UTC(2026, 1, 9)
const monday = end - 7 * 86_400_000 + 9 * 3_600_000 + 137
const long = { id: '100a1007', start: monday, end: monday + 1_200_000 }

async function week(switches: Partial<EagleEyeSwitches> = {}) {
  const one = await classic({ switches: { world: 'week', ...switches } })
  await one.login()
  const film = (more = '', form = 'flv') => one.play(long.id, long.start, long.end, more, form)
  return { ...one, film, [Symbol.asyncDispose]: () => one.cloud.close() }
}

describe('a film as FLV', () => {
  it('is what the truth says, with the metadata a cloud writes', async () => {
    await using one = await week()
    const rows = one.cloud.truth().filter(({ cameraId }) => ['100a1007', '100a1005', '100a1000'].includes(cameraId))
    expect(rows.length).toBeGreaterThan(25)
    for (const { cameraId, start: s, end: e, flv } of rows) {
      const reply = await one.play(cameraId, s, e)
      expect([reply.status, reply.body.length, sha256(reply.body)]).toEqual([200, flv.bytes, flv.sha256])
      const { flags, metaData, times } = readFlv(reply.body)
      expect(flags).toBe(1)
      expect(metaData).toMatchObject({
        duration: (e - s) / 1000,
        starttime: s / 1000,
        width: 160,
        videocodecid: 7,
        canSeekToEnd: false,
      })
      expect(metaData.filesize).not.toBe(flv.bytes)
      expect([times[0], times.at(-1)]).toEqual([0, Math.ceil((e - s) / 1000) * 1000 - 1000])
    }
    const { headers } = await one.film()
    expect([headers.get('content-type'), headers.get('accept-ranges')]).toEqual(['video/x-flv', null])
    expect(Number(headers.get('content-length'))).toBeLessThan(100_000)
  })

  it('comes in pieces by time_offset, each from the key picture before', async () => {
    await using one = await week()
    const all = readFlv((await one.film()).body)
    const pieces = []
    for (const offset of [0, 300_000, 600_000, 900_000]) {
      const reply = await one.play(long.id, long.start, long.start + offset + 300_000, `&time_offset=${offset}`)
      const window = { start: long.start + offset, end: long.start + offset + 300_000 }
      expect(one.cloud.film(long.id, window)).toEqual({ sha256: sha256(reply.body), bytes: reply.body.length })
      pieces.push(readFlv(reply.body))
    }
    expect(pieces.flatMap(({ shows }) => shows)).toEqual(all.shows)
    expect(pieces.map(({ times }) => times[0])).toEqual([0, 0, 0, 0])
    const odd = readFlv((await one.play(long.id, long.start, long.start + 20_000, '&time_offset=7300')).body)
    expect(odd.shows[0]).toBe(new Date(long.start + 5000).toISOString())
    expect(odd.metaData).toMatchObject({ duration: 12.7, starttime: (long.start + 5000) / 1000 })
  })

  it('stitches what touches, and shows what overlaps once', async () => {
    await using one = await week()
    const touching = readFlv((await one.play('100a1001', monday, monday + 900_000)).body)
    expect(touching.times.length).toBe(900)
    const overlapping = readFlv((await one.play('100a1005', monday, monday + 120_000)).body)
    expect(overlapping.times).toEqual(Array.from({ length: 120 }, (_, index) => index * 1000))
  })

  it('is refused where nothing begins, nothing is left or nothing may be seen', async () => {
    await using one = await week()
    const status = async (more = '', start = long.start) => (await one.play(long.id, start, long.end, more)).status
    expect([
      await status('', long.start + 5000),
      await status('&time_offset=-1'),
      await status('&time_offset=1200000'),
    ]).toEqual([404, 400, 400])
    expect((await one.play('ffffffff', 0, 1000)).status).toBe(404)
    expect(
      (await one.get('/asset/play/video.flv?id=100a1007&start_timestamp=stream_x&end_timestamp=%2B5000')).status,
    ).toBe(400)
    const of = async (switches: Partial<EagleEyeSwitches>, start?: number) => {
      one.cloud.set({ notARecording: '404', denied: 'none', expired: 'none', bridgeOffline: 'none', ...switches })
      return status('', start)
    }
    expect(await of({ notARecording: '400' }, long.start + 1)).toBe(400)
    expect(await of({ expired: `${long.id}@${new Date(long.start).toISOString()}` })).toBe(410)
    expect(await of({ expired: `${long.id}@2026-02-02T09:00:00Z` })).toBe(200)
    expect(await of({ bridgeOffline: 'Warehouse' })).toBe(503)
    expect(await of({ denied: long.id })).toBe(403)
    one.cloud.expireSessions()
    expect(await of({})).toBe(401)
  })

  it('decodes to its last picture', async ({ skip }) => {
    if (spawnSync('ffprobe', ['-version']).status !== 0) return skip('skipped: ffprobe is not installed')
    await using one = await week({ mp4Polls: 0 })
    await one.film('', 'mp4')
    for (const form of ['flv', 'mp4']) {
      const { body } = await one.film('', form)
      const args = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', '-']
      const probe = spawnSync('ffprobe', args, { input: body })
      expect([probe.stdout.toString().trim().replace(/,$/, ''), probe.stderr.toString()]).toEqual(['1200', ''])
    }
  })
})

describe('a film as MP4', () => {
  it('is made first: 201, then 202 with a progress, then the film', async () => {
    await using one = await week({ mp4Polls: 3, mp4Bad: 1 })
    const replies: Awaited<ReturnType<typeof one.film>>[] = []
    for (let poll = 0; poll < 6; poll++) replies.push(await one.film('', 'mp4'))
    expect(replies.map(({ status }) => status)).toEqual([201, 502, 202, 202, 200, 200])
    const ratios = [0, 2, 3].map((poll) => replies[poll]!.json.data.meta['x-een-svc-renderer-transcode-complete-ratio'])
    expect(ratios).toEqual(['0.00', '0.50', '0.75'])
    expect(replies[2]!.headers.get('content-type')).toBe('application/json')
    const row = one.cloud.truth().find(({ start, cameraId }) => cameraId === long.id && start === long.start)!
    const { body } = replies[4]!
    expect([sha256(body), body.length]).toEqual([row.mp4.sha256, row.mp4.bytes])
    expect(readFilm(body)).toMatchObject({
      duration: 1200,
      pictures: 1200,
      keyPictures: 240,
      boxes: ['ftyp', 'mdat', 'moov'],
    })
  })

  it('has the length of its window, however short', async () => {
    await using one = await week({ mp4Polls: 0 })
    await one.play('100a1008', monday, monday + 900, '', 'mp4')
    const film = readFilm((await one.play('100a1008', monday, monday + 900, '', 'mp4')).body)
    expect(film).toMatchObject({ duration: 0.9, pictures: 1 })
  })

  it('may never be ready, and say only who works on it', async () => {
    await using one = await week({ mp4Polls: Number.POSITIVE_INFINITY, mp4Body: 'documented', only: 'Warehouse' })
    const replies = []
    for (let poll = 0; poll < 30; poll++) replies.push(await one.film('', 'mp4'))
    expect(new Set(replies.slice(1).map(({ status }) => status))).toEqual(new Set([202]))
    expect(replies[0]!.json).toEqual({ id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) })
    const other = one.cloud.truth().find(({ cameraId }) => cameraId === '100a1002')!
    const polls = []
    for (let poll = 0; poll < 3; poll++)
      polls.push((await one.play(other.cameraId, other.start, other.end, '', 'mp4')).status)
    expect(polls).toEqual([201, 202, 200])
  })
})

describe('what goes wrong with a film', () => {
  it('is a status, a body that is no film, or a broken connection, n times for each window', async () => {
    await using one = await week({ failN: 2 })
    let offset = 0
    const failing = async (failStatus: EagleEyeSwitches['failStatus']) => {
      one.cloud.set({ failStatus })
      offset += 5000
      const film = () => one.film(`&time_offset=${offset}`)
      const replies = [await film(), await film(), await film()]
      expect(replies.map(({ status }) => status)).toEqual([replies[0]!.status, replies[0]!.status, 200])
      expect(() => readFlv(replies[0]!.body)).toThrow()
      readFlv(replies[2]!.body)
      return replies[0]!
    }
    for (const status of ['400', '401', '404', '410', '418', '463', '500', '502', '503', '504'] as const)
      expect((await failing(status)).status).toBe(Number(status))
    expect((await failing('429')).headers.get('retry-after')).toBe(null)
    one.cloud.set({ retryAfter: 7 })
    expect((await failing('429')).headers.get('retry-after')).toBe('7')
    one.cloud.set({ retryAfterForm: 'date' })
    expect((await failing('429')).headers.get('retry-after')).toMatch(/GMT$/)
    expect((await failing('200-json')).json.data.meta).toBeDefined()
    expect(await failing('202-json')).toMatchObject({ status: 202 })
    const lying = await failing('200-json-as-video')
    expect([lying.headers.get('content-type'), lying.json.reason]).toEqual(['video/x-flv', 'AcceptedWorker'])
    expect((await failing('200-html')).body.toString()).toContain('<html>')
    expect((await failing('200-empty')).body).toHaveLength(0)
    one.cloud.set({ failStatus: 'reset' })
    await expect(one.film('&time_offset=1000000')).rejects.toThrow()
    one.cloud.set({ failN: 0, redirectMedia: 'http://127.0.0.1:9/elsewhere' })
    expect((await one.film()).headers.get('location')).toBe('http://127.0.0.1:9/elsewhere')
  })

  it('is an end too early, in four ways', async () => {
    await using one = await week({ truncateAt: 5000, faultTimes: 1 })
    let offset = 0
    const cut = async (switches: Partial<EagleEyeSwitches>) => {
      one.cloud.set(switches)
      offset += 5000
      const reply = await one.film(`&time_offset=${offset}`)
      const whole = await one.film(`&time_offset=${offset}`)
      expect(whole.body.length).toBeGreaterThan(50_000)
      return [reply.body.length, reply.broken, reply.headers.get('content-length') === null]
    }
    expect((await cut({ truncate: 'destroy' })).slice(1)).toEqual([true, false])
    expect((await cut({ truncate: 'destroy', contentLength: false })).slice(1)).toEqual([true, true])
    expect(await cut({ truncate: 'clean' })).toEqual([5000, false, true])
    expect(await cut({ truncate: 'short', contentLength: true })).toEqual([5000, false, false])
  })

  it('is slowness, before the first byte and in the middle', async () => {
    await using one = await week({ firstByteMs: 60_000 })
    const waiting = one.film()
    const failed = expect(waiting).rejects.toThrow()
    await one.cloud.close()
    await failed
    await using other = await week({ stallAt: 5000, stallMs: 60_000 })
    const stalled = other.film()
    while (other.cloud.log.ofNode('media').at(-1)?.bodyBytes !== 5000)
      await new Promise((resolve) => setImmediate(resolve))
    await other.cloud.close()
    expect((await stalled).broken).toBe(true)
  })

  it('is a range, which is ignored unless a switch says otherwise', async () => {
    await using one = await week()
    const ranged = (headers: Record<string, string>) => {
      const path = one.cloud.log.ofNode('media').at(-1)!.target
      return one.get(path, headers)
    }
    const whole = await one.film()
    expect((await ranged({ Range: 'bytes=100-' })).body.equals(whole.body)).toBe(true)
    one.cloud.set({ ranges: '206' })
    const tag = (await one.film()).headers.get('etag')!
    const rest = await ranged({ Range: 'bytes=100-', 'If-Range': tag })
    expect([rest.status, rest.body.equals(whole.body.subarray(100))]).toEqual([206, true])
    expect(rest.headers.get('content-range')).toBe(`bytes 100-${whole.body.length - 1}/${whole.body.length}`)
    expect((await ranged({ Range: 'bytes=100-', 'If-Range': '"other"' })).status).toBe(200)
    expect((await ranged({ Range: 'bytes=999999-' })).status).toBe(416)
    one.cloud.set({ ranges: '416' })
    expect((await ranged({ Range: 'bytes=100-' })).status).toBe(416)
  })
})
