import { bytesFile } from '../kit/virtual-file.ts'
import { encodeJpeg, withComment } from './jpeg.ts'
import { type Media, media } from './media.ts'
import { type Stamp, stampCells, stampMosaic } from './stamp.ts'

export interface DashcamStillOptions extends Stamp {
  /** At least 256. Default 320. */
  readonly width?: number
  /** At least 144. Default 180. */
  readonly height?: number
  /** Stands in it where no decoder looks, and makes its bytes its own. */
  readonly label?: string
}

/** A JPEG with the same colour blocks as the pictures of a clip. */
export function dashcamStill(options: DashcamStillOptions): Media {
  const { width = 320, height = 180, label = '' } = options
  const { columns, cells } = stampCells(width, height)
  const mosaic = stampMosaic(options)
  const colours = mosaic.map(({ y, cb, cr }) => [128 + 10 * y, 128 + 7 * cb, 128 + 7 * cr] as const)
  const plain = encodeJpeg(width, height, (x, y) => colours[cells[(y >> 4) * columns + (x >> 4)]!]!)
  const bytes = withComment(plain, Buffer.from(`${new Date(options.shows).toISOString()} ${label}`))
  return media('jpeg', bytesFile(bytes), { frames: 1, width, height, fps: 1 })
}
