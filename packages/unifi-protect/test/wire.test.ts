import { describe, expect, it } from 'vitest'
import { isReadable, type ProtectCamera, readCamera } from '../src/wire/camera.ts'
import { bareEventId, eventsIn, kindOf, readEvent } from '../src/wire/event.ts'
import { readNvr } from '../src/wire/nvr.ts'
import { readRefusal } from '../src/wire/refusal.ts'
import { isEmptyMovie } from '../src/wire/stub.ts'

const id = '61b3f5c7033ea703e7000424'
const huge = 'x'.repeat(10 * 1024 * 1024)
const start = Date.UTC(2026, 9, 20)

function camera(fields: Record<string, unknown>): ProtectCamera {
  const read = readCamera({ id, ...fields })
  if (!isReadable(read)) throw new Error(read.problem)
  return read
}

describe('a console', () => {
  it('is read from nvr, and from bootstrap', () => {
    const nvr = {
      id: 'a'.repeat(24),
      mac: '4B8290F6D7A3',
      name: 'Attic',
      timezone: 'Europe/Berlin',
      version: '7.2.105',
    }
    const expected = { id: nvr.id, mac: nvr.mac, name: 'Attic', timeZone: 'Europe/Berlin', version: '7.2.105' }
    expect(readNvr({ ...nvr, future: { x: 1 } })).toEqual(expected)
    expect(readNvr({ cameras: [], nvr })).toEqual(expected)
  })

  it.each([null, [], 'nvr', 7, {}, { id: {} }, { id: huge }])('%# is not read from anything else', (json) => {
    expect(readNvr(json)).toBeUndefined()
  })

  it('has no zone that this machine does not know, and no name of megabytes', () => {
    expect(readNvr({ id, timezone: 'Mars/Olympus' })).toEqual({ id })
    expect(readNvr({ id, timezone: huge, name: huge })?.name).toHaveLength(200)
  })
})

describe('a camera', () => {
  it.each([
    [{ name: 'Drive', displayName: 'D', marketName: 'G4' }, 'Drive'],
    [{ name: null, displayName: 'Yard', marketName: 'G4' }, 'Yard'],
    [{ name: null, marketName: 'G4 Pro', mac: 'FCECDA8FE96B' }, 'G4 Pro FCECDA8FE96B'],
    [{ name: null, type: 'UVC G4', mac: 'FCECDA8FE96B' }, 'UVC G4 FCECDA8FE96B'],
    [{ name: { first: 'x' }, mac: 7n }, id],
    [{ name: '  ' }, id],
    [{}, id],
    [{ name: 'a\u0000b\nc\u202e' }, 'a b c'],
  ])('without a usable name is called something else: %#', (fields, name) => {
    expect(camera(fields).name).toBe(name)
  })

  it('with a name of ten megabytes is read at once', () => {
    expect(camera({ name: huge }).name).toHaveLength(200)
  })

  it.each([
    [undefined, 'has no id'],
    [null, 'has no id'],
    [{}, 'has an id that is none'],
    ['', 'has an id that is none'],
    ['../../nvr', 'has an id that is none'],
    ['a b', 'has an id that is none'],
    [huge, 'has an id that is none'],
  ])('without a usable id is reported: %#', (bad, problem) => {
    expect(readCamera({ id: bad, name: 'Drive' }, 3)).toEqual({ problem, position: 3 })
    expect(readCamera('camera', 1)).toEqual({ problem: 'is not an object', position: 1 })
  })

  it('whose id is a number is asked for by its digits', () => {
    expect(camera({ id: 42 }).id).toBe('42')
  })

  it('reaches back to its low-quality age, not only to the high one', () => {
    const video = {
      recordingStart: start + 5000,
      recordingStartLQ: start,
      recordingEnd: start + 9000,
      recordingEndLQ: null,
    }
    expect(camera({ stats: { video } }).edges).toEqual({ start, highFrom: start + 5000, end: start + 9000 })
  })

  it.each([
    [{ recordingStart: null, recordingStartLQ: null }, 'none'],
    [{ recordingStart: null }, 'none'],
    // Nothing is said: nothing may be concluded from it.
    [undefined, {}],
    [{}, {}],
    [{ recordingStartLQ: null }, {}],
    [{ recordingStart: 1e300, recordingStartLQ: -1e300 }, {}],
    [{ recordingStart: 'yesterday' }, {}],
    [{ recordingStart: [start] }, {}],
    [{ recordingStart: String(start) }, { start, highFrom: start }],
    [{ recordingStart: start + 0.75 }, { start, highFrom: start }],
  ])('whose statistics are %j', (video, edges) => {
    expect(camera({ stats: { video } }).edges).toEqual(edges)
  })

  it('that claims recordings beside empty statistics is not called empty', () => {
    expect(camera({ hasRecordings: true, stats: { video: { recordingStart: null } } }).edges).toEqual({})
  })

  it('tells its streams, its second lens and its padding, whatever else is in them', () => {
    const read = camera({
      channels: [
        { id: 0, width: 3840, height: 2160 },
        { id: 'x' },
        null,
        { id: 3, width: -1, height: 1e300 },
        { id: 2, width: 640, height: 360.5 },
      ],
      lenses: [{ id: 2, video: { recordingStart: start, recordingStartLQ: null } }],
      recordingSettings: { mode: 'detections', prePaddingSecs: 2, postPaddingSecs: 1e9 },
      state: 'DISCONNECTED',
    })
    expect(read.streams).toEqual([{ id: 0, width: 3840, height: 2160 }, { id: 3 }, { id: 2, width: 640 }])
    expect(read.package?.edges).toEqual({ start, highFrom: start })
    expect(read).toMatchObject({ mode: 'detections', padding: { beforeMs: 2000, afterMs: 0 }, state: 'offline' })
    expect(camera({}).package).toBeUndefined()
  })

  it('of another console is foreign; one that does not say is not', () => {
    expect(camera({ isAdopted: false }).foreign).toBe(true)
    expect(camera({ isAdoptedByOther: true }).foreign).toBe(true)
    expect(camera({ isAdopted: 'no' }).foreign).toBe(false)
    expect(camera({}).foreign).toBe(false)
  })

  it('takes nothing from where objects inherit it', () => {
    const read = readCamera(JSON.parse(`{"id":"${id}","__proto__":{"name":"evil"},"constructor":1}`))
    expect(read).toMatchObject({ name: id })
  })
})

describe('an event', () => {
  it('is read with hex ids and with UUIDs; only a leading e- is not part of the id', () => {
    const uuid = '0190e-8c5e-7e-4a1e-be-e2'
    expect(bareEventId(`e-${uuid}`)).toBe(uuid)
    expect(bareEventId(uuid)).toBe(uuid)
    expect(bareEventId(id)).toBe(id)
    expect(bareEventId('e-')).toBeUndefined()
    expect(readEvent({ id: `e-${uuid}`, type: 'motion', start, end: null, camera: id })).toEqual({
      id: uuid,
      type: 'motion',
      start,
      cameraId: id,
      smartTypes: [],
    })
  })

  it('tells what was seen', () => {
    const seen = readEvent({
      id,
      type: 'smartDetectZone',
      start,
      end: start + 1,
      smartDetectTypes: ['person', 'vehicle', 7],
    })
    expect(seen?.smartTypes).toEqual(['person', 'vehicle'])
    expect(kindOf(seen!)).toBe('person-vehicle')
    expect(kindOf({ ...seen!, smartTypes: [] })).toBe('smartDetectZone')
  })

  it.each([
    [{ id, type: 'motion', start: 1e300 }],
    [{ id, type: 'motion' }],
    [{ id, start }],
    [{ type: 'motion', start }],
    [{ id: [], type: 'motion', start }],
    [null],
  ])('%# that cannot be told is none', (value) => {
    expect(readEvent(value)).toBeUndefined()
  })

  it('that ends before it begins is over, and one that ends in absurdity goes on', () => {
    expect(readEvent({ id, type: 'ring', start, end: start - 1 })?.end).toBe(start)
    expect(readEvent({ id, type: 'ring', start, end: 1e300 })?.end).toBeUndefined()
  })

  it('comes in an array', () => {
    expect(eventsIn([1])).toEqual([1])
    expect(eventsIn({ error: 'x' })).toBeUndefined()
  })
})

describe('a reply that is no video', () => {
  it.each([
    [500, '{"error":"No files found matching criteria."}', 'empty'],
    [404, '{"error":"No files found"}', 'empty'],
    [400, '{"error":"track information is not valid"}', 'empty'],
    [404, '{"error":502,"operationId":8969}', 'empty'],
    // Not its own word for "nothing recorded".
    [404, '', 'other'],
    [404, '<html><h1>404 Not Found</h1></html>', 'other'],
    [404, '{"error":"Not Found"}', 'other'],
    [404, '{"error":502}', 'other'],
    [404, '{"error":500,"operationId":8969}', 'other'],
    [502, '{"error":502,"operationId":8969}', 'other'],
    [500, '{"error":502,"operationId":8969}', 'other'],
    [404, '{"operationId":8969}', 'other'],
    [500, '{}', 'other'],
    [500, '[]', 'other'],
    [500, 'No files found matching criteria.', 'other'],
    [500, '{"error":"Non-monotonic timestamp provided"}', 'damaged'],
  ])('%i %s means %s', (status, text, meaning) => {
    expect(readRefusal(status, text).meaning).toBe(meaning)
  })

  it('is quoted, printable and bounded', () => {
    expect(readRefusal(500, JSON.stringify({ error: `No files\u0000\nfound ${huge}` })).said).toHaveLength(200)
    expect(readRefusal(500, '{"message":"busy"}').said).toBe('busy')
  })
})

describe('an MP4 of a few bytes', () => {
  const box = (type: string, ...content: Uint8Array[]) => {
    const size = Buffer.alloc(8)
    size.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0))
    size.write(type, 4, 'latin1')
    return Buffer.concat([size, ...content])
  }
  const ftyp = box('ftyp', Buffer.from('mp42\0\0\0\0mp41isom'))
  const stsz = (count: number) => box('stsz', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count]))
  const moov = (...inner: Uint8Array[]) => box('moov', box('mvhd', Buffer.alloc(100)), ...inner)
  const track = (count: number) => box('trak', box('mdia', box('minf', box('stbl', stsz(count)))))
  const stub = Buffer.concat([ftyp, box('mdat'), moov(track(0))])

  it('without pictures is how nothing is said', () => {
    expect(stub.length).toBeLessThan(300)
    expect(isEmptyMovie(stub)).toBe(true)
    expect(isEmptyMovie(Buffer.concat([ftyp, moov()]))).toBe(true)
    // Bytes in the middle of a larger buffer.
    expect(isEmptyMovie(Buffer.concat([Buffer.alloc(7), stub]).subarray(7))).toBe(true)
  })

  it('with a picture, or cut off at any byte, is not', () => {
    expect(isEmptyMovie(Buffer.concat([ftyp, moov(track(1))]))).toBe(false)
    expect(isEmptyMovie(Buffer.concat([ftyp, box('mdat', Buffer.alloc(9)), moov(track(0))]))).toBe(false)
    expect(isEmptyMovie(Buffer.concat([stub, box('free', Buffer.alloc(200))]))).toBe(false)
    for (let bytes = 0; bytes < stub.length; bytes++) expect(isEmptyMovie(stub.subarray(0, bytes))).toBe(false)
  })

  it('that is none at all is not', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(290), Buffer.from('{"error":"x"}'), moov(), box('free')])
      expect(isEmptyMovie(bytes)).toBe(false)
    const endless = Buffer.from(stub)
    endless.writeUInt32BE(0, ftyp.length)
    expect(isEmptyMovie(endless)).toBe(false)
  })
})
