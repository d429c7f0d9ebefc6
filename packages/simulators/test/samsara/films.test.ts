import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stampCells, stampMosaic } from '../../src/media/stamp.ts'
import { type DashcamClipOptions, dashcamClip, dashcamStill, readStamp } from '../../src/media.ts'
import { begin } from './client.ts'

const folder = mkdtempSync(join(tmpdir(), 'dashcam-'))
afterAll(() => rmSync(folder, { recursive: true }))
const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0

/** What brightness a decoder should give. */
function drawn(shows: number, angle: number, vehicle: number, width: number, height: number): Uint8Array {
  const { columns, cells } = stampCells(width, height)
  const mosaic = stampMosaic({ shows, angle, vehicle })
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    return 128 + 10 * mosaic[cells[(y >> 4) * columns + (x >> 4)]!]!.y
  })
}

describe('a stamp', () => {
  it('is read from any size, from a part of a larger picture, and from nothing that is none', () => {
    for (const [width, height] of [
      [256, 144],
      [320, 180],
      [320, 240],
      [384, 216],
      [1920, 1080],
      [1280, 962],
    ] as const) {
      const picture = drawn(begin + 59_000, 5, 63, width, height)
      expect(readStamp(picture, width)).toEqual({ shows: begin + 59_000, angle: 5, vehicle: 63 })
      const beside = new Uint8Array((width + 40) * (height + 10)).fill(16)
      for (let row = 0; row < height; row++)
        beside.set(picture.subarray(row * width, (row + 1) * width), (row + 7) * (width + 40) + 33)
      expect(readStamp(beside, width + 40, { left: 33, top: 7, width, height })?.shows).toBe(begin + 59_000)
      expect(readStamp(beside, width + 40, { left: 33 + width / 8, top: 7, width, height })).toBeUndefined()
    }
    for (const shade of [0, 16, 128, 255]) expect(readStamp(new Uint8Array(320 * 180).fill(shade), 320)).toBeUndefined()
  })
})

describe('a clip', () => {
  it('is the same everywhere, small, and like no other', () => {
    const make = (more: Partial<DashcamClipOptions> = {}) =>
      dashcamClip({ shows: begin, angle: 0, vehicle: 12, audio: 16000, ...more })
    expect(make().facts).toMatchObject({ frames: 600, width: 320, height: 180, durationMs: 60_000 })
    expect(make().facts.sha256).toBe('3566d94eade286b629ed061aed29bfc1519c149f4611b4d440c777294649a33a')
    expect(make().size).toBeLessThan(30_000)
    const sums = [{}, { shows: begin + 60_000 }, { angle: 1 }, { vehicle: 13 }, { label: 'anew' }].map(
      (more) => make(more).facts.sha256,
    )
    expect(new Set(sums).size).toBe(5)
    expect(() => make({ width: 240 })).toThrow(RangeError)
    expect(() => make({ fps: 7 })).toThrow(RangeError)
    expect(() => make({ audio: 1234 })).toThrow(RangeError)
  })

  const forms: Record<string, Partial<DashcamClipOptions>> = {
    usual: { durationMs: 7000 },
    'with sound': { durationMs: 6000, audio: 16000, width: 320, height: 240, fps: 15, moov: 'last' },
    'with other sound': { durationMs: 5700, audio: 48000, timescale: 90_000, width: 256, height: 144, fps: 12 },
    'late by a part of a second': { durationMs: 4000, shows: begin + 800 },
    large: { durationMs: 2000, fps: 5, width: 1920, height: 1080, keyMs: 60_000 },
    'a hyperlapse': { durationMs: 6000, speed: 10 },
  }
  it.runIf(ffmpeg)('decodes to the last picture, each of which says what it shows', () => {
    for (const [name, form] of Object.entries(forms)) {
      const options = { shows: begin, angle: 3, vehicle: 9, ...form }
      const clip = dashcamClip(options)
      const path = join(folder, `${name}.mp4`)
      writeFileSync(path, clip.bytes())
      const decoded = spawnSync(
        'ffmpeg',
        ['-v', 'warning', '-xerror', '-i', path, '-map', '0:v', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
        { maxBuffer: 2 ** 30 },
      )
      expect([name, decoded.status, decoded.stderr.toString()]).toEqual([name, 0, ''])
      const { width, height, frames, fps } = clip.facts
      const pictures = Array.from({ length: decoded.stdout.length / (width * height) }, (_, at) =>
        readStamp(decoded.stdout.subarray(at * width * height, (at + 1) * width * height), width),
      )
      expect(pictures.length).toBe(frames)
      const seconds = pictures.map((_, at) => options.shows + (at * 1000 * (form.speed ?? 1)) / fps)
      expect(pictures).toEqual(seconds.map((at) => ({ shows: Math.floor(at / 1000) * 1000, angle: 3, vehicle: 9 })))
    }
  })

  it.runIf(ffmpeg)('has the tracks it says', () => {
    const path = join(folder, 'tracks.mp4')
    writeFileSync(path, dashcamClip({ shows: begin, angle: 0, vehicle: 1, audio: 16000 }).bytes())
    const fields = 'stream=codec_name,profile,time_base,duration,nb_read_packets,sample_rate,channels'
    const probe = spawnSync('ffprobe', ['-v', 'error', '-count_packets', '-show_entries', fields, '-of', 'json', path])
    expect(JSON.parse(probe.stdout.toString()).streams).toMatchObject([
      { codec_name: 'h264', time_base: '1/15360', duration: '60.000000', nb_read_packets: '600' },
      {
        codec_name: 'aac',
        profile: 'LC',
        sample_rate: '16000',
        channels: 1,
        duration: '60.032000',
        nb_read_packets: '938',
      },
    ])
    const sound = spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-map', '0:a', '-f', 's16le', '-'], {
      maxBuffer: 2 ** 30,
    })
    expect([sound.status, sound.stderr.toString()]).toEqual([0, ''])
    expect(sound.stdout.length).toBeGreaterThan(2 * 16000 * 59)
    expect(sound.stdout.every((byte) => byte === 0)).toBe(true)
  })

  it.runIf(ffmpeg)('and a still say the same', () => {
    const path = join(folder, 'still.jpg')
    writeFileSync(path, dashcamStill({ shows: begin, angle: 2, vehicle: 7, width: 320, height: 240 }).bytes())
    const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'])
    expect(readStamp(decoded.stdout, 320)).toEqual({ shows: begin, angle: 2, vehicle: 7 })
  })
  if (!ffmpeg) console.log('skipped: decoding dashcam clips, because ffmpeg and ffprobe are not on PATH')
})
