import { fragmentedMp4 } from '@cam/simulators/media'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { OpenedRecording } from '../../src/footage/source.ts'
import { durationMs, type TimeWindow } from '../../src/footage/time-window.ts'
import { disk } from '../../src/transfer/disk.ts'
import type { TransferJob } from '../../src/transfer/job.ts'
import { prove } from '../../src/transfer/verify.ts'
import { type HoleyOptions, mp4WithHoles, seconds } from '../container/mp4-with-holes.ts'
import { recordingOf, run, temporaryFolder, tree } from './fixture.ts'
import { memoryFileSystem } from './memory-file-system.ts'

const second = 1000
const minute = 60 * second
const ten = Date.UTC(2026, 9, 24, 10)
const hour = { start: ten, end: ten + 60 * minute }
/** `[from, to)` in minutes after ten. */
const past = (from: number, to: number): TimeWindow => ({ start: ten + from * minute, end: ten + to * minute })

interface Case extends Partial<HoleyOptions> {
  readonly expect?: Recording['expect']
  readonly windowFrom?: Recording['windowFrom']
  readonly bytes?: Uint8Array
}

async function covered({ expect: expectation, windowFrom = 'asked', bytes, ...film }: Case) {
  const file = bytes ?? mp4WithHoles({ times: [], ...film })
  const fileSystem = memoryFileSystem()
  fileSystem.put('/archive/x', file)
  const recording = recordingOf('never', { window: hour, windowFrom, ...(expectation ? { expect: expectation } : {}) })
  const proved = await prove(await fileSystem.open('/archive/x', 'read'), {
    recording,
    bytes: file.length,
    statedLengths: [{ by: 'the server', bytes: file.length }],
  })
  if ('unproved' in proved) return proved
  return { covers: proved.covers, ...(proved.somewhere ? { somewhere: proved.somewhere } : {}) }
}

describe('what a piece covers that was cut out for us', () => {
  it('is the whole window where the film is as long, a little shorter, or longer', async () => {
    for (const length of [3600, 3611, 4000]) {
      expect(await covered({ times: seconds(length) })).toEqual({ covers: [hour] })
    }
    expect(await covered({ times: seconds(3590) })).toEqual({ covers: [{ ...hour, end: hour.end - 10 * second }] })
  })

  it('is only where it holds pictures', async () => {
    expect(await covered({ times: seconds(600, 1200, 1800) })).toEqual({ covers: [past(0, 10), past(30, 60)] })
    const edits = [
      [45 * minute, -1],
      [15 * minute, 0],
    ] as const
    expect(await covered({ times: seconds(900), edits })).toEqual({ covers: [past(45, 60)] })
  })

  it('is the window where the file does not tell how long it is, and of a time lapse', async () => {
    expect(await covered({ bytes: Buffer.from('no film at all') })).toEqual({ covers: [hour] })
    expect(await covered({ times: seconds(60), expect: { durationMs: minute, toleranceMs: 30 * second } })).toEqual({
      covers: [hour],
    })
  })

  it('is less where the stated duration says that film runs as life does', async () => {
    const expectation = { durationMs: 60 * minute, toleranceMs: 50 * minute }
    expect(await covered({ times: seconds(1200), windowFrom: 'source', expect: expectation })).toEqual({
      covers: [past(0, 20)],
    })
    expect(await covered({ times: seconds(1200), windowFrom: 'source' })).toEqual({ covers: [hour] })
  })

  it('begins where the file says that it was made, if that can be', async () => {
    const times = seconds(600, 300, 300)
    expect(await covered({ times, createdAt: ten + 20 * minute })).toEqual({ covers: [past(20, 30), past(35, 40)] })
    // Written when it was rendered, later, or before the window: says nothing.
    for (const createdAt of [ten + 55 * minute, ten + 600 * minute, ten - minute, ten]) {
      expect(await covered({ times, createdAt })).toMatchObject({ covers: [], somewhere: { ms: 15 * minute } })
    }
  })

  it('begins where the index of the vendor says, if there is one such place', async () => {
    const times = seconds(600, 300, 300)
    const windows = [past(20, 30), past(35, 41)]
    expect(await covered({ times, expect: { windows } })).toEqual({ covers: [past(20, 30), past(35, 40)] })
    const edits = [
      [20 * minute, -1],
      [0, 0],
    ] as const
    expect(await covered({ times, edits, expect: { windows } })).toEqual({ covers: [past(20, 30), past(35, 40)] })
    // The first of them was left out: what is there is the second.
    const uneven = [past(10, 12), past(40, 50)]
    expect(await covered({ times: seconds(590), expect: { windows: uneven } })).toEqual({
      covers: [{ start: ten + 40 * minute, end: ten + 40 * minute + 590 * second }],
    })
  })

  it('is nowhere where the index has several such places', async () => {
    const windows = [past(10, 15), past(20, 25), past(40, 45)]
    expect(await covered({ times: seconds(300), expect: { windows } })).toEqual({
      covers: [],
      somewhere: { windows, ms: 5 * minute },
    })
    const twice = [past(5, 10), past(12, 15), past(30, 35), past(37, 40)]
    const film = { times: seconds(300, 120, 180), expect: { windows: twice } }
    expect(await covered(film)).toMatchObject({ covers: [], somewhere: { ms: 8 * minute } })
    expect(await covered({ ...film, createdAt: twice[2]!.start })).toEqual({ covers: twice.slice(2) })
    // More than the index has.
    expect(await covered({ times: seconds(1200), expect: { windows } })).toEqual({
      covers: [],
      somewhere: { windows: [hour], ms: 20 * minute },
    })
  })

  it('is all of the indexed stretches where they are one right after the other', async () => {
    const windows = [past(10, 12), past(20, 25), past(40, 45)]
    for (const length of [711, 720, 750]) {
      expect(await covered({ times: seconds(length), expect: { windows } })).toEqual({ covers: windows })
    }
  })

  it('is not all of them where a part of one may be missing', async () => {
    const windows = [past(10, 12), past(20, 25), past(40, 45)]
    expect(await covered({ times: seconds(705), expect: { windows } })).toMatchObject({ covers: [] })
  })

  it('is not all of them where one may be missing and the others be longer for it', async () => {
    const short = Array.from({ length: 10 }, (_, index) => past(index * 5, index * 5 + 0.5))
    expect(await covered({ times: seconds(300), expect: { windows: short } })).toEqual({
      covers: [],
      somewhere: { windows: short, ms: 5 * minute },
    })
  })

  it('is what all placements share where nothing says which it is', async () => {
    expect(await covered({ times: seconds(600) })).toEqual({
      covers: [],
      somewhere: { windows: [hour], ms: 10 * minute },
    })
    // 25 minutes, a hole of 10, 15 minutes: ten minutes of the hour are lacking.
    expect(await covered({ times: seconds(1500, 600, 900) })).toEqual({
      covers: [past(10, 25), past(45, 50)],
      somewhere: { windows: [past(0, 10), past(25, 45), past(50, 60)], ms: 20 * minute },
    })
    expect(await covered({ times: seconds(600), expect: { windows: [] } })).toMatchObject({ covers: [] })
  })

  it('is nothing certain where a film without a pause may be pieces that were joined', async () => {
    // Forty minutes; or ten, a hole of twenty, and thirty.
    const unknown = { covers: [], somewhere: { windows: [hour], ms: 40 * minute } }
    expect(await covered({ times: seconds(2400) })).toEqual(unknown)
    // A camera's hiccup within one of them, and the sound that begins a moment earlier, prove nothing.
    expect(await covered({ times: seconds(500, 5, 1895) })).toMatchObject({ covers: [] })
    const edits = [
      [40, -1],
      [0, 0],
    ] as const
    expect(await covered({ times: seconds(2400), edits })).toMatchObject({ covers: [] })
    expect(await covered({ times: seconds(2400), createdAt: ten + 5 * minute })).toEqual(unknown)
    // From then on there is nothing that could be missing.
    for (const shift of [-9, 0, 9]) {
      const createdAt = ten + 20 * minute + shift * second
      const end = Math.min(createdAt + 40 * minute, hour.end)
      expect(await covered({ times: seconds(2400), createdAt })).toEqual({ covers: [{ start: createdAt, end }] })
    }
  })

  it('is nothing certain of a stretch of the index either, unless it is all of it', async () => {
    const windows = [past(10, 20), past(30, 60)]
    const somewhere = { windows, ms: 8 * minute }
    expect(await covered({ times: seconds(480), expect: { windows } })).toEqual({ covers: [], somewhere })
    const inside = { times: seconds(480), expect: { windows }, createdAt: ten + 11 * minute }
    expect(await covered(inside)).toEqual({ covers: [], somewhere })
    const toItsEnd = { ...inside, createdAt: ten + 12 * minute }
    expect(await covered(toItsEnd)).toEqual({ covers: [past(12, 20)] })
    // Eight minutes: all of the last one, or the two before it.
    const several = [past(5, 10), past(20, 23), past(40, 48)]
    expect(await covered({ times: seconds(480), expect: { windows: several } })).toEqual({
      covers: [],
      somewhere: { windows: several, ms: 8 * minute },
    })
  })

  it('begins where the file says only if the index has footage wherever the film shows it', async () => {
    const windows = [past(20, 30), past(40, 45)]
    const times = seconds(600, 300, 300)
    const createdAt = ten + 20 * minute
    expect(await covered({ times, createdAt, expect: { windows } })).toMatchObject({ covers: [] })
    const fitting = seconds(600, 600, 300)
    expect(await covered({ times: fitting, createdAt, expect: { windows } })).toEqual({ covers: windows })
  })

  it('of a film that is much longer is only what is in it wherever the window is', async () => {
    // A minute too much, before the window or after it.
    expect(await covered({ times: seconds(1800, 600, 1260) })).toMatchObject({
      covers: [past(0, 29), past(40, 60)],
      somewhere: { windows: [past(29, 30), past(39, 40)], ms: minute },
    })
    const before = await covered({ times: seconds(1800, 600, 1260), createdAt: ten - 30 * second })
    expect(before).toEqual({ covers: [past(0, 29.5), past(39.5, 60)] })
  })

  it('of a film in fragments is told by its length alone', async () => {
    const bytes = fragmentedMp4({ frames: 600, fps: 1, width: 32, height: 16 }).bytes()
    expect(await covered({ bytes })).toMatchObject({ covers: [], somewhere: { ms: 10 * minute } })
  })

  it('never is more than the film is long', async () => {
    for (const times of [seconds(30), seconds(60, 3000, 60), seconds(600, 60, 600, 60, 600), seconds(3500)]) {
      for (const windows of [undefined, [], [past(5, 6), past(30, 50)]]) {
        const found = await covered({ times, ...(windows ? { expect: { windows } } : {}) })
        if ('unproved' in found) throw new Error(found.why)
        const shown = times.reduce((sum, [count, ticks]) => sum + (ticks > 2000 ? second : count * ticks), 0)
        expect(durationMs(found.covers) + (found.somewhere?.ms ?? 0)).toBe(shown)
      }
    }
  })
})

describe('a film without a picture', () => {
  it('is never proved, whatever length or digest speaks for it', async () => {
    expect(await covered({ samples: 0 })).toMatchObject({ unproved: 'empty' })
    expect(await covered({ times: seconds(5), handler: 'soun' })).toMatchObject({ unproved: 'empty' })
  })

  it.each(['validated', 'never'] as const)('is asked for again, as a whole: resume %s', async (resume) => {
    const stub = mp4WithHoles({ times: [] })
    const film = mp4WithHoles({ times: seconds(3600) })
    const answers = [stub, stub, film]
    const job = await answering(answers, resume)
    const { published, error } = await run(job)
    expect(error).toBeUndefined()
    expect(published?.kept).toMatchObject({ bytes: film.length, covers: [hour] })
    expect(answers).toEqual([])
  })

  it.each(['validated', 'never'] as const)(
    'again and again fails, and may be tried later: resume %s',
    async (resume) => {
      const stub = mp4WithHoles({ times: [] })
      const job = await answering([stub, stub, stub], resume)
      const { error } = await run(job)
      expect(error).toMatchObject({
        code: 'INCOMPLETE',
        retryable: true,
        message: expect.stringContaining('not one picture'),
      })
      expect(await tree(job.root)).toEqual([])
    },
  )
})

/** A job whose source answers with these, one after the other. */
async function answering(answers: Uint8Array[], resume: Recording['resume']): Promise<TransferJob> {
  return {
    sourceId: 'source-1',
    recording: recordingOf(resume, { window: hour, windowFrom: 'asked' }),
    async open({ byte }): Promise<OpenedRecording> {
      const content = answers.shift()!
      const body = (async function* () {
        yield content.subarray(byte)
      })()
      return {
        body,
        startsAtByte: byte,
        totalBytes: content.length,
        validator: { etag: '"1"' },
        representation: 'file',
      }
    },
    root: await temporaryFolder(),
    place: async (extension) => ({ path: `a.${extension}`, replace: false }),
    fileSystem: disk,
    clock: systemClock,
    retry: { retries: 2, delayMs: 1, growth: 'fixed' },
    signal: new AbortController().signal,
    reserveBytes: 0,
  }
}
