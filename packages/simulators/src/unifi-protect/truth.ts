import { type Film, type FilmRules, filmOf } from './archive.ts'
import { clip, existing, type TimeWindow, type WorldCamera } from './world.ts'

/** Which part of the truth. */
export interface TruthQuery {
  /** Epoch milliseconds. Default: the world's window. */
  readonly start?: number
  readonly end?: number
  /** Length of a piece on the UTC grid. Default 3,600,000. */
  readonly segmentMs?: number
  /** Default 0. */
  readonly channel?: number
}

/** What became of one piece of one camera's time, and what a right export of exactly this piece delivers. */
export interface UnifiProtectTruth {
  readonly cameraId: string
  readonly start: number
  readonly end: number
  /** `expired`: before the oldest footage of the camera. */
  readonly outcome: 'kept' | 'absent' | 'expired'
  /** What of the piece there is; empty unless it is kept. */
  readonly footage: readonly TimeWindow[]
  /** Lower-case hex; missing where the film's header changes with the time of asking. */
  readonly sha256?: string
  readonly bytes?: number
  readonly width?: number
  readonly height?: number
  /** The footage is there, but the user may not have it. */
  readonly denied?: true
}

/** The truth about cameras that are the console's own, from the world alone. A piece is cut where footage begins to be there. */
export function truthOf(
  cameras: readonly WorldCamera[],
  rules: FilmRules,
  now: number,
  { start, end, segmentMs = 3_600_000, channel = 0 }: TruthQuery & TimeWindow,
  sums: Map<string, string>,
): UnifiProtectTruth[] {
  const { sparse, creationTime } = rules
  // Only an edit list remembers where the asked window began.
  const form = (piece: TimeWindow) => `${sparse} ${creationTime} ${sparse === 'edit' ? piece.start : ''}`
  return cameras
    .filter(({ spec }) => spec.isAdopted !== false)
    .flatMap((camera) => {
      const oldest = existing(camera, now)[0]?.start
      return pieces({ start, end }, segmentMs, oldest).map((piece) => {
        const row = { cameraId: camera.spec.id, ...piece }
        const film = filmOf(camera, { ...piece, channel }, rules, now)
        const footage = film ? clip(film.footage, piece) : []
        if (!film || footage.length === 0) {
          const expired = oldest !== undefined && piece.end <= oldest
          return { ...row, outcome: expired ? ('expired' as const) : ('absent' as const), footage: [] }
        }
        const { width, height } = film.file.facts
        return {
          ...row,
          ...{ outcome: 'kept' as const, footage, width, height, bytes: film.file.size },
          ...(rules.creationTime === 'now' ? {} : { sha256: sumOf(film, `${camera.spec.id} ${form(piece)}`, sums) }),
          ...(camera.spec.denied ? { denied: true as const } : {}),
        }
      })
    })
}

/** Films of the same footage in the same form are equal, and hashing many takes a while. */
function sumOf({ file, footage }: Film, form: string, sums: Map<string, string>): string {
  const { width, height } = file.facts
  const parts = footage.map(({ start, end }) => `${start}-${end}`)
  const key = `${form} ${width}x${height} ${file.size} ${parts.join(' ')}`
  const sum = sums.get(key) ?? file.facts.sha256
  sums.set(key, sum)
  return sum
}

function pieces(window: TimeWindow, segmentMs: number, cutAt: number | undefined): TimeWindow[] {
  const cuts = [window.start]
  for (let at = (Math.floor(window.start / segmentMs) + 1) * segmentMs; at < window.end; at += segmentMs) cuts.push(at)
  if (cutAt !== undefined && cutAt > window.start && cutAt < window.end) cuts.push(cutAt)
  const sorted = [...new Set(cuts)].sort((a, b) => a - b)
  return sorted.map((from, index) => ({ start: from, end: sorted[index + 1] ?? window.end }))
}
