import { bytesFile } from '../kit/virtual-file.ts'
import { type FlatColour, flatJpeg, flatRow } from './flat-jpeg.ts'
import { withComment } from './jpeg.ts'
import { type Media, media } from './media.ts'
import { type Stamp, stampMosaic } from './stamp.ts'

export interface CameraStillOptions extends Stamp {
  /** At least 64. Default 640. */
  readonly width?: number
  /** At least 48. Default 480. */
  readonly height?: number
  /** Stands in it where no decoder looks, and makes its bytes its own. */
  readonly label?: string
}

/** A JPEG of any size that says in 8×6 bright and dark cells what it shows, as `readStamp` reads it; made in a moment. */
export function cameraStill(options: CameraStillOptions): Media {
  const { width = 640, height = 480, label = '' } = options
  const colours = stampMosaic(options).map(({ y, cb, cr }): FlatColour => [128 + 10 * y, 128 + 7 * cb, 128 + 7 * cr])
  const bands = Array.from({ length: 6 }, (_, band) => ({
    rows: blocksOf(height, 6)[band]!,
    row: rowOf(width, colours.slice(band * 8, band * 8 + 8)),
  }))
  const plain = flatJpeg(width, height, bands)
  const bytes = withComment(plain, Buffer.from(`${new Date(options.shows).toISOString()} ${label}`))
  return media('jpeg', bytesFile(bytes), { frames: 1, width, height, fps: 1 })
}

/** How many blocks each part of a side has; the middle of a block decides where it belongs. */
function blocksOf(size: number, parts: number): readonly number[] {
  const counts = new Array<number>(parts).fill(0)
  for (let block = 0; block < Math.ceil(size / 8); block++)
    counts[Math.min(parts - 1, Math.floor(((block * 8 + 4) * parts) / size))]!++
  return counts
}

const rowsKept = 512
const rowsKnown = new Map<string, Uint8Array>()

/** From one second to the next few cells change, so most rows were made before. */
function rowOf(width: number, cells: readonly FlatColour[]): Uint8Array {
  const key = `${width} ${cells.join(' ')}`
  const row = rowsKnown.get(key) ?? flatRow(blocksOf(width, 8).flatMap((count, at) => Array(count).fill(cells[at]!)))
  rowsKnown.delete(key)
  rowsKnown.set(key, row)
  if (rowsKnown.size > rowsKept) rowsKnown.delete(rowsKnown.keys().next().value!)
  return row
}
