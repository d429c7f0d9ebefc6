import type { FfmpegJob } from './ffmpeg.ts'
import { soundGraph } from './filter-graph.ts'
import type { EarlierFilm } from './options.ts'
import type { Piece } from './picture-plan.ts'
import { probe } from './probe.ts'

/** Where in the earlier film each of its pieces begins, in pictures; nothing where it is no longer what it was. */
export async function placesIn(earlier: EarlierFilm | undefined, frameRate: number): Promise<Map<string, number>> {
  const places = new Map<string, number>()
  if (!earlier) return places
  let pictures = 0
  for (const { key, pictures: count } of earlier.pieces) {
    places.set(key, pictures)
    pictures += count
  }
  const found = await probe(earlier.path).catch(() => undefined)
  const { packets, startMs, endMs } = found?.video ?? {}
  const lasts = (pictures * 1000) / frameRate
  const isWhole = packets === pictures && startMs === 0 && Math.abs(endMs! - lasts) < 500 / frameRate
  return isWhole ? places : new Map()
}

/** ffmpeg's arguments for a piece whose pictures are copied; its sound, which the film holds compressed, is made anew. */
export function copyFrom(
  path: string,
  place: number,
  piece: Piece,
  frameRate: number,
): Pick<FfmpegJob, 'inputs' | 'options'> {
  const { clips, filter, maps } = soundGraph(piece, 1)
  const seconds = (count: number) => (count / frameRate).toFixed(6)
  // Every piece begins with a key picture: looked for from half a picture later, it is the last one before. A count of pictures
  // would end the sound with them.
  const seek = ['-itsoffset', seconds(0.5), '-ss', seconds(place + 0.5), '-t', seconds(piece.pictures - 0.5)]
  return {
    inputs: [{ options: seek, source: path }, ...clips.map((source) => ({ source }))],
    options: [
      ...(filter === '' ? [] : ['-filter_complex', filter]),
      ...['-map', '0:v:0', '-c:v', 'copy'],
      ...maps.flatMap((label) => ['-map', label, '-c:a', 'pcm_s16le']),
    ],
  }
}
