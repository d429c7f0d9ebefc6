import { describe, expect, it } from 'vitest'
import { ask as askRaw } from '../raw-client.ts'
import { TestClock } from '../test-clock.ts'
import { ask, local, reolink, sha256 } from './client.ts'

/** A device, somebody who is logged in, and the first file. */
async function withFile(options: Parameters<typeof reolink>[0] = {}) {
  const one = await reolink(options)
  const token = await one.login()
  const [row, next] = one.device.truth({ stream: 'main' }).recordings
  const get = (headers: Record<string, string> = {}, cmd = 'Download') =>
    one.download(token, row!.name!, { headers }, cmd)
  return { ...one, token, row: row!, next: next!, get, [Symbol.asyncDispose]: () => one.device.close() }
}

describe('a download', () => {
  it('is a file of a web server, with its name, length and date', async () => {
    await using one = await withFile()
    const { status, headers, body } = await one.get()
    expect(status).toBe(200)
    const [modified, size] = headers.get('etag')!.slice(1, -1).split('-')
    expect([Number.parseInt(modified!, 16) * 1000, Number.parseInt(size!, 16)]).toEqual([one.row.end, one.row.bytes])
    expect(Object.fromEntries(headers)).toMatchObject({
      ...{ 'content-type': 'apolication/octet-stream', 'content-length': String(one.row.bytes) },
      ...{ 'content-disposition': 'attachment;filename=a.mp4', 'accept-ranges': 'bytes' },
      'last-modified': new Date(one.row.end).toUTCString(),
    })
    expect(sha256(body)).toBe(one.row.sha256)
    expect((await one.get({}, 'download')).body.equals(body)).toBe(true)
  })

  it('gives parts, unless the file is another by now', async () => {
    await using one = await withFile()
    const whole = await one.get()
    const etag = whole.headers.get('etag')!
    const part = await one.get({ Range: 'bytes=1000-', 'If-Range': etag })
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000-${one.row.bytes - 1}/${one.row.bytes}`,
    ])
    expect(part.body.equals(whole.body.subarray(1000))).toBe(true)
    expect((await one.get({ Range: 'bytes=5-9' })).body.equals(whole.body.subarray(5, 10))).toBe(true)
    expect((await one.get({ Range: 'bytes=-4' })).body.equals(whole.body.subarray(-4))).toBe(true)
    const beyond = await one.get({ Range: `bytes=${one.row.bytes}-` })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${one.row.bytes}`])
    one.device.set({ replaced: true })
    const other = await one.get({ Range: 'bytes=1000-', 'If-Range': etag })
    expect([other.status, other.body.length]).toEqual([200, one.row.bytes])
    expect(sha256(other.body)).not.toBe(one.row.sha256)
    one.device.set({ ranges: 'ignore', replaced: false })
    const ignored = await one.get({ Range: 'bytes=1000-' })
    expect([ignored.status, ignored.headers.get('accept-ranges')]).toEqual([200, null])
    one.device.set({ ranges: '416' })
    expect((await one.get({ Range: 'bytes=1000-' })).status).toBe(416)
  })

  it('is only for whoever has a token', async () => {
    await using one = await withFile()
    const reply = await one.download('feedfeedfeedfee', one.row.name!)
    expect([reply.headers.get('content-type'), reply.json[0].error.rspCode]).toEqual(['text/html', -6])
    expect((await one.download(one.token, 'Mp4Record/2026-03-02/none.mp4')).json[0].error).toEqual({
      ...{ detail: 'video file does not exist', rspCode: -222 },
    })
  })

  it('may have a header line without a name, with a length and without', async () => {
    await using one = await withFile({ switches: { emptyHeader: true } })
    const { pathname, search } = new URL(
      `${one.api}?cmd=Download&source=${one.row.name}&output=a.mp4&token=${one.token}`,
    )
    const reply = await askRaw(one.device.url, pathname + search)
    const names = reply.headers.map(([name]) => name)
    const at = names.indexOf('content-disposition')
    expect(names[at + 1]).toBe('')
    expect([reply.status, reply.complete, sha256(reply.body)]).toEqual([200, true, one.row.sha256])
    one.device.set({ contentLength: false })
    const chunked = await askRaw(one.device.url, pathname + search)
    expect([chunked.complete, sha256(chunked.body)]).toEqual([true, one.row.sha256])
  })

  it('ends early in three ways, so many times', async () => {
    await using one = await withFile({ switches: { truncateAt: 5000, faultTimes: 1 } })
    const broken = await one.get()
    expect([broken.broken, broken.body.length]).toEqual([true, 5000])
    expect((await one.get()).body.length).toBe(one.row.bytes)
    one.device.set({ truncate: 'short', faultTimes: Number.POSITIVE_INFINITY })
    const short = await one.get()
    expect([short.broken, short.body.length, short.headers.get('content-length')]).toEqual([false, 5000, '5000'])
    one.device.set({ truncate: 'clean', contentLength: false })
    const clean = await one.get()
    expect([clean.broken, clean.body.length]).toEqual([false, 5000])
    expect(one.device.violations).toEqual([])
  })

  it('fails in every way a switch names, the first times', async () => {
    await using one = await withFile()
    for (const how of ['-1', '-6', '-17', '-220', '-221', '-222'] as const) {
      one.device.set({ downloadFailN: 1, downloadFailAs: how })
      expect((await one.get()).json[0].error.rspCode).toBe(Number(how))
      expect((await one.get()).body.length).toBe(one.row.bytes)
    }
    for (const how of ['closes', 'reset'] as const) {
      one.device.set({ downloadFailN: 1, downloadFailAs: how, downloadFailOf: 'download' })
      expect((await one.get({}, 'Playback')).body.length).toBe(one.row.bytes)
      await expect(one.get()).rejects.toThrow()
    }
    one.device.set({ downloadFailN: 1, downloadFailAs: '404' })
    expect((await one.get()).status).toBe(404)
    one.device.set({ downloadFailN: 1, downloadFailAs: 'html' })
    expect((await one.get()).headers.get('content-type')).toBe('text/html')
    one.device.set({ downloadFailN: 1, downloadFailAs: 'empty' })
    expect((await one.get()).body.length).toBe(0)
  })

  it('is paced, and stalls, by the clock', async () => {
    const clock = new TestClock({ leaping: true })
    await using one = await withFile({ clock, switches: { rate: 1000 } })
    const before = clock.now()
    await one.get()
    expect(Math.round((clock.now() - before) / one.row.bytes)).toBe(1)
    one.device.set({ rate: 0, stallAt: 100, stallMs: 3_600_000 })
    await one.get()
    expect(clock.now() - before).toBeGreaterThan(3_600_000)
  })

  it('is one at a time for a camera', async () => {
    const clock = new TestClock()
    await using one = await withFile({ clock, switches: { stallAt: 100 } })
    const other = await one.login()
    const stop = new AbortController()
    const url = `${one.api}?cmd=Download&source=${one.row.name}&token=${one.token}`
    const first = await fetch(url, { signal: stop.signal })
    expect((await one.download(other, one.next.name!)).json[0].error).toEqual({
      ...{ detail: 'busy video recording task', rspCode: -221 },
    })
    expect(one.device.violations).toEqual(['Download: more at once than the device bears'])
    stop.abort()
    await first.arrayBuffer().catch(() => {})
    one.device.set({ stallAt: undefined })
    expect((await one.get()).body.length).toBe(one.row.bytes)
    expect([one.device.violations.length, one.device.maximumDownloads]).toEqual([1, 1])
  })

  it('wedges the device when too many are broken off, until it is restarted', async () => {
    const clock = new TestClock()
    await using one = await withFile({ clock, switches: { stallAt: 100, wedgeAfter: 2, bootMs: 0 } })
    const url = `${one.api}?cmd=Download&source=${one.row.name}&token=${one.token}`
    for (let broken = 0; broken < 2; broken++) {
      const stop = new AbortController()
      await fetch(url, { signal: stop.signal })
      stop.abort()
      while (one.device.requests.at(-1)!.ended === 'not-yet') await new Promise(setImmediate)
    }
    one.device.set({ stallAt: undefined })
    await expect(one.get()).rejects.toThrow()
    one.device.reboot()
    expect((await one.download(await one.login(), one.row.name!)).body.length).toBe(one.row.bytes)
    expect(one.device.violations).toEqual([])
  })

  it('of an encrypted disk is no film, and CheckDownload says so', async () => {
    await using one = await withFile()
    const check = async () => (await one.command(one.token, 'CheckDownload', { filename: one.row.name })).value
    expect(await check()).toEqual({ fileName: '' })
    one.device.set({ fileEncryption: true })
    expect(await check()).toEqual({ fileName: one.row.name, prompt: 1 })
    const { body } = await one.get()
    expect([body.length, body.subarray(4, 8).toString() === 'ftyp']).toEqual([one.row.bytes, false])
  })
})

describe('a hub', () => {
  it('knows names as they are written alone', async () => {
    await using one = await withFile({ switches: { profile: 'hub' } })
    const by = (source: string) => ask(`${one.api}?cmd=Download&source=${source}&output=a.mp4&token=${one.token}`)
    const name = one.row.name!
    expect(name).toContain(' ')
    expect(sha256((await by(encodeURI(name))).body)).toBe(one.row.sha256)
    expect(one.device.violations).toEqual([])
    expect((await by(encodeURIComponent(name))).json[0].error.rspCode).toBe(-222)
    expect((await by(name.replaceAll(' ', '+'))).json[0].error.rspCode).toBe(-222)
    expect(one.device.violations).toEqual(Array(2).fill('Download: %2F or + in source=, which a hub does not know'))
  })

  it('stores fragmented films, and rounds their sizes', async () => {
    await using one = await withFile({ switches: { profile: 'hub' } })
    const [file] = await one.files(one.token, 2026, 3, 2)
    expect(Number(file!.size) % (1024 * 1024)).toBe(0)
    const { body } = await one.get()
    expect(body.includes('moof')).toBe(true)
    expect(body.length).toBe(Number.parseInt(/_([0-9A-F]+)\.mp4$/.exec(one.row.name!)![1]!, 16))
  })
})

describe('Playback', () => {
  it('is the same file, whole; or FLV, or nothing', async () => {
    await using one = await withFile()
    const { status, body } = await one.get({ Range: 'bytes=1000-' }, 'Playback')
    expect([status, sha256(body)]).toEqual([200, one.row.sha256])
    const native = await one.get({}, `Playback&channel=0&type=0&seek=0`)
    expect(sha256(native.body)).toBe(one.row.sha256)
    one.device.set({ playback: 'flv' })
    const flv = await one.get({}, 'Playback')
    expect([flv.headers.get('content-type'), flv.headers.get('content-length')]).toEqual(['video/x-flv', null])
    expect(flv.body.subarray(0, 3).toString()).toBe('FLV')
    one.device.set({ playback: 'closes' })
    await expect(one.get({}, 'Playback')).rejects.toThrow()
  })

  it('is served at /flv too, by the time of UTC', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-classic' } })
    const flv = (start: string, password = 'pass-1234') =>
      ask(
        `${one.device.url}/flv?port=1935&app=bcs&stream=playback.bcs&channel=0&type=0&start=${start}&seek=0&user=admin&password=${password}`,
      )
    const { headers, body } = await flv('20260302210000')
    expect([headers.get('content-type'), body.subarray(0, 3).toString()]).toEqual(['video/x-flv', 'FLV'])
    expect((await flv('20260302210001')).status).toBe(404)
    expect((await flv('20260302210000', 'no')).status).toBe(404)
  })
})

describe('NvrDownload', () => {
  const window = (more = {}) => ({
    NvrDownload: {
      ...{ channel: 2, iLogicChannel: 0, streamType: 'main' },
      ...{ StartTime: local(2026, 3, 2, 22, 5), EndTime: local(2026, 3, 2, 22, 10), ...more },
    },
  })

  it('makes the film of a window, and a smaller one nobody asked for', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-classic' } })
    const token = await one.login()
    const { fileCount, fileList } = (await one.command(token, 'NvrDownload', window(), 1)).value
    expect([fileCount, fileList.length]).toEqual([2, 2])
    expect(fileList.map(({ fileName }: { fileName: string }) => fileName)).toEqual([
      'fragment_03_20260302220500.mp4',
      'fragment_03_20260302170500.mp4',
    ])
    expect(Number(fileList[0].fileSize)).toBeGreaterThan(Number(fileList[1].fileSize))
    const start = Date.UTC(2026, 2, 2, 21, 5)
    const truth = one.device.film({ channel: 2, start, end: start + 300_000 })!
    const { body } = await one.download(token, fileList[0].fileName)
    expect([String(body.length), body.length, sha256(body)]).toEqual([fileList[0].fileSize, truth.bytes, truth.sha256])
    const decoy = await one.download(token, fileList[1].fileName)
    expect(String(decoy.body.length)).toBe(fileList[1].fileSize)
    const across = { StartTime: local(2026, 3, 2, 22, 10), EndTime: local(2026, 3, 2, 22, 35) }
    expect((await one.command(token, 'NvrDownload', window(across), 1)).value.fileCount).toBe(4)
    expect(one.device.violations).toEqual([])
  })

  it('refuses what is not there, what is not said, and a second one at a time', async () => {
    const clock = new TestClock()
    await using one = await reolink({
      ...{ clock, switches: { profile: 'nvr-classic', logicChannel: true, prepareMs: 1500, decoy: false } },
    })
    const [token, other] = [await one.login(), await one.login()]
    const { NvrDownload } = window()
    const { iLogicChannel: _, ...without } = NvrDownload
    expect((await one.command(token, 'NvrDownload', { NvrDownload: without }, 1)).error.rspCode).toBe(-4)
    const first = one.command(token, 'NvrDownload', window(), 1)
    while (one.device.requests.filter(({ node }) => node === 'NvrDownload').length < 2) await new Promise(setImmediate)
    expect((await one.command(other, 'NvrDownload', window(), 1)).error.rspCode).toBe(-221)
    clock.advance(1500)
    expect((await first).value.fileCount).toBe(1)
    one.device.set({ prepareMs: 0 })
    const empty = window({ StartTime: local(2026, 3, 1), EndTime: local(2026, 3, 1, 1) })
    expect((await one.command(token, 'NvrDownload', empty, 1)).error.rspCode).toBe(-222)
    expect((await one.download(token, 'fragment_01_20200101000000.mp4')).json[0].error.rspCode).toBe(-222)
  })

  it('makes files that a newer recorder does not give, and a camera knows nothing of it', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-365' } })
    const token = await one.login()
    const { fileList } = (await one.command(token, 'NvrDownload', window(), 1)).value
    await expect(one.download(token, fileList[0].fileName)).rejects.toThrow()
    expect(one.device.requests.at(-1)).toMatchObject({ node: 'Download', status: 0, bodyBytes: 0 })
    await using camera = await reolink()
    expect((await camera.command(await camera.login(), 'NvrDownload', window(), 1)).error.rspCode).toBe(-9)
  })
})
