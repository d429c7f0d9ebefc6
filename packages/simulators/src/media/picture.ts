import { bytesFile } from '../kit/virtual-file.ts'
import { encodeJpeg, type Pixel } from './jpeg.ts'
import { type Media, media } from './media.ts'
import { randomNumbers } from './prng.ts'

/** A sky, a ground and a bar that wanders with `step`; colours come from the seed. All values stay in the video range. */
export function scene(seed: number | string, width: number, height: number, step: number): Pixel {
  const next = randomNumbers(seed)
  const sky = [120 + (next() % 80), 100 + (next() % 70), 90 + (next() % 60)] as const
  const ground = [50 + (next() % 60), 90 + (next() % 60), 100 + (next() % 70)] as const
  const horizon = Math.floor(height * 0.6)
  const barWidth = Math.max(4, width >> 3)
  const barLeft = (step * Math.max(2, width >> 4)) % Math.max(1, width - barWidth)
  return (x, y) => {
    if (x >= barLeft && x < barLeft + barWidth) return [220, 110, 150]
    if (y < horizon) return [Math.max(16, (sky[0] - (y * 40) / height) | 0), sky[1], sky[2]]
    return [Math.min(235, (ground[0] + ((y - horizon) * 60) / height) | 0), ground[1], ground[2]]
  }
}

export interface JpegOptions {
  readonly seed?: number | string
  /** Default 64. */
  readonly width?: number
  /** Default 48. */
  readonly height?: number
}

/** A real baseline JPEG. */
export function jpeg(options: JpegOptions = {}): Media {
  const { seed = 1, width = 64, height = 48 } = options
  const bytes = encodeJpeg(width, height, scene(seed, width, height, randomNumbers(seed)() % 16))
  return media('jpeg', bytesFile(bytes), { frames: 1, width, height, fps: 1 })
}
