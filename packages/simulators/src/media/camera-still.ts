import { bytesFile } from '../kit/virtual-file.ts'
import { type FlatColour, flatJpeg } from './flat-jpeg.ts'
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
  const place = (block: number, size: number, parts: number) =>
    Math.min(parts - 1, Math.floor(((block * 8 + 4) * parts) / size))
  const across = Array.from({ length: Math.ceil(width / 8) }, (_, column) => place(column, width, 8))
  const down = Array.from({ length: Math.ceil(height / 8) }, (_, row) => 8 * place(row, height, 6))
  const plain = flatJpeg(width, height, colours, (column, row) => down[row]! + across[column]!)
  const bytes = withComment(plain, Buffer.from(`${new Date(options.shows).toISOString()} ${label}`))
  return media('jpeg', bytesFile(bytes), { frames: 1, width, height, fps: 1 })
}
