import type { Clip } from './clips.ts'

/** So many pictures of a clip, or black where there is no clip. Counted on the result's own grid of pictures. */
export interface PictureSegment {
  readonly clip?: Clip
  /** How many grid pictures of the clip come before. */
  readonly from: number
  readonly count: number
}

/** So much sound of a clip, or silence. In samples of the result. */
export interface SoundSegment {
  readonly clip?: Clip
  readonly from: number
  readonly count: number
}

/** One piece of the result: all that is needed to encode it by itself. */
export interface Piece {
  /** Pictures there are. */
  readonly pictures: number
  /** What stands where, from left to right and from top to bottom. */
  readonly views: readonly (readonly PictureSegment[])[]
  /** What is heard, mixed; empty for no sound. */
  readonly sounds: readonly (readonly SoundSegment[])[]
  /** What the clock shows, for each second. */
  readonly clock?: readonly string[]
}

/** How every piece looks, so that they can be joined without encoding them again. */
export interface Shape {
  readonly cell: { readonly width: number; readonly height: number }
  readonly columns: number
  readonly rows: number
  /** Whole pictures a second. */
  readonly frameRate: number
}

/** Hertz of the sound of everything that is encoded. */
export const sampleRate = 48_000

/** The size of the whole picture. */
export function sizeOf({ cell, columns, rows, frameRate }: Shape) {
  return { width: cell.width * columns, height: cell.height * rows, frameRate }
}

/** Below this no camera's pictures get, piece by piece and then as a film: a bit for twenty pixels. */
const pixelsPerByte = 160
/** Sound is kept uncompressed until the end: stereo, 16 bits. */
const soundBytesPerSecond = 4 * sampleRate

/** What so many seconds take on the disk while they are made, at the least. */
export function leastBytes(shape: Shape, seconds: number, sound: boolean): number {
  const { width, height } = sizeOf(shape)
  const pictures = (width * height * shape.frameRate) / pixelsPerByte
  return Math.round(seconds * (pictures + (sound ? soundBytesPerSecond : 0)))
}
