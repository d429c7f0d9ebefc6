import type { BlockColour, CellMap, Mosaic } from './mosaic-h264.ts'

/** What a picture says of itself, in bright and dark cells. */
export interface Stamp {
  /** Epoch milliseconds of the second it shows. */
  readonly shows: number
  /** 0 to 7. */
  readonly angle: number
  /** 0 to 63. */
  readonly vehicle: number
}

/** Where in a picture the stamped picture stands, in pixels; for one that was scaled and put beside others. */
export interface StampArea {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Cells of a picture. */
const across = 8
const down = 6

/** The smallest picture whose cells can be told apart. */
export const smallestStamp = { width: 256, height: 144 }

/** Which of the 8×6 cells each block of a picture belongs to. */
export function stampCells(width: number, height: number): CellMap {
  const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)]
  // Blocks are whole, so cells differ by a block; the middle of each is where a reader looks.
  const place = (block: number, size: number, parts: number) =>
    Math.min(parts - 1, Math.floor(((block * 16 + 8) * parts) / size))
  const cells = Array.from(
    { length: columns * rows },
    (_, block) => place(Math.floor(block / columns), height, down) * across + place(block % columns, width, across),
  )
  return { columns, rows, cells }
}

/** Each angle has two colours of its own: people see them, a reader needs the brightness alone. */
const hues: readonly (readonly [cb: number, cr: number])[] = [
  ...([
    [3, -3],
    [-4, 4],
    [-3, -4],
    [4, 2],
    [-5, 1],
    [0, 5],
    [5, -1],
    [0, 0],
  ] as const),
]

/** The colours of the 48 cells. */
export function stampMosaic(stamp: Stamp): Mosaic {
  const [cb, cr] = hues[stamp.angle & 7]!
  const bright: BlockColour = { y: 8, cb, cr }
  const dark: BlockColour = { y: -8, cb, cr }
  return bitsOf(stamp).map((bit) => (bit === 1 ? bright : dark))
}

/** Second 32 bits, angle 3, vehicle 6, sum 5, and two that are always bright and dark. */
function bitsOf({ shows, angle, vehicle }: Stamp): number[] {
  const second = Math.floor(shows / 1000)
  const bits = (value: number, count: number) =>
    Array.from({ length: count }, (_, at) => Math.floor(value / 2 ** (count - 1 - at)) % 2)
  const content = [...bits(second, 32), ...bits(angle, 3), ...bits(vehicle, 6)]
  return [1, ...content, ...bits(sumOf(content), 5), 0]
}

/** Weighted, so that cells that changed places are seen. */
const sumOf = (bits: readonly number[]) => bits.reduce((sum, bit, at) => (sum + bit * (2 * at + 1)) % 31, 7)

/**
 * Reads the stamp of a picture from its brightness, one byte a pixel in rows of `width`; undefined where there is none,
 * as in black. The picture may have been scaled and encoded anew.
 */
export function readStamp(
  luma: Uint8Array,
  width: number,
  area: StampArea = { left: 0, top: 0, width, height: luma.length / width },
): Stamp | undefined {
  const bits: number[] = []
  for (let row = 0; row < down; row++)
    for (let column = 0; column < across; column++) {
      const x = Math.floor(area.left + ((column + 0.5) * area.width) / across)
      const y = Math.floor(area.top + ((row + 0.5) * area.height) / down)
      bits.push((luma[y * width + x] ?? 0) >= 128 ? 1 : 0)
    }
  const number = (from: number, count: number) => bits.slice(from, from + count).reduce((sum, bit) => sum * 2 + bit, 0)
  if (bits[0] !== 1 || bits[47] !== 0 || number(42, 5) !== sumOf(bits.slice(1, 42))) return undefined
  return { shows: number(1, 32) * 1000, angle: number(33, 3), vehicle: number(36, 6) }
}
