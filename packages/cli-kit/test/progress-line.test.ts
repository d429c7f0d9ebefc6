import { describe, expect, it } from 'vitest'
import { bytesText, durationText, printable } from '../src/report/measures.ts'
import { progressLine } from '../src/report/progress-line.ts'

const mebibyte = 1024 * 1024
const one = { bytes: 127.45 * mebibyte, totalBytes: 235 * mebibyte, bytesPerSecond: 10.23 * mebibyte }

describe('the progress line', () => {
  it('shows bar, percent, done and total, speed and what is left', () => {
    const line = progressLine([one], 120)
    expect(line).toMatch(/^ {6}\[=+>-+\] 54\.2% 127\.45 MB\/235\.00 MB 10\.23 MB\/s ETA: 11s$/)
    expect(line.indexOf(']') - line.indexOf('[') - 1).toBe(50)
  })

  it.each([20, 30, 40, 60, 79, 80, 200])('fits into %i columns', (columns) => {
    const line = progressLine([one, { ...one, bytes: 0 }], columns)
    expect(line.length).toBeLessThan(columns)
    expect(line).toContain('%')
  })

  it('adds up what is transferred at once', () => {
    const half = { bytes: 50, totalBytes: 100, bytesPerSecond: 10 }
    expect(progressLine([half, half], 100)).toContain('50.0% 100 B/200 B 20 B/s ETA: 5s (2 files)')
  })

  it('has no percent without a total', () => {
    expect(progressLine([{ bytes: 12 * mebibyte, bytesPerSecond: mebibyte }], 80)).toBe(
      '      Downloaded: 12.00 MB 1.00 MB/s',
    )
  })

  it('is full at the end, and not over it when a total was too small', () => {
    expect(progressLine([{ bytes: 300, totalBytes: 200, bytesPerSecond: 0 }], 80)).toMatch(/\[=+\] 100\.0%/)
  })
})

describe('measures', () => {
  it('count bytes in steps of 1024', () => {
    expect([0, 1023, 1024, 5e12].map(bytesText)).toEqual(['0 B', '1023 B', '1.00 KB', '4.55 TB'])
  })

  it('count time', () => {
    expect([400, 61_000, 3_661_000, 90_000_000].map(durationText)).toEqual(['0s', '1m01s', '1h01m', '1d01h'])
  })

  it('take out what steers a terminal', () => {
    expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a [2Jb c d')
  })
})
