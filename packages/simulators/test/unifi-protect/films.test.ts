import { describe, expect, it } from 'vitest'
import { groupMs, stubMp4, surveillanceMp4 } from '../../src/media.ts'
import { readFilm } from './film.ts'

const from = Date.UTC(2026, 9, 25)
const groups = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => ({
    at: (first + index) * groupMs,
    shows: from + (first + index) * groupMs,
  }))
const film = (seed: string, width = 320, height = 180, count = 12) =>
  surveillanceMp4({ seed, width, height, groups: groups(count), createdAt: from })

describe('a film of a still scene', () => {
  it('is the same for the same seed on every machine, in any part of it', () => {
    const [one, same, other] = [film('gate'), film('gate'), film('yard')]
    expect(one.facts.sha256).toBe(same.facts.sha256)
    expect(one.facts.sha256).not.toBe(other.facts.sha256)
    const whole = Buffer.from(one.bytes())
    for (let offset = 0; offset < one.size; offset += 997)
      expect(whole.subarray(offset, offset + 500).equals(one.read(offset, Math.min(500, one.size - offset)))).toBe(true)
    expect(readFilm(whole)).toMatchObject({ boxes: ['ftyp', 'mdat', 'moov'], width: 320, height: 180, duration: 60 })
    expect(one.facts.sha256).toBe('9f8ef0389984c52073e94abf61c54063091df474c11282761dc45551a06c7f4a')
  })

  it('shows a moment in equal bytes, whatever else is in it', () => {
    const late = surveillanceMp4({ seed: 'gate', width: 320, height: 180, groups: groups(1, 7), createdAt: from })
    const picture = Buffer.from(late.bytes()).subarray(32 + 8, 32 + 8 + 300)
    expect(Buffer.from(film('gate').bytes()).includes(picture)).toBe(true)
  })

  it('holds nothing in its units that looks like the start of one', () => {
    for (const [width, height] of [
      [16, 16],
      [160, 90],
      [320, 180],
      [1920, 1080],
    ] as const) {
      const bytes = Buffer.from(film('many shades', width, height, 40).bytes())
      const end = 32 + bytes.readUInt32BE(32)
      for (let at = 40; at < end; at += 4 + bytes.readUInt32BE(at)) {
        const unit = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))
        for (const code of [0, 1, 2, 3]) expect(unit.indexOf(Buffer.from([0, 0, code]))).toBe(-1)
      }
    }
  })

  it('stays small for an hour, and can be a day', () => {
    expect(film('gate', 320, 180, 720).size).toBeLessThan(300_000)
    expect(film('gate', 160, 90, 720).size).toBeLessThan(150_000)
    expect(film('gate', 160, 90, 24 * 720).facts.frames).toBe(86_400)
    expect(film('gate', 160, 90, 70 * 720).size).toBeLessThan(10_500_000)
  })

  it('has an empty brother of 290 bytes', () => {
    expect(stubMp4()).toHaveLength(290)
  })
})
