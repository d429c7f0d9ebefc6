import type { Clip } from './clips.ts'
import { findEncoder } from './encoders.ts'
import type { EncodingOptions } from './options.ts'
import { type Piece, sampleRate, sizeOf } from './picture-plan.ts'
import { renderPieces } from './pieces.ts'
import type { Probe } from './probe.ts'
import { shapeFor } from './shape.ts'
import type { Work } from './work.ts'
import type { WorkFolder } from './work-folder.ts'

/** Decodes clips and encodes them alike, one behind the other, at the size of the largest. */
export async function encodeInOrder(
  clips: readonly Clip[],
  file: string,
  options: EncodingOptions & { readonly sound: boolean },
  work: Work,
  folder: WorkFolder,
): Promise<Probe> {
  const shape = shapeFor(clips, { columns: 1, rows: 1 })
  const encoder = await findEncoder(work.ffmpeg, options, sizeOf(shape), work.signal)
  const sound = options.sound && clips.some(({ probe }) => probe.audio)
  const pieces = clips.map((clip) => pieceOf(clip, shape.frameRate, sound))
  const { found } = await renderPieces(pieces, file, clips[0]!.start, { shape, encoder, work, folder })
  return found
}

/** A clip by itself, its sound where it lies beside its pictures. */
function pieceOf(clip: Clip, frameRate: number, sound: boolean): Piece {
  const { video, probe } = clip
  const pictures = Math.max(1, Math.round(((video.endMs - video.startMs) * frameRate) / 1000))
  const views = [[{ clip, from: 0, count: pictures }]]
  if (!sound) return { pictures, views, sounds: [] }
  const samples = Math.round((pictures * sampleRate) / frameRate)
  const { audio } = probe
  if (!audio) return { pictures, views, sounds: [[{ from: 0, count: samples }]] }
  const offset = Math.round(((audio.startMs - video.startMs) * sampleRate) / 1000)
  const silent = Math.min(samples, Math.max(0, offset))
  const heard = { clip, from: Math.max(0, -offset), count: samples - silent }
  const track = [...(silent > 0 ? [{ from: 0, count: silent }] : []), ...(heard.count > 0 ? [heard] : [])]
  return { pictures, views, sounds: [track] }
}
