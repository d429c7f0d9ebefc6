import type { Ledger } from '../archive/ledger.ts'
import { cameraFits } from '../archive/listing.ts'
import type { Camera } from '../footage/camera.ts'
import type { EpochMs, TimeWindow } from '../footage/time-window.ts'

/** Slots on end without a picture that is there, from the first to the last. */
export interface PictureGap {
  readonly from: EpochMs
  readonly to: EpochMs
  readonly count: number
}

/** What became of one camera's slots. */
export interface PictureCoverage {
  readonly sourceId: string
  readonly camera: Camera
  /** The first and the last slot that the ledger knows of. */
  readonly from: EpochMs
  readonly to: EpochMs
  /** Pictures that are there, or were handed over. */
  readonly kept: number
  /** Failed, missed, or lost. */
  readonly missing: number
  readonly gaps: readonly PictureGap[]
}

/** What a ledger holds of pictures on the clock, camera by camera; however many they are, only their gaps are held in memory. */
export async function* pictureCoverage(options: {
  readonly ledger: Ledger
  readonly window?: TimeWindow
  /** Ids, names or globs. Default: all. */
  readonly cameras?: readonly string[]
}): AsyncGenerator<PictureCoverage> {
  const { ledger, window, cameras = [] } = options
  let line: { -readonly [Key in keyof PictureCoverage]: PictureCoverage[Key] } | undefined
  let gaps: { from: EpochMs; to: EpochMs; count: number }[] = []
  let inGap = false
  for await (const row of ledger.rows({ kind: 'slot', ...(window ? { window } : {}) })) {
    const { key, camera, outcome, window: at } = row
    if (at === undefined || (cameras.length > 0 && !cameras.some((word) => cameraFits(camera, word)))) continue
    if (line?.sourceId !== key.sourceId || line.camera.id !== key.cameraId) {
      if (line) yield line
      gaps = []
      inGap = false
      line = { sourceId: key.sourceId, camera, from: at.start, to: at.end, kept: 0, missing: 0, gaps }
    }
    line.to = Math.max(line.to, at.end)
    line.camera = camera
    if (outcome?.outcome === 'kept' || outcome?.outcome === 'handed-over') {
      line.kept++
      inGap = false
      continue
    }
    line.missing++
    const last = inGap ? gaps.at(-1) : undefined
    if (last) {
      last.to = at.end
      last.count++
    } else gaps.push({ from: at.start, to: at.end, count: 1 })
    inGap = true
  }
  if (line) yield line
}
