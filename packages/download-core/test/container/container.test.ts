import { flv, fragmentedMp4, jpeg, type Media, mjpegAvi, mp4, sizedMp4 } from '@cam/simulators/media'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesSource, type ContainerReport, readContainer } from '../../src/media.ts'

const whole = (media: Media) => media.read(0, media.size)
const read = async (bytes: Uint8Array): Promise<ContainerReport> => {
  const report = await readContainer(bytesSource(bytes))
  if (!report) throw new Error('not recognised')
  return report
}
const patched = (bytes: Uint8Array, at: number, ...values: number[]) => {
  const copy = bytes.slice()
  copy.set(values, at)
  return copy
}
const indexOf = (bytes: Uint8Array, text: string, from = 0) => Buffer.from(bytes).indexOf(text, from, 'latin1')

const moovLast = whole(mp4({ frames: 12, moov: 'last', width: 32, height: 16 }))
const moovFirst = whole(mp4({ frames: 12, moov: 'first', width: 32, height: 16 }))
const fragmented = whole(fragmentedMp4({ frames: 30, fps: 10, width: 32, height: 16 }))
const avi = whole(mjpegAvi({ frames: 9 }))
const flash = whole(flv({ frames: 12, width: 32, height: 16 }))
const picture = whole(jpeg({ width: 64, height: 48 }))

describe('a whole file', () => {
  test.each([
    ['mp4', moovLast, { width: 32, height: 16, frames: 12, codec: 'avc1', durationMs: 1200 }],
    ['mp4', moovFirst, { width: 32, height: 16, frames: 12, codec: 'avc1', durationMs: 1200 }],
    ['mp4', fragmented, { width: 32, height: 16, frames: 30, codec: 'avc1', durationMs: 3000 }],
    ['avi', avi, { frames: 9 }],
    ['flv', flash, { frames: 12, codec: 'h264' }],
    ['jpeg', picture, { width: 64, height: 48, codec: 'jpeg' }],
  ] as const)('%s is complete and tells its facts', async (format, bytes, facts) => {
    const report = await read(bytes)
    expect(report).toMatchObject({ format, complete: true, missing: false, facts })
    expect(report.problem).toBeUndefined()
  })

  test('without an end mark is open-ended and states when its samples end', async () => {
    expect(await read(fragmented)).toMatchObject({ openEnded: true, samplesEndMs: 3000 })
    const report = await read(flash)
    expect(report.openEnded).toBe(true)
    expect(report.samplesEndMs).toBe(report.facts.durationMs)
    expect((await read(moovLast)).openEnded).toBe(false)
  })

  test('of any other format is not judged', async () => {
    for (const bytes of [
      new Uint8Array(0),
      Buffer.from('<html>'),
      Buffer.from([0x47, 1, 2, 3]),
      Buffer.from('RIFFxxxxWAVE'),
    ]) {
      expect(await readContainer(bytesSource(bytes))).toBeUndefined()
    }
  })
})

describe('a file cut at any byte', () => {
  const cases: [string, Uint8Array][] = [
    ['MP4, index last', moovLast],
    ['MP4, index first', moovFirst],
    ['AVI', avi],
    ['JPEG', picture],
  ]
  test.each(cases)('is never complete: %s', async (_name, bytes) => {
    // Every byte near the ends and the seams, every 7th elsewhere.
    for (let cut = 12; cut < bytes.length; cut += cut < 400 || cut > bytes.length - 900 ? 1 : 13) {
      const report = await readContainer(bytesSource(bytes.subarray(0, cut)))
      expect(report?.complete ?? false, `cut at ${cut}`).toBe(false)
      expect(report?.missing ?? true, `cut at ${cut}: ${report?.problem}`).toBe(true)
    }
  })

  test.each([
    ['FLV', flash],
    ['fragmented MP4', fragmented],
  ] as const)('is complete at most up to its last whole picture: %s', async (_name, bytes) => {
    const end = (await read(bytes)).samplesEndMs!
    let complete = 0
    for (let cut = 12; cut < bytes.length; cut++) {
      const report = await readContainer(bytesSource(bytes.subarray(0, cut)))
      if (!report?.complete) continue
      complete++
      expect(report.openEnded, `cut at ${cut}`).toBe(true)
      expect(report.samplesEndMs!, `cut at ${cut}`).toBeLessThan(end)
    }
    // Only between two pictures; anywhere else the cut shows.
    expect(complete).toBeLessThan(40)
  })

  test('in what follows the last picture is no loss, and no proof either', async () => {
    const bytes = whole(sizedMp4(40_000))
    const free = indexOf(bytes, 'free') - 4
    expect(free).toBeGreaterThan(0)
    const report = await read(bytes.subarray(0, bytes.length - 3))
    expect(report).toMatchObject({ complete: false, missing: false })
  })
})

describe('MP4', () => {
  const mdat = indexOf(moovFirst, 'mdat') - 4

  test('with a size of 0 reaches to the end of the file', async () => {
    expect(await read(patched(moovFirst, mdat, 0, 0, 0, 0))).toMatchObject({ complete: true })
    expect(await read(patched(moovFirst, mdat, 0, 0, 0, 0).subarray(0, -1))).toMatchObject({
      complete: false,
      missing: true,
    })
  })

  test('with 64-bit sizes and offsets is read', async () => {
    const data = moovFirst.subarray(mdat)
    const size = Buffer.alloc(16)
    size.writeUInt32BE(1, 0)
    size.write('mdat', 4, 'latin1')
    size.writeBigUInt64BE(BigInt(data.length + 8), 8)
    const wide = Buffer.concat([moovFirst.subarray(0, mdat), size, data.subarray(8)])
    // Its index still points at the old places, 8 bytes too early: within the file all the same.
    expect(await read(wide)).toMatchObject({ complete: true, missing: false })
    size.writeBigUInt64BE(2n ** 63n, 8)
    expect(await read(Buffer.concat([moovFirst.subarray(0, mdat), size, data.subarray(8)]))).toMatchObject({
      complete: false,
    })
  })

  test('whose index points behind the end lacks pictures', async () => {
    const table = indexOf(moovFirst, 'stco') + 12
    expect(await read(patched(moovFirst, table, 0, 0xff, 0, 0))).toMatchObject({ complete: false, missing: true })
  })

  test('with bytes behind its end is not proved by its structure', async () => {
    expect(await read(Buffer.concat([moovLast, Buffer.from([1, 2, 3])]))).toMatchObject({
      complete: false,
      missing: false,
    })
    expect(await read(Buffer.concat([moovLast, Buffer.alloc(100, 0xee)]))).toMatchObject({
      complete: false,
      missing: false,
    })
  })

  test('in fragments that reach the duration they state needs no other witness', async () => {
    const mvex = indexOf(fragmented, 'mvex') - 4
    const mehd = Buffer.alloc(16)
    mehd.writeUInt32BE(16, 0)
    mehd.write('mehd', 4, 'latin1')
    const timescale = Buffer.from(fragmented).readUInt32BE(indexOf(fragmented, 'mvhd') + 4 + 12)
    const withDuration = (ms: number) => {
      mehd.writeUInt32BE((ms * timescale) / 1000, 12)
      const grown = Buffer.concat([fragmented.subarray(0, mvex + 8), mehd, fragmented.subarray(mvex + 8)])
      for (const at of [mvex, indexOf(fragmented, 'moov') - 4]) grown.writeUInt32BE(grown.readUInt32BE(at) + 16, at)
      return grown
    }
    expect(await read(withDuration(3000))).toMatchObject({ complete: true, openEnded: false })
    expect(await read(withDuration(9000))).toMatchObject({ openEnded: true })
  })
})

describe('AVI of an Axis camera', () => {
  test('has the length that its first 240 bytes tell', async () => {
    expect((await read(avi)).exactBytes).toBe(avi.length)
    const head = Buffer.from(avi)
    expect(236 + head.readUInt32LE(232) + 8 + 16 * head.readUInt32LE(48)).toBe(avi.length)
  })

  test('may state a RIFF size that is 16 too big', async () => {
    const other = Buffer.from(avi)
    other.writeUInt32LE(avi.length + 8, 4)
    expect(await read(other)).toMatchObject({ complete: true })
    other.writeUInt32LE(avi.length + 200, 4)
    expect(await read(other)).toMatchObject({ complete: false, missing: true })
  })

  test('without its index is not whole, whatever its flags say', async () => {
    const cut = avi.subarray(0, indexOf(avi, 'idx1', 236))
    expect(await read(cut)).toMatchObject({ complete: false, missing: true })
  })

  test('that grew while it was read is not proved by its structure', async () => {
    expect(await read(Buffer.concat([avi, Buffer.alloc(40, 7)]))).toMatchObject({ complete: false, missing: false })
  })

  test('whose header was never finished is not complete', async () => {
    expect(await read(patched(patched(avi, 48, 0, 0, 0, 0), 224, 0, 0, 0, 0))).toMatchObject({ complete: false })
  })
})

describe('JPEG', () => {
  test('may be followed by padding, not by anything else', async () => {
    expect(await read(Buffer.concat([picture, Buffer.from('\r\n\0\0')]))).toMatchObject({ complete: true })
    expect(await read(Buffer.concat([picture, picture]))).toMatchObject({ complete: false, missing: false })
  })
  test('knows an end mark inside a segment from its own', async () => {
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 6, 0xff, 0xd9, 0xff, 0xd9])])
    const other = Buffer.concat([picture.subarray(0, 2), comment, picture.subarray(2)])
    expect(await read(other)).toMatchObject({ complete: true })
    expect(await read(other.subarray(0, 300))).toMatchObject({ complete: false })
  })
})

describe('a hostile file', () => {
  const samples = [moovLast, moovFirst, fragmented, avi, flash, picture]

  test('is reported, never thrown, and never read for long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(samples.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        async (which, changes, cut) => {
          const sample = samples[which]!
          const bytes = sample.slice(0, sample.length - (cut % 3 === 0 ? cut % sample.length : 0))
          for (const [at, value] of changes) bytes[at % Math.min(bytes.length, at % 2 ? 2000 : bytes.length)] = value
          let reads = 0
          const source = bytesSource(bytes)
          const report = await readContainer({
            size: bytes.length,
            read(offset, length) {
              if (++reads > 20_000) throw new Error('reads for ever')
              if (length > 1_000_000) throw new Error('reads too much at once')
              return source.read(offset, length)
            },
          })
          if (report?.complete) expect(report.missing).toBe(false)
          for (const value of Object.values(report?.facts ?? {})) {
            expect(typeof value === 'string' || (Number.isFinite(value) && value > 0)).toBe(true)
          }
        },
      ),
      { numRuns: 400, seed: 7 },
    )
  })

  test('of random bytes behind a good beginning is reported', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '\0\0\0\x18ftypisom',
          'RIFF\xff\xff\0\0AVI LIST',
          'FLV\x01\x05\0\0\0\x09\0\0\0\0',
          '\xff\xd8\xff\xe0',
          '\0\0\0\0moov',
          '\0\0\x01\0moof',
        ),
        fc.uint8Array({ maxLength: 400 }),
        async (start, rest) => {
          const report = await readContainer(bytesSource(Buffer.concat([Buffer.from(start, 'latin1'), rest])))
          expect(report?.complete ?? false).toBe(false)
        },
      ),
      { numRuns: 400, seed: 11 },
    )
  })
})
