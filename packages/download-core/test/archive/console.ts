import { onTestFinished } from 'vitest'
import type { Gap, Recording } from '../../src/footage/recording.ts'
import type { FootageSource } from '../../src/footage/source.ts'
import { intersect, type TimeWindow } from '../../src/footage/time-window.ts'
import { mp4WithHoles, seconds } from '../container/mp4-with-holes.ts'
import { minute, noon, type Toy } from './fixture.ts'

/** Minutes after noon. */
export const past = (from: number, to: number): TimeWindow => ({ start: noon + from * minute, end: noon + to * minute })

/** A pretend console: it cuts on an hourly grid, renders what it has of a piece, and may leave some of it out. */
export interface Console {
  /** What there really is, in whole seconds. */
  recorded: TimeWindow[]
  /** What an export brings of what there is in its piece. Default: all. */
  sends: (piece: TimeWindow, recorded: TimeWindow[]) => TimeWindow[]
  /**
   * `edited`: everything at its place. `timeline`: the distances are kept, what lies before the first picture is not.
   * `stitched`: one right after the other.
   */
  film: 'edited' | 'timeline' | 'stitched'
  /** What its index says. Default: nothing, it records all the time. */
  hints?: (piece: TimeWindow) => TimeWindow[]
  /** What a film says about when it was made. Default: nothing. */
  createdAt?: (piece: TimeWindow, sent: readonly TimeWindow[]) => number | undefined
  /** The length of its pieces, cut on a grid. Default: an hour. */
  stepMs: number
  /** Called before each list. */
  onList: (window: TimeWindow | undefined) => void | Promise<void>
  /** Windows that were listed, in order. */
  readonly listed: (TimeWindow | undefined)[]
  /** Pieces that were asked for, in order. */
  readonly opened: TimeWindow[]
}

/** A source over a real server that has what the console sends. */
export function consoleOf(
  { server, source }: Toy,
  world: Partial<Console> = {},
): Console & { source(): FootageSource } {
  const real = source()
  const self: Console & { source(): FootageSource } = {
    recorded: [],
    sends: (_, recorded) => recorded,
    film: 'edited',
    stepMs: 60 * minute,
    onList: () => {},
    listed: [],
    opened: [],
    ...world,
    source() {
      const own = source({
        identity: 'window',
        limits: { transfers: 1, transfersPerCamera: 1 },
        change: { granularityMs: 10_000, recordings, open },
      })
      onTestFinished(() => own[Symbol.asyncDispose]())
      return own
    },
  }

  async function* recordings(camera: { id: string }, window: TimeWindow | undefined): AsyncGenerator<Recording> {
    self.listed.push(window)
    await self.onList(window)
    const { start: from, end: to } = window ?? past(0, 120)
    const { stepMs } = self
    for (let at = Math.floor(from / stepMs) * stepMs; at < to; at += stepMs) {
      const piece = { start: Math.max(at, from), end: Math.min(at + stepMs, to) }
      const windows = self.hints ? intersect([piece], self.hints(piece)) : undefined
      yield {
        id: `${new Date(piece.start).toISOString()}/${new Date(piece.end).toISOString()}`,
        cameraId: camera.id,
        window: piece,
        windowFrom: 'asked',
        extension: 'mp4',
        resume: 'never',
        expect: { toleranceMs: 10_000, ...(windows ? { windows } : {}) },
      }
    }
  }

  const open: FootageSource['open'] = async (recording, ...rest) => {
    const piece = recording.window!
    self.opened.push(piece)
    const stretches = self.sends(piece, intersect([piece], self.recorded))
    const { cameraId, id } = recording
    if (stretches.length === 0) {
      const gap: Gap = { cameraId, ...piece, outcome: 'absent', reason: 'No files found matching criteria.' }
      return gap
    }
    server.clips.splice(0, server.clips.length, { recording, bytes: render(piece, stretches, `${cameraId} ${id}`) })
    return real.open(recording, ...rest)
  }

  function render(piece: TimeWindow, stretches: readonly TimeWindow[], seed: string): Uint8Array {
    const whole = (ms: number) => Math.max(1, Math.round(ms / 1000))
    const times = stretches.flatMap(({ start, end }, index) => {
      const next = stretches[index + 1]
      // A hiccup of the camera's own stays in the film.
      const stays = next && (self.film !== 'stitched' || next.start - end <= 8000)
      const pause = stays ? [whole(next.start - end)] : []
      return seconds(whole(end - start), ...pause, ...(pause.length > 0 ? [0] : [])).filter(([count]) => count > 0)
    })
    const lead = stretches[0]!.start - piece.start
    const edits = self.film === 'edited' && lead > 0 ? { edits: [[lead, -1] as const, [0, 0] as const] } : {}
    const createdAt = self.createdAt?.(piece, stretches)
    return mp4WithHoles({ times, seed, sampleBytes: 3, ...edits, ...(createdAt === undefined ? {} : { createdAt }) })
  }

  return self
}
