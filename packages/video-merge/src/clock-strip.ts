import type { EpochMs } from '@cam/download-core/source'

// Drawn here, not by ffmpeg's own drawtext: many builds lack that, and it wants a font file that is somewhere else on every system.

/** A digit as strokes in a box one wide and two high. */
const strokes: Readonly<Record<string, readonly (readonly number[])[]>> = {
  0: [[0, 0.35, 0.3, 0, 0.7, 0, 1, 0.35, 1, 1.65, 0.7, 2, 0.3, 2, 0, 1.65, 0, 0.35]],
  1: [[0.15, 0.4, 0.6, 0, 0.6, 2]],
  2: [[0, 0.4, 0.3, 0, 0.7, 0, 1, 0.35, 1, 0.7, 0, 2, 1, 2]],
  3: [
    [0, 0.3, 0.3, 0, 0.7, 0, 1, 0.3, 1, 0.65, 0.65, 0.95, 0.4, 0.95],
    [0.65, 0.95, 1, 1.3, 1, 1.65, 0.7, 2, 0.3, 2, 0, 1.7],
  ],
  4: [[0.75, 2, 0.75, 0, 0, 1.4, 1, 1.4]],
  5: [[0.95, 0, 0.1, 0, 0.05, 0.95, 0.35, 0.75, 0.7, 0.75, 1, 1.1, 1, 1.65, 0.7, 2, 0.3, 2, 0, 1.7]],
  6: [[0.9, 0.15, 0.65, 0, 0.3, 0, 0, 0.4, 0, 1.65, 0.3, 2, 0.7, 2, 1, 1.65, 1, 1.2, 0.7, 0.85, 0.3, 0.85, 0, 1.2]],
  7: [[0, 0, 1, 0, 0.4, 2]],
  8: [
    [
      0.3, 0.95, 0.05, 0.65, 0.05, 0.3, 0.3, 0, 0.7, 0, 0.95, 0.3, 0.95, 0.65, 0.7, 0.95, 0.3, 0.95, 0, 1.3, 0, 1.65,
      0.3, 2, 0.7, 2, 1, 1.65, 1, 1.3, 0.7, 0.95,
    ],
  ],
  9: [[0.1, 1.85, 0.35, 2, 0.7, 2, 1, 1.6, 1, 0.35, 0.7, 0, 0.3, 0, 0, 0.35, 0, 0.8, 0.3, 1.15, 0.7, 1.15, 1, 0.8]],
  ':': [
    [0.5, 0.65, 0.5, 0.68],
    [0.5, 1.4, 0.5, 1.43],
  ],
  '-': [[0.2, 1, 0.8, 1]],
  '+': [
    [0.15, 1, 0.85, 1],
    [0.5, 0.6, 0.5, 1.4],
  ],
}

/** Pictures of a clock, one for each second, of one byte a pixel. */
export interface ClockStrip {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/** `2026-04-16 13:30:05 -05:00`: with its offset, because in autumn an hour comes twice. */
export function clockText(at: EpochMs, timeZone: string): string {
  const parts = Object.fromEntries(
    formatter(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const offset = parts.timeZoneName!.replace('GMT', '').replace('\u2212', '-')
  const { year, month, day, hour, minute, second } = parts
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${offset === '' ? '+00:00' : offset}`
}

/** Throws RangeError for a zone that does not exist. */
export function formatter(timeZone: string): Intl.DateTimeFormat {
  const two = '2-digit'
  return new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
    ...{ hourCycle: 'h23', timeZoneName: 'longOffset' },
  })
}

/** `textHeight` pixels from the top of a digit to its foot. */
export function clockStrip(texts: readonly string[], textHeight: number): ClockStrip {
  const scale = textHeight / 2
  const margin = Math.ceil(textHeight / 2)
  const step = scale * 1.55
  const longest = Math.max(0, ...texts.map(({ length }) => length))
  // Even, as the pictures below it are.
  const width = Math.ceil((longest * step + margin * 2) / 2) * 2
  const height = Math.ceil((textHeight + margin * 1.5) / 2) * 2
  const bytes = new Uint8Array(width * height * texts.length).fill(16)
  const glyphs = new Map<string, Glyph>()
  texts.forEach((text, index) => {
    for (const [place, character] of [...text].entries()) {
      const lines = strokes[character]
      if (!lines) continue
      const glyph = glyphs.get(character) ?? draw(lines, scale)
      glyphs.set(character, glyph)
      const left = Math.round(margin + place * step) - glyph.pad
      const top = Math.round(margin * 0.75) - glyph.pad
      for (let y = 0; y < glyph.height; y++) {
        const from = y * glyph.width
        bytes.set(glyph.pixels.subarray(from, from + glyph.width), (index * height + top + y) * width + left)
      }
    }
  })
  return { width, height, bytes }
}

interface Glyph {
  readonly width: number
  readonly height: number
  readonly pad: number
  readonly pixels: Uint8Array
}

/** Brightness falls off over the last pixel of a stroke, which makes its edge smooth. */
function draw(lines: readonly (readonly number[])[], scale: number): Glyph {
  const half = Math.max(0.7, scale * 0.13)
  const pad = Math.ceil(half + 0.5)
  const [width, height] = [Math.ceil(scale) + 2 * pad, Math.ceil(scale * 2) + 2 * pad]
  const pixels = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const away = Math.min(
        ...lines.map((points) => distance(points, (x - pad + 0.5) / scale, (y - pad + 0.5) / scale)),
      )
      const light = Math.min(1, Math.max(0, half + 0.5 - away * scale))
      pixels[y * width + x] = 16 + Math.round(light * 219)
    }
  }
  return { width, height, pad, pixels }
}

function distance(points: readonly number[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at + 3 < points.length; at += 2) {
    const [ax, ay, bx, by] = points.slice(at, at + 4) as [number, number, number, number]
    const length = (bx - ax) ** 2 + (by - ay) ** 2
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    least = Math.min(least, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)))
  }
  return least
}
