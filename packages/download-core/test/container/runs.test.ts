import { flv, fragmentedMp4, mp4 } from '@cam/simulators/media'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource, readContainer } from '../../src/media.ts'
import { type HoleyOptions, mp4WithHoles, seconds } from './mp4-with-holes.ts'

const read = async (options: HoleyOptions) => (await readContainer(bytesSource(mp4WithHoles(options))))!
const runsOf = async (options: HoleyOptions) => {
  const report = await read(options)
  expect(report).toMatchObject({ complete: true, missing: false })
  return report.runs?.map(({ startMs, endMs }) => [startMs, endMs])
}

describe('where an MP4 really holds pictures', () => {
  it('is all of it, without a hole', async () => {
    expect(await runsOf({ times: [[100, 40]] })).toEqual([[0, 4000]])
    const film = mp4({ frames: 50, fps: 10 })
    expect((await readContainer(bytesSource(film.bytes())))?.runs).toEqual([{ startMs: 0, endMs: 5000 }])
  })

  it('ends one picture after the last one before a hole', async () => {
    expect(await runsOf({ times: seconds(60, 600, 30) })).toEqual([
      [0, 60_000],
      [660_000, 690_000],
    ])
    // The duration of the last picture is stated like any other, and may be as wrong as a hole.
    expect(
      await runsOf({
        times: [
          [59, 1000],
          [1, 900_000],
        ],
      }),
    ).toEqual([[0, 60_000]])
  })

  it('is not cut at what is no hole: two seconds, or eight times what is usual', async () => {
    expect(
      await runsOf({
        times: [
          [50, 40],
          [1, 2000],
          [50, 40],
        ],
      }),
    ).toEqual([[0, 6000]])
    expect(
      await runsOf({
        times: [
          [50, 40],
          [1, 2001],
          [50, 40],
        ],
      }),
    ).toEqual([
      [0, 2040],
      [4001, 6001],
    ])
    // One picture every ten seconds.
    expect(
      await runsOf({
        times: [
          [50, 10_000],
          [1, 80_000],
          [50, 10_000],
        ],
      }),
    ).toEqual([[0, 1_080_000]])
    expect(
      (
        await runsOf({
          times: [
            [50, 10_000],
            [1, 80_001],
            [50, 10_000],
          ],
        })
      )?.length,
    ).toBe(2)
  })

  it('takes what is usual from the pictures, not from the rows of the table', async () => {
    const many = Array.from({ length: 30 }, (): [number, number] => [1, 30_000])
    expect((await runsOf({ times: [[5000, 100], ...many] }))?.length).toBe(30)
  })

  it('counts in the ticks of the media', async () => {
    expect(
      await runsOf({
        timescale: 90_000,
        times: [
          [24, 3750],
          [1, 900_000],
          [25, 3750],
        ],
      }),
    ).toEqual([
      [0, 1042],
      [11_000, 12_042],
    ])
  })

  it.each([0, 1] as const)('begins where an empty edit leads to: version %i', async (version) => {
    const edits = [
      [3_000_000, -1],
      [60_000, 0],
    ] as const
    expect(await runsOf({ times: [[60, 1000]], edits, version })).toEqual([[3_000_000, 3_060_000]])
    const scaled = edits.map(([duration, at]) => [duration * 90, at] as const)
    expect(await runsOf({ times: [[60, 1000]], edits: scaled, movieTimescale: 90_000, version })).toEqual([
      [3_000_000, 3_060_000],
    ])
  })

  it('is what the edits show, and where they show it', async () => {
    const times = [[60, 1000]] as const
    expect(await runsOf({ times, edits: [[59_000, 1000]] })).toEqual([[0, 59_000]])
    expect(await runsOf({ times, edits: [[0, 2000]] })).toEqual([[0, 58_000]])
    const edits = [
      [20_000, 0],
      [100_000, -1],
      [30_000, 30_000],
    ] as const
    expect(await runsOf({ times, edits })).toEqual([
      [0, 20_000],
      [120_000, 150_000],
    ])
  })

  it('is not told where the tables contradict each other, and that alone condemns no file', async () => {
    expect(await runsOf({ times: [[10, 1000]], samples: 12 })).toBeUndefined()
    expect(await runsOf({ times: [[10, 0]] })).toBeUndefined()
    expect(await runsOf({ times: [[10, 1000]], timescale: 0 })).toBeUndefined()
    const stream = await readContainer(bytesSource(fragmentedMp4({ frames: 30, fps: 10 }).bytes()))
    expect(stream?.runs).toBeUndefined()
  })

  it('is in order, apart, and within what the table counts, whatever it says', async () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 40, 500, 3000, 100_000, 4_000_000_000))
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (times) => {
        const { runs = [] } = await read({ times })
        let at = 0
        for (const { startMs, endMs } of runs) {
          expect(startMs).toBeGreaterThanOrEqual(at)
          expect(endMs).toBeGreaterThan(startMs)
          at = endMs
        }
        expect(at).toBeLessThanOrEqual(times.reduce((sum, [count, delta]) => sum + count * delta, 0))
      }),
      { numRuns: 300, seed: 5 },
    )
  })
})

describe('a film without a picture', () => {
  it('is known for what it is', async () => {
    expect(await read({ times: [], samples: 0 })).toMatchObject({ empty: true })
    expect(await read({ times: [[5, 1000]], handler: 'soun' })).toMatchObject({ empty: true })
    expect((await read({ times: [[5, 1000]] })).empty).toBeUndefined()
    const stub = mp4WithHoles({ times: [], samples: 0 })
    const moov = Buffer.from(stub).indexOf('moov', 0, 'latin1') - 4
    const withoutData = Buffer.concat([stub.subarray(0, 24), stub.subarray(moov)])
    expect(await readContainer(bytesSource(withoutData))).toMatchObject({ empty: true, missing: false })
    const head = flv({ frames: 1 }).bytes().subarray(0, 13)
    expect(await readContainer(bytesSource(head))).toMatchObject({ empty: true })
    const stream = fragmentedMp4({ frames: 30, fps: 10 }).bytes()
    expect((await readContainer(bytesSource(stream)))?.empty).toBeUndefined()
    const headOnly = stream.subarray(0, Buffer.from(stream).indexOf('moof', 0, 'latin1') - 4)
    expect(await readContainer(bytesSource(headOnly))).toMatchObject({ empty: true })
  })
})
