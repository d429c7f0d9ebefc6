import { describe, expect, it } from 'vitest'
import { type AxisSwitches, type AxisTimelapse2Options, startAxisTimelapse2 } from '../src/axis-timelapse2/index.ts'
import { ask, headerOf, type RawRequest } from './raw-client.ts'
import { TestClock } from './test-clock.ts'

const base = '/local/timelapse2/'

async function start(version: string, switches: Partial<AxisSwitches> = {}, more: AxisTimelapse2Options = {}) {
  const camera = await startAxisTimelapse2({ ...more, switches: { version, auth: 'none', ...switches } })
  const get = (node: string, request: RawRequest = {}) => ask(camera.url, base + node, request)
  const json = async (node: string) => JSON.parse((await get(node)).body.toString())
  return { camera, get, json, [Symbol.asyncDispose]: () => camera.close() }
}

const asBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

describe('the list', () => {
  it('of 1.x tells the sum of the padded pictures, of which the length follows', async () => {
    await using one = await start('1.1.3')
    const entries = await one.json('archive')
    expect(Object.keys(entries[0])).toEqual(['id', 'filename', 'size', 'frames', 'fps', 'first', 'last'])
    for (const { filename, size, frames } of entries) {
      const truth = one.camera.truth().find((file) => file.filename === filename)
      expect(248 + size + 24 * frames).toBe(truth?.size)
    }
    expect(entries[0].filename).toBe('Front_Gate_2026_03_03_0000.avi')
    expect(new Date(entries[0].first).toISOString()).toBe('2026-03-02T06:00:00.000Z')
  })

  it('of 3.x tells the exact size and the codec', async () => {
    await using one = await start('3.0.0')
    const [entry] = await one.json('archive')
    const fields = ['id', 'filename', 'size', 'sourceSize', 'frames', 'fps', 'first', 'last', 'container', 'codec']
    expect(Object.keys(entry)).toEqual(fields)
    const reply = await one.get(`download?filename=${entry.filename}`)
    expect(entry).toMatchObject({
      size: reply.body.length,
      container: 'mp4',
      codec: 'h264',
      filename: 'Front_Gate_2026_03_03_0000.mp4',
    })
  })

  it('of 1.0.0 has names without a time and the time of archiving, and 0.9.8 has none', async () => {
    await using first = await start('1.0.0')
    expect((await first.json('archive'))[0]).toMatchObject({
      filename: 'Front_Gate_2026_03_03.avi',
      archive: Date.UTC(2026, 2, 3),
    })
    await using before = await start('0.9.8')
    expect(await before.json('archive')).toEqual([])
  })

  it('leads to files whose RIFF size is 16 too large from 1.0.2 to 1.1.2, and in every export', async () => {
    for (const [version, excess] of [
      ['1.0.1', -8],
      ['1.0.2', 8],
      ['1.1.2', 8],
      ['1.1.3', -8],
    ] as const) {
      await using one = await start(version)
      const { body } = await one.get(`download?filename=${one.camera.truth()[0]!.filename}`)
      expect([version, body.readUInt32LE(4) - body.length]).toEqual([version, excess])
      const live = (await one.get('export?id=KQWMZTRB&fps=5&filename=now.avi')).body
      expect(live.readUInt32LE(4) - live.length).toBe(8)
    }
  })

  it('goes as JSON without a length', async () => {
    await using one = await start('3.1.4')
    const reply = await one.get('archive')
    expect(headerOf(reply, 'content-type')).toBe('application/json; charset=utf-8')
    expect(headerOf(reply, 'cache-control')).toBe('no-cache')
    expect([headerOf(reply, 'content-length'), headerOf(reply, 'transfer-encoding')]).toEqual([undefined, 'chunked'])
  })

  it('of 4096 bytes or more is empty before 1.1.3, and lies beside the archives', async () => {
    await using old = await start('1.1.2', { world: 'months' })
    const reply = await old.get('archive')
    expect([reply.status, reply.body.length]).toEqual([200, 0])
    const index = await old.get('download?filename=recordings.json')
    expect(headerOf(index, 'content-type')).toBe('video/x-msvideo')
    expect(JSON.parse(index.body.toString())).toHaveLength(92)
    await using fixed = await start('1.1.3', { world: 'months' })
    expect(await fixed.json('archive')).toHaveLength(92)
    await using mp4 = await start('3.1.4', { world: 'empty' })
    expect((await mp4.get('download?filename=recordings.json')).status).toBe(404)
  })

  it('breaks at exactly 4096 bytes', async () => {
    const entry = (extra: number) => [{ bytes: 0, filename: 'x', listing: { pad: 'p'.repeat(extra) } }]
    await using probe = await start('1.1.3', {}, { archives: entry(0) })
    const bare = (await probe.get('archive')).body.length
    await using fits = await start('1.1.2', {}, { archives: entry(4095 - bare) })
    expect((await fits.get('archive')).body.length).toBe(4095)
    await using breaks = await start('1.1.2', {}, { archives: entry(4096 - bare) })
    expect((await breaks.get('archive')).body.length).toBe(0)
  })

  it('can be something else than an array', async () => {
    await using one = await start('3.1.4')
    one.camera.set({ listShape: 'object' })
    expect(Object.keys(await one.json('archive'))).toEqual(['archives'])
    one.camera.set({ listShape: 'null' })
    expect(await one.json('archive')).toBeNull()
    for (const listShape of ['html', 'broken'] as const) {
      one.camera.set({ listShape })
      await expect(one.json('archive')).rejects.toThrow(SyntaxError)
    }
  })
})

describe('a download', () => {
  it('of 1.x knows no ranges and no name but the raw one', async () => {
    await using one = await start('1.1.3')
    const [file] = one.camera.truth()
    const reply = await one.get(`download?filename=${file!.filename}`, { headers: { Range: 'bytes=10-19' } })
    expect([reply.status, reply.body.length, reply.complete]).toEqual([200, file!.size, true])
    expect(headerOf(reply, 'content-type')).toBe('video/x-msvideo')
    expect(headerOf(reply, 'content-disposition')).toBe(`attachment; filename=${file!.filename}`)
    for (const name of ['accept-ranges', 'etag', 'last-modified', 'content-length'])
      expect(headerOf(reply, name)).toBeUndefined()
    expect(one.camera.log.of('media')[0]).toMatchObject({ status: 200, bodyBytes: file!.size, ended: 'complete' })
  })

  it('of 3.1.1 and later knows ranges, ETag and If-Range', async () => {
    await using one = await start('3.1.1')
    const [file] = one.camera.truth()
    const target = `download?filename=${file!.filename}`
    const whole = await one.get(target)
    const etag = headerOf(whole, 'etag')!
    expect(etag).toMatch(new RegExp(`^"${file!.size}-\\d+"$`))
    expect(headerOf(whole, 'accept-ranges')).toBe('bytes')
    expect(headerOf(whole, 'content-disposition')).toBe(
      `attachment; filename="${file!.filename}"; filename*=UTF-8''${file!.filename}`,
    )
    const part = async (Range: string, more: Record<string, string> = {}) => {
      const reply = await one.get(target, { headers: { Range, ...more } })
      return [reply.status, headerOf(reply, 'content-range'), reply.body.length] as const
    }
    const { size } = file!
    expect(await part('bytes=10-19')).toEqual([206, `bytes 10-19/${size}`, 10])
    expect(await part(`bytes=${size - 5}-`)).toEqual([206, `bytes ${size - 5}-${size - 1}/${size}`, 5])
    expect(await part('bytes=-7')).toEqual([206, `bytes ${size - 7}-${size - 1}/${size}`, 7])
    expect(await part(`bytes=0-${size + 100}`)).toEqual([206, `bytes 0-${size - 1}/${size}`, size])
    for (const malformed of ['bytes=0-1,5-6', 'bytes=5-2', 'bytes=-', 'items=0-1'])
      expect((await part(malformed))[0]).toBe(200)
    expect((await part(`bytes=${size}-`)).slice(0, 2)).toEqual([416, `bytes */${size}`])
    expect((await part('bytes=10-19', { 'If-Range': etag }))[0]).toBe(206)
    expect((await part('bytes=10-19', { 'If-Range': `W/${etag}` }))[0]).toBe(200)
    const bytes = (await one.get(target, { headers: { Range: 'bytes=1000-1999' } })).body
    expect(bytes.equals(whole.body.subarray(1000, 2000))).toBe(true)
    expect(headerOf(await one.get(`${target}&inline=1`), 'content-disposition')).toMatch(/^inline; /)
  })

  it('of 3.1.0 has none of that', async () => {
    await using one = await start('3.1.0')
    const [file] = one.camera.truth()
    const reply = await one.get(`download?filename=${file!.filename}`, { headers: { Range: 'bytes=1-2' } })
    expect([reply.status, headerOf(reply, 'etag')]).toEqual([200, undefined])
  })

  it('states its length where the web server lets it', async () => {
    await using one = await start('3.1.4', { length: 'kept' })
    const [file] = one.camera.truth()
    expect(headerOf(await one.get(`download?filename=${file!.filename}`), 'content-length')).toBe(String(file!.size))
  })

  it('fails in the words of the application', async () => {
    await using old = await start('1.1.3', { world: 'empty' })
    const said = async (node: string, method = 'GET') => {
      const reply = await old.get(node, { method })
      return [reply.status, reply.reason, headerOf(reply, 'content-type'), reply.body.toString()]
    }
    expect(await said('download')).toEqual([400, 'Client Error', 'text/plain', 'Missing filename parameter'])
    expect(await said('download?filename=no.avi')).toEqual([404, 'Client Error', 'text/plain', 'File not found'])
    expect(await said('download?filename=no.avi', 'POST')).toEqual([
      405,
      'Client Error',
      'text/plain',
      'Method not allowed',
    ])
    expect(await said('export?id=KQWMZTRB')).toEqual([400, 'Client Error', 'text/plain', 'Missing parameters'])
    expect(await said('export?id=NO&fps=5&filename=a.avi')).toEqual([
      404,
      'Client Error',
      'text/plain',
      'Recording not found',
    ])
    expect(await said('image?id=KQWMZTRB&index=31')).toEqual([404, 'Client Error', 'text/plain', 'Frame not found'])
    for (const unknown of ['archive/', 'nothing', 'video', 'migration'])
      expect((await said(unknown)).slice(0, 2)).toEqual([404, 'Not Found'])
    for (const node of ['download?filename=a', 'export', 'archive', 'image']) {
      const head = await old.get(node, { method: 'HEAD' })
      expect([head.status, head.reason, headerOf(head, 'content-length')]).toEqual([405, 'Client Error', undefined])
    }
    await using later = await start('3.1.4', { world: 'empty' })
    const bad = await later.get('download?filename=a%2Fb')
    expect([bad.status, bad.body.toString()]).toEqual([400, 'Invalid filename parameter'])
  })
})

describe('file names', () => {
  const fetched = async (version: string, spell: (name: string) => string) => {
    await using one = await start(version, { world: 'nasty' })
    const reached: string[] = []
    for (const file of one.camera.truth()) {
      const reply = await one.get(`download?filename=${spell(file.filename)}`)
      if (reply.status === 200 && reply.body.length === file.size) reached.push(file.filename)
    }
    return { reached, truth: one.camera.truth() }
  }

  it('are reached raw, not encoded, up to 3.1.2', async () => {
    for (const version of ['1.1.3', '3.1.2']) {
      const raw = await fetched(version, asBytes)
      expect(raw.reached).toEqual(
        expect.arrayContaining([
          expect.stringContaining("Anna's"),
          expect.stringContaining('日本'),
          expect.stringContaining('50%'),
        ]),
      )
      const usable = raw.truth.filter(({ fetchable }) => fetchable).map(({ filename }) => filename)
      expect(raw.reached.filter((name) => !name.includes('"'))).toEqual(usable)
      const encoded = await fetched(version, encodeURIComponent)
      for (const name of encoded.reached) expect(encodeURIComponent(name)).toBe(name)
    }
  })

  it('are reached encoded from 3.1.3 on', async () => {
    const { reached, truth } = await fetched('3.1.3', encodeURIComponent)
    expect(reached).toEqual(truth.filter(({ fetchable }) => fetchable).map(({ filename }) => filename))
    expect(reached.length).toBeGreaterThan(20)
    expect(reached.some((name) => name.includes('/'))).toBe(false)
  })

  it('that two archives share lead to the later one', async () => {
    await using one = await start('1.1.3', { world: 'nasty' })
    const twins = (await one.json('archive')).filter(({ filename }: { filename: unknown }) =>
      String(filename).startsWith('Twice'),
    )
    expect(twins).toHaveLength(2)
    expect(one.camera.truth().filter(({ filename }) => filename.startsWith('Twice'))).toMatchObject([
      { id: twins[1].id },
    ])
  })
})

describe('TimelapseMe', () => {
  it('lists and exports by id and file, at a path of its own', async () => {
    const twins = ['AAAAAAAA', 'BBBBBBBB'].map((id) => ({ id, filename: 'same.avi', seed: id }))
    await using camera = await startAxisTimelapse2({
      archives: twins,
      switches: { version: 'timelapseme', auth: 'none' },
    })
    expect((await ask(camera.url, `${base}app`)).status).toBe(404)
    const list = await ask(camera.url, '/local/timelapseme/archives?_=1700000000000')
    expect(JSON.parse(list.body.toString())).toEqual(twins.map(({ id, filename }) => ({ id, filename })))
    expect(camera.truth()).toHaveLength(2)
    const target = (id: string) => `/local/timelapseme/archives?export=${id}&file=same.avi`
    const [one, other] = [await ask(camera.url, target('AAAAAAAA')), await ask(camera.url, target('BBBBBBBB'))]
    expect([one.status, other.status, one.body.equals(other.body)]).toEqual([200, 200, false])
    expect((await ask(camera.url, target('CCCCCCCC'))).status).toBe(404)
    expect((await ask(camera.url, target('AAAAAAAA'), { method: 'HEAD' })).status).toBe(405)
    camera.set({ head: '200', length: 'kept', ranges: 'on' })
    const head = await ask(camera.url, target('AAAAAAAA'), { method: 'HEAD' })
    expect([head.status, headerOf(head, 'content-length')]).toEqual([200, String(one.body.length)])
    expect((await ask(camera.url, target('AAAAAAAA'), { headers: { Range: 'bytes=0-0' } })).status).toBe(206)
  })
})

describe('the application', () => {
  it('is not there at first: 404, or from 3.1.1 on 503', async () => {
    for (const [version, status, words] of [
      ['1.1.3', 404, 'Not Found'],
      ['3.1.0', 404, 'Not Found'],
      ['3.1.1', 503, 'Service is still starting'],
    ] as const) {
      const clock = new TestClock()
      await using one = await start(version, { startupMs: 6000 }, { clock })
      const early = await one.get('archive')
      expect([early.status, early.body.toString()]).toEqual([status, words])
      expect(await one.json('app')).toMatchObject({
        manifest: { acapPackageConf: { setup: { appName: 'timelapse2', version } } },
        device: { serial: 'ACCC8E000001' },
      })
      clock.advance(6000)
      expect((await one.get('archive')).status).toBe(200)
    }
  })

  it('stays away without an SD card or while it migrates, and says so', async () => {
    await using card = await start('1.1.3', { sdMissing: true })
    expect((await card.get('archive')).status).toBe(404)
    expect(await card.json('status')).toMatchObject({ sdcard: { present: false } })
    await using moving = await start('3.1.4', { migration: 'pending' })
    expect((await moving.get('archive')).status).toBe(503)
    expect(await moving.json('migration')).toMatchObject({ required: true, status: 'pending' })
    moving.camera.set({ migration: 'complete' })
    expect((await moving.get('archive')).status).toBe(200)
  })

  it('may answer `app` with nothing before 1.1.3', async () => {
    await using one = await start('1.1.2', { bigApp: true })
    const reply = await one.get('app')
    expect([reply.status, reply.body.length]).toEqual([200, 0])
    one.camera.set({ bigApp: false })
    expect(await one.json('app')).toHaveProperty('manifest')
  })

  it('answers one request at a time', async () => {
    const clock = new TestClock()
    await using one = await start('3.1.4', { stallAt: 100, stallMs: 5000 }, { clock })
    const [file] = one.camera.truth()
    const body = one.get(`download?filename=${file!.filename}`)
    await expect.poll(() => one.camera.log.of('media')[0]?.bodyBytes).toBe(100)
    let listed = false
    const list = one.get('archive').then((reply) => {
      listed = true
      return reply
    })
    await expect.poll(() => one.camera.log.of('list').length).toBe(1)
    expect((await ask(one.camera.url, '/elsewhere')).status).toBe(404)
    expect(listed).toBe(false)
    clock.advance(5000)
    expect([(await body).body.length, (await list).status]).toEqual([file!.size, 200])
    expect(one.camera.log.counts().maximumMediaBodies).toBe(1)
  })

  it('lets go of a download whose client has left', async () => {
    await using one = await start('3.1.4', { stallAt: 100, stallMs: 3_600_000 }, { clock: new TestClock() })
    const [file] = one.camera.truth()
    const { Socket } = await import('node:net')
    const socket = new Socket().connect(Number(new URL(one.camera.url).port), '127.0.0.1')
    socket.write(`GET ${base}download?filename=${file!.filename} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    expect((await one.get('archive')).status).toBe(200)
    expect(one.camera.log.of('media')[0]).toMatchObject({ ended: 'cut' })
  })

  it('takes no more than a handful into its queue, where that is set', async () => {
    const clock = new TestClock()
    await using one = await start('3.1.4', { stallAt: 0, stallMs: 1000, backlog503: true }, { clock })
    const [file] = one.camera.truth()
    const replies = Array.from({ length: 8 }, (_, index) =>
      one.get(index === 0 ? `download?filename=${file!.filename}` : 'archive'),
    )
    await expect.poll(() => one.camera.log.entries.filter(({ status }) => status === 503).length).toBe(2)
    clock.advance(1000)
    expect((await Promise.all(replies)).map(({ status }) => status).sort()).toEqual([
      200, 200, 200, 200, 200, 200, 503, 503,
    ])
  })

  it('archives at once in 1.x and beside its work in 3.x', async () => {
    await using old = await start('1.1.3', { jobMs: 1000 }, { clock: new TestClock({ leaping: true }) })
    const done = await old.get('archive?id=KQWMZTRB', { method: 'PUT' })
    expect(done.body.toString()).toBe('Recording archived successfully')
    expect(await old.json('archive')).toHaveLength(13)
    const clock = new TestClock()
    await using one = await start('3.1.4', { jobMs: 1000 }, { clock })
    expect((await one.get('archive?id=KQWMZTRB', { method: 'PUT' })).body.toString()).toBe('Archive started')
    expect(await one.json('archive')).toHaveLength(12)
    expect(await one.json('status')).toMatchObject({
      mediaJob: { active: true, kind: 'archive', profileId: 'KQWMZTRB' },
    })
    expect((await one.get('export?id=KQWMZTRB')).status).toBe(409)
    clock.advance(1000)
    expect(await one.json('archive')).toHaveLength(13)
    expect(await one.json('status')).toMatchObject({ mediaJob: { active: false } })
    expect((await one.get('archive?id=NOBODY', { method: 'PUT' })).status).toBe(500)
  })

  it('deletes, and before 1.1.3 denies it', async () => {
    for (const [version, status] of [
      ['1.1.2', 404],
      ['1.1.3', 200],
    ] as const) {
      await using one = await start(version)
      const [file] = one.camera.truth()
      expect((await one.get(`archive?filename=${file!.filename}`, { method: 'DELETE' })).status).toBe(status)
      expect(await one.json('archive')).toHaveLength(11)
    }
  })

  it('gives the live recording, its pictures and its preview', async () => {
    await using old = await start('1.1.3', { length: 'kept', grow: 500 })
    const avi = await old.get('export?id=KQWMZTRB&fps=5&filename=now.avi')
    expect([avi.status, avi.body.toString('latin1', 0, 4), avi.body.readUInt32LE(132), avi.surplus.length]).toEqual([
      200,
      'RIFF',
      5,
      500,
    ])
    expect(avi.body.readUInt32LE(4)).toBe(avi.body.length + 8)
    const picture = await old.get('image?id=KQWMZTRB&index=1')
    expect([headerOf(picture, 'content-type'), picture.body.readUInt16BE(0)]).toEqual(['image/jpeg', 0xffd8])
    expect((await old.json('recordings')).KQWMZTRB).toMatchObject({ images: 30, fps: 10 })
    await using one = await start('3.1.4')
    const mp4 = await one.get('export?id=KQWMZTRB')
    expect(headerOf(mp4, 'content-disposition')).toMatch(/filename="Front_Gate-20260420-100000\.mp4"/)
    expect(await one.json('recordings?id=KQWMZTRB')).toMatchObject({ frames: 30, width: 160 })
    expect((await one.get('recordings?id=KQWMZTRB', { method: 'PUT' })).body.toString()).toBe('Refresh started')
    expect((await one.get('video?id=KQWMZTRB')).body.toString('latin1', 4, 8)).toBe('ftyp')
    expect(await one.json('timelapse')).toMatchObject([{ id: 'KQWMZTRB', archiveSchedule: 'daily' }, {}])
  })

  it('never forgives a touch of reset, by any method, logged in or not', async () => {
    await using camera = await startAxisTimelapse2()
    expect((await ask(camera.url, `${base}reset`, { method: 'HEAD' })).status).toBe(401)
    expect(camera.violations).toEqual([`HEAD ${base}reset`])
    camera.set({ auth: 'none' })
    expect((await ask(camera.url, `${base}reset?x=1`)).status).toBe(200)
    expect(camera.violations).toHaveLength(2)
    expect(JSON.parse((await ask(camera.url, `${base}archive`)).body.toString())).toEqual([])
  })
})
