import type { Clip } from './clips.ts'
import type { Shape } from './picture-plan.ts'

const widest = 3840
const highest = 2160
const fastest = 30

/** As it is shown: turned, and with square pixels. */
function shownSize({ video }: Clip): { width: number; height: number } {
  const width = video.width * video.pixelAspect
  return video.rotation === 90 || video.rotation === 270
    ? { width: video.height, height: width }
    : { width, height: video.height }
}

/** What is asked for of a shape. */
export interface ShapeWish {
  readonly columns: number
  readonly rows: number
  readonly cell?: { readonly width: number; readonly height: number }
  readonly frameRate?: number
}

/** The largest clip decides, as far as the whole picture stays one that players and hardware take. Throws RangeError for odd wishes. */
export function shapeFor(clips: readonly Clip[], { columns, rows, cell, frameRate }: ShapeWish): Shape {
  for (const [name, value] of Object.entries(cell ?? {}))
    if (!Number.isSafeInteger(value) || value < 16 || value % 2 !== 0 || value > 8192)
      throw new RangeError(`cell.${name} is an even number of pixels from 16 to 8192, got ${value}`)
  if (frameRate !== undefined && (!Number.isSafeInteger(frameRate) || frameRate < 1 || frameRate > 120))
    throw new RangeError(`frameRate is a whole number from 1 to 120, got ${frameRate}`)
  return { columns, rows, cell: cell ?? cellFor(clips, columns, rows), frameRate: frameRate ?? rateFor(clips) }
}

function cellFor(clips: readonly Clip[], columns: number, rows: number) {
  const sizes = clips.map(shownSize)
  const largest = sizes.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a))
  const scale = Math.min(1, widest / (largest.width * columns), highest / (largest.height * rows))
  const even = (pixels: number) => Math.max(16, Math.round((pixels * scale) / 2) * 2)
  return { width: even(largest.width), height: even(largest.height) }
}

/** Whole, so that a second is a whole number of pictures and pieces do not drift. */
function rateFor(clips: readonly Clip[]): number {
  const highestRate = Math.max(...clips.map(({ video }) => video.frameRate))
  return Math.min(fastest, Math.max(1, Math.round(highestRate)))
}
