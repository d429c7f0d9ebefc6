import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flv, fragmentedMp4, jpeg, type Media, mjpegAvi, mp4, sizedMp4 } from '../src/media.ts'

interface Box {
  readonly type: string
  readonly at: number
  readonly body: Buffer
}

/** Walks boxes and insists that they fill the space to its last byte. */
function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  let at = 0
  while (at < bytes.length) {
    const size = bytes.readUInt32BE(at)
    expect(size).toBeGreaterThanOrEqual(8)
    expect(at + size).toBeLessThanOrEqual(bytes.length)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), at, body: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

function inside(bytes: Buffer, ...path: string[]): Buffer {
  return path.reduce((body, type) => {
    const found = boxesIn(body).find((one) => one.type === type)
    if (!found) throw new Error(`no ${type}`)
    return found.body
  }, bytes)
}

const bytesOf = (media: Media) => Buffer.from(media.bytes())

describe('mp4', () => {
  for (const order of ['first', 'last'] as const) {
    it(`describes every sample where it is, with moov ${order}`, () => {
      const file = mp4({
        frames: 13,
        fps: 5,
        width: 80,
        height: 64,
        moov: order,
        freeBytes: 40,
        createdAt: Date.UTC(2026, 0, 2),
      })
      const bytes = bytesOf(file)
      const types = boxesIn(bytes).map(({ type }) => type)
      expect(types).toEqual(order === 'first' ? ['ftyp', 'moov', 'mdat', 'free'] : ['ftyp', 'mdat', 'moov', 'free'])
      const stbl = inside(bytes, 'moov', 'trak', 'mdia', 'minf', 'stbl')
      const [stsz, stco, stss, stts] = ['stsz', 'stco', 'stss', 'stts'].map((type) => inside(stbl, type))
      expect([stsz!.readUInt32BE(8), stco!.readUInt32BE(4), stss!.readUInt32BE(4)]).toEqual([13, 13, 13])
      expect([stts!.readUInt32BE(8), stts!.readUInt32BE(12)]).toEqual([13, 1000])
      const mdat = boxesIn(bytes).find(({ type }) => type === 'mdat')!
      let end = mdat.at + 8
      for (let sample = 0; sample < 13; sample++) {
        const [size, at] = [stsz!.readUInt32BE(12 + 4 * sample), stco!.readUInt32BE(8 + 4 * sample)]
        expect(at).toBe(end)
        expect(bytes.readUInt32BE(at)).toBe(size - 4)
        expect(bytes[at + 4]).toBe(0x65)
        end += size
      }
      expect(end).toBe(mdat.at + 8 + mdat.body.length)
      const mvhd = inside(bytes, 'moov', 'mvhd')
      expect((mvhd.readUInt32BE(4) - 2_082_844_800) * 1000).toBe(Date.UTC(2026, 0, 2))
      expect(mvhd.readUInt32BE(16)).toBe(2600)
      expect(file.facts).toMatchObject({ frames: 13, width: 80, height: 64, durationMs: 2600 })
      const mdhd = inside(bytes, 'moov', 'trak', 'mdia', 'mdhd')
      expect(mdhd.readUInt32BE(16) / mdhd.readUInt32BE(12)).toBe(2.6)
    })
  }

  it('never holds a start code inside a sample', () => {
    const stream = bytesOf(mp4({ frames: 5 }))
    const mdat = boxesIn(stream).find(({ type }) => type === 'mdat')!.body
    for (let at = 0; at < mdat.length; at += 4 + mdat.readUInt32BE(at)) {
      const unit = mdat.subarray(at + 4, at + 4 + mdat.readUInt32BE(at))
      for (const code of [0, 1, 2, 3]) expect(unit.indexOf(Buffer.from([0, 0, code]))).toBe(-1)
    }
  })

  it('has exactly the size that was asked for, at any size', () => {
    for (const size of [16_384, 20_001, 99_999, 262_144, 600_007, 1_048_576, 9_000_001]) {
      const file = sizedMp4(size, size)
      expect(file.size).toBe(size)
      expect(
        boxesIn(bytesOf(file))
          .map(({ type }) => type)
          .slice(0, 3),
      ).toEqual(['ftyp', 'mdat', 'moov'])
    }
    expect(() => sizedMp4(16_383)).toThrow(/16384/)
  })

  it('serves half a gigabyte by offset without making it', () => {
    const file = sizedMp4(512 * 1024 * 1024, 'huge')
    expect(file.size).toBe(536_870_912)
    const before = process.memoryUsage().arrayBuffers
    const once = Buffer.from(file.read(400_000_000, 1000))
    expect(Buffer.from(file.read(399_999_500, 2000)).subarray(500, 1500).equals(once)).toBe(true)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
    expect(() => file.bytes()).toThrow(RangeError)
  })

  it('uses 64-bit offsets past 4 GiB', () => {
    const file = sizedMp4(5 * 1024 ** 3, 1)
    const head = Buffer.from(file.read(0, 64))
    const mdatAt = head.readUInt32BE(0)
    expect(head.readUInt32BE(mdatAt)).toBe(1)
    const afterData = mdatAt + Number(head.readBigUInt64BE(mdatAt + 8))
    const tail = Buffer.from(file.read(afterData, file.size - afterData))
    const co64 = inside(tail, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'co64')
    const last = Number(co64.readBigUInt64BE(co64.length - 8))
    expect(last).toBeGreaterThan(2 ** 32)
    expect(Buffer.from(file.read(last + 4, 1))[0]).toBe(0x65)
  })
})

describe('fragmented mp4', () => {
  it('is an initialisation segment and fragments whose times follow one another', () => {
    const bytes = bytesOf(fragmentedMp4({ frames: 20, framesPerFragment: 8 }))
    const boxes = boxesIn(bytes)
    expect(boxes.map(({ type }) => type)).toEqual(['ftyp', 'moov', ...Array(3).fill(['moof', 'mdat']).flat()])
    const moofs = boxes.filter(({ type }) => type === 'moof')
    const times = moofs.map(({ body }) => Number(inside(body, 'traf', 'tfdt').readBigUInt64BE(4)))
    expect(times).toEqual([0, 8000, 16_000])
    for (const moof of moofs) {
      const trun = inside(moof.body, 'traf', 'trun')
      expect(bytes[moof.at + trun.readInt32BE(8) + 4]).toBe(0x65)
    }
  })
})

describe('mjpeg avi', () => {
  for (const riffSize of ['exact', 'excess'] as const) {
    it(`has the camera's own layout, with a RIFF size that is ${riffSize}`, () => {
      const file = mjpegAvi({ frames: 9, width: 96, height: 64, fps: 12, riffSize, frameBytes: 300 })
      const bytes = bytesOf(file)
      const u32 = (at: number) => bytes.readUInt32LE(at)
      expect([u32(32), u32(48), u32(64), u32(68), u32(132)]).toEqual([83_333, 9, 96, 64, 12])
      expect(u32(4)).toBe(riffSize === 'exact' ? bytes.length - 8 : bytes.length + 8)
      expect(bytes.length).toBe(236 + u32(232) + 8 + 16 * 9)
      expect(bytes.length).toBe(248 + file.paddedPictureBytes + 24 * 9)
      const indexAt = 236 + u32(232)
      expect([bytes.toString('latin1', 236, 240), bytes.toString('latin1', indexAt, indexAt + 4)]).toEqual([
        'movi',
        'idx1',
      ])
      let at = 240
      let odd = 0
      for (let frame = 0; frame < 9; frame++) {
        const size = u32(at + 4)
        const padded = Math.ceil(size / 4) * 4
        odd += padded - size
        expect(bytes.toString('latin1', at, at + 4)).toBe('00db')
        const picture = bytes.subarray(at + 8, at + 8 + size)
        expect([picture.readUInt16BE(0), picture.readUInt16BE(size - 2)]).toEqual([0xffd8, 0xffd9])
        const entry = indexAt + 8 + 16 * frame
        expect([u32(entry + 4), u32(entry + 8), u32(entry + 12)]).toEqual([0, at - 236, padded])
        at += 8 + padded
      }
      expect(at).toBe(indexAt)
      expect(odd).toBeGreaterThan(0)
    })
  }
})

describe('flv', () => {
  it('is a chain of tags that name their own sizes, one for each frame', () => {
    const bytes = bytesOf(flv({ frames: 12, fps: 4 }))
    const times: number[] = []
    let at = 13
    while (at < bytes.length) {
      const size = bytes.readUIntBE(at + 1, 3)
      expect(bytes.readUInt32BE(at + 11 + size)).toBe(11 + size)
      if (bytes[at] === 9 && bytes[at + 12] === 1) times.push(bytes.readUIntBE(at + 4, 3))
      at += 15 + size
    }
    expect(times).toEqual(Array.from({ length: 12 }, (_, frame) => frame * 250))
  })
})

describe('every generator', () => {
  const all: Record<string, (seed: string) => Media> = {
    mp4: (seed) => mp4({ seed }),
    'moov first': (seed) => mp4({ seed, moov: 'first', width: 98, height: 50, fps: 25 }),
    sized: (seed) => sizedMp4(700_000, seed),
    fragmented: (seed) => fragmentedMp4({ seed, frames: 21 }),
    avi: (seed) => mjpegAvi({ seed, frames: 10, width: 160, height: 120 }),
    'avi excess': (seed) => mjpegAvi({ seed, riffSize: 'excess', frameBytes: 0, frames: 5 }),
    flv: (seed) => flv({ seed }),
    jpeg: (seed) => jpeg({ seed, width: 100, height: 75 }),
  }

  it('gives the same bytes for the same seed, other ones for another, and any part of them', () => {
    for (const [name, make] of Object.entries(all)) {
      const [one, same, other] = [make('seed'), make('seed'), make('another')]
      expect(one.facts.sha256, name).toBe(same.facts.sha256)
      expect(one.facts.sha256, name).not.toBe(other.facts.sha256)
      const bytes = bytesOf(one)
      expect(bytes.length).toBe(one.size)
      for (let offset = 0; offset < one.size; offset += 7919) {
        const length = Math.min(4099, one.size - offset)
        expect(bytes.subarray(offset, offset + length).equals(one.read(offset, length)), name).toBe(true)
      }
    }
    // The same on every machine, so that a number in a report means something.
    expect(mp4({ seed: 'seed' }).facts.sha256).toBe('182a085ac5c1d76352b631cb1b9ed68d227a3749977d9d16e9e1f20059f0dab8')
  })

  const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0
  it.runIf(ffmpeg)('decodes to its last frame', () => {
    const folder = mkdtempSync(join(tmpdir(), 'media-'))
    try {
      for (const [name, make] of Object.entries(all)) {
        const media = make('seed')
        const path = join(folder, `${name.replace(' ', '-')}.${media.container === 'jpeg' ? 'jpg' : media.container}`)
        writeFileSync(path, media.bytes())
        const decoded = spawnSync('ffmpeg', ['-v', 'warning', '-xerror', '-i', path, '-f', 'null', '-'])
        expect([name, decoded.status, decoded.stderr.toString()]).toEqual([name, 0, ''])
        const fields = 'stream=nb_read_frames,width,height,duration'
        const probe = execFileSync('ffprobe', [
          '-v',
          'error',
          '-count_frames',
          '-show_entries',
          fields,
          '-of',
          'json',
          path,
        ])
        const [stream] = (JSON.parse(probe.toString()) as { streams: Record<string, string | number>[] }).streams
        const { frames, width, height, durationMs } = media.facts
        expect(stream).toMatchObject({ nb_read_frames: String(frames), width, height })
        if (media.container === 'mp4' || media.container === 'avi')
          expect(Math.round(Number(stream?.duration) * 1000)).toBe(durationMs)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  if (!ffmpeg) console.log('skipped: decoding the generated media, because ffmpeg and ffprobe are not on PATH')
})
