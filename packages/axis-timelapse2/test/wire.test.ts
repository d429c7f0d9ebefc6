import { describe, expect, it } from 'vitest'
import { atLeast, readApp, readCard, readMigration, serialFromChallenge } from '../src/wire/app.ts'
import { exactBytes, extensionOf, readEntry, readName, trustedWindow } from '../src/wire/list.ts'
import { encodedTarget, isPlain, needsDecoding, nodePath, rawTarget, servedName } from '../src/wire/target.ts'

describe('the app page', () => {
  it('gives version and serial', () => {
    expect(
      readApp({
        manifest: {
          acapPackageConf: { setup: { version: '3.1.4', friendlyName: 'Timelapse V3', appName: 'timelapse2' } },
        },
        device: { serial: 'accc8e000001', model: 'P1468', firmware: 12, hostname: ' ' },
      }),
    ).toEqual({ version: '3.1.4', friendlyName: 'Timelapse V3', serial: 'ACCC8E000001', model: 'P1468' })
  })

  it.each([[null], [[]], ['text'], [{}], [{ manifest: 7, device: 'x' }]])('is not %j', (page) => {
    expect(readApp(page)).toBeUndefined()
  })

  it.each([
    ['Digest realm="AXIS_ACCC8E000001", nonce="a=b", algorithm=MD5, qop="auth"', 'ACCC8E000001'],
    ['Basic realm="x", Digest realm="AXIS_WS_accc8e000002", qop="auth"', 'ACCC8E000002'],
    ['Digest realm="AXIS_ACCC8E0000012"', undefined],
    ['Digest realm="Camera"', undefined],
    [undefined, undefined],
  ])('realm of %s', (header, serial) => {
    expect(serialFromChallenge(header)).toBe(serial)
  })

  it('tells of card and migration', () => {
    expect(readCard({ sdcard: { present: false, message: 'No SD card' } })).toEqual({
      present: false,
      message: 'No SD card',
    })
    expect(readCard({ sdcard: { present: 'no' } })).toBeUndefined()
    expect(readMigration({ status: 'running', completed: 2, total: 9 })).toEqual({ status: 'running', done: 2, of: 9 })
    expect(readMigration([])).toBeUndefined()
  })

  it('orders versions by number', () => {
    expect(atLeast('3.1.10', '3.1.3')).toBe(true)
    expect(atLeast('3.1.2', '3.1.3')).toBe(false)
    expect(atLeast('3.1.3-beta', '3.1.3')).toBe(true)
    expect(atLeast('4', '3.1.3')).toBe(true)
    expect(atLeast('', '1.0.0')).toBe(false)
  })
})

describe('an entry', () => {
  it('keeps what has the right type', () => {
    expect(
      readEntry(
        {
          id: 7,
          filename: 'a.avi',
          size: '12',
          frames: 3,
          fps: null,
          first: 'yesterday',
          last: Number.POSITIVE_INFINITY,
        },
        false,
      ),
    ).toEqual({ id: '7', filename: 'a.avi', size: 12, frames: 3 })
  })

  it.each<[unknown, boolean, string]>([
    [null, false, 'is not an object'],
    [['a.avi'], false, 'is not an object'],
    [{ id: 'X' }, false, 'names no file'],
    [{ filename: 42 }, false, 'not a text'],
    [{ filename: '  ' }, false, 'empty file name'],
    [{ filename: 'a.avi' }, true, 'no id'],
  ])('%j cannot be asked for', (entry, needsId, problem) => {
    expect(readEntry(entry, needsId)).toEqual({
      problem: expect.stringContaining(problem),
      excerpt: JSON.stringify(entry),
    })
  })

  it('states the length of an AVI as the writer makes it, and of an MP4 as it is', () => {
    expect(exactBytes({ filename: 'a.avi', size: 4000, frames: 10 })).toBe(248 + 4000 + 240)
    expect(exactBytes({ filename: 'a.MP4', size: 4001 })).toBe(4001)
  })

  it.each([
    { filename: 'a.avi', size: 4000 },
    { filename: 'a.avi', size: 4001, frames: 10 },
    { filename: 'a.avi', size: 36, frames: 10 },
    { filename: 'a.avi', size: 4000, frames: 0 },
    { filename: 'a.mp4', size: -5 },
    { filename: 'a.mp4', size: 2 ** 60 },
    { filename: 'a.zip', size: 4000, frames: 10 },
    { filename: 'a', size: 4000, frames: 10 },
  ])('states no length: %o', (entry) => {
    expect(exactBytes(entry)).toBeUndefined()
  })

  const now = Date.UTC(2026, 7, 1)
  it('is dated where both dates can be believed', () => {
    const first = Date.UTC(2026, 6, 1)
    expect(trustedWindow({ filename: 'a', first, last: now }, now)).toEqual({ start: first, end: now + 1 })
    expect(trustedWindow({ filename: 'a', first, last: first }, now)).toEqual({ start: first, end: first + 1 })
  })

  it.each([
    ['nothing', undefined, undefined],
    ['half', now - 5, undefined],
    ['1970', 0, 0],
    ['32-bit overflow', 1_782_864_000_000 | 0, 1_782_950_400_000 | 0],
    ['the future', now, now + 2 * 86_400_000],
    ['backwards', now, now - 1],
  ])('is undated: %s', (_, first, last) => {
    expect(
      trustedWindow({ filename: 'a', ...(first !== undefined && { first }), ...(last !== undefined && { last }) }, now),
    ).toBeUndefined()
  })
})

describe('a name', () => {
  it.each([
    ['Front_Door_2026_07_01_0005.avi', 'Front_Door_2026_07_01_0005', 'Front_Door', '2026-07-01 00:05'],
    ['Front_2026_07_01.avi', 'Front_2026_07_01', 'Front', '2026-07-01'],
    ['_2026_07_01_0005.mp4', '_2026_07_01_0005', undefined, '2026-07-01 00:05'],
    ['v1.5.zip', 'v1.5', undefined, undefined],
    ['noname', 'noname', undefined, undefined],
  ])('%s', (name, stem, profile, written) => {
    expect(readName(name)).toEqual({ stem, ...(profile && { profile }), ...(written && { written }) })
  })

  it('has an extension, or none', () => {
    expect(['a.AVI', 'a.b.mp4', 'a', 'a.', 'a.tar/x'].map(extensionOf)).toEqual([
      'avi',
      'mp4',
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a target', () => {
  const path = nodePath('timelapse2', 'download')

  it('is never reset', () => {
    expect(path).toBe('/local/timelapse2/download')
    for (const node of ['reset', 'RESET', 'reset/', '../reset', 'settings', 'export', 'download?x']) {
      expect(() => nodePath('timelapse2', node)).toThrow('does not ask')
    }
  })

  it.each([
    ['a b', 'a%20b', 'a%20b'],
    ["it's+50%25#1&2", 'it%27s%2B50%2525%231%262', "it's+50%25%231%262"],
    ['Tür', 'T%C3%BCr', 'T\u00c3\u00bcr'],
    [
      'a|b^c`[]{}!$()*,;:@/?=',
      'a%7Cb%5Ec%60%5B%5D%7B%7D%21%24%28%29%2A%2C%3B%3A%40%2F%3F%3D',
      'a|b^c`[]{}!$()*,;:@/?=',
    ],
    ['"\n\u007f', '%22%0A%7F', '"%0A%7F'],
    ['\ud800', '%EF%BF%BD', '\u00ef\u00bf\u00bd'],
  ])('spells %j both ways', (name, encoded, raw) => {
    expect(encodedTarget(path, [['filename', name]])).toEqual({ url: `${path}?filename=${encoded}` })
    expect(rawTarget(path, [['filename', name]])).toEqual({
      url: `${path}?filename=${encoded}`,
      raw: `${path}?filename=${raw}`,
    })
    // What goes out percent-encoded must reach the wire as it is written.
    expect(new URL(`http://camera${path}?filename=${encoded}`).search).toBe(`?filename=${encoded}`)
  })

  it('knows which names need which spelling', () => {
    expect(['Front_2026_07_01_0005.avi', 'a~b-c', "it's", 'a+b', 'ü'].map(isPlain)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(['Front', 'ü', "it's+50%", 'a"b', 'a b', 'a&b', 'a#b', 'a\nb'].map(needsDecoding)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ])
  })

  it('reads back the name of a reply', () => {
    expect(servedName('attachment; filename=a b&c.avi')).toBe('a b&c.avi')
    expect(servedName('attachment; filename="x.mp4"; filename*=UTF-8\'\'x.mp4')).toBe('x.mp4')
    expect(servedName('attachment; filename="T\u00c3\u00bcr.mp4"')).toBe('Tür.mp4')
    expect(servedName('inline')).toBeUndefined()
    expect(servedName(undefined)).toBeUndefined()
  })
})
