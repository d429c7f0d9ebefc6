import { basename } from 'node:path'
import { DiskError } from '@cam/download-core/source'
import { MergeError } from './errors.ts'
import type { FfmpegEnd } from './ffmpeg.ts'
import type { MergedFile } from './options.ts'
import { type Probe, probe } from './probe.ts'

/** Pictures, or packets of sound. */
export interface Counted {
  readonly atLeast: number
  readonly atMost: number
}

/** What a file that ffmpeg wrote has to be. */
export interface Expected {
  readonly frames: Counted
  /** From its first to the end of its last picture. */
  readonly videoMs: number
  readonly toleranceMs: number
  /** `undefined`: no sound. */
  readonly audio: Counted | undefined
  readonly rotation?: number | undefined
  readonly configuration?: string
}

/**
 * Looks at what ffmpeg wrote. How it ended counts for nothing: it calls a film whole from which clips are missing, and fails one
 * in which all is well. Throws MergeError `RESULT_WRONG`, or DiskError where the disk was full.
 */
export async function judge(path: string, expected: Expected, ended: FfmpegEnd, what: string): Promise<Probe> {
  const words = ended.words ? ` ffmpeg said: ${ended.words.replace(/[^.!?]$/, '$&.')}` : ''
  if (/No space left on device|Disk quota exceeded/i.test(words))
    throw new DiskError(
      `Cannot write ${what}: the disk is full. Free some space and run again; no input was touched.`,
      {
        code: 'DISK_FULL',
      },
    )
  let found: Probe
  try {
    found = await probe(path)
  } catch (error) {
    throw wrong(what, `nothing whole was written${error instanceof MergeError ? '' : ` (${String(error)})`}.${words}`)
  }
  const problem = difference(found, expected)
  if (problem) throw wrong(what, `${problem}.${words}`)
  return found
}

function wrong(what: string, problem: string): MergeError {
  return new MergeError(`${basename(what)} came out wrong and was thrown away: ${problem}`, {
    ...{
      code: 'RESULT_WRONG',
      advice: 'The inputs are as they were. Another version of ffmpeg may do better.',
      path: what,
    },
  })
}

function difference({ video, audio }: Probe, expected: Expected): string | undefined {
  const { frames, videoMs, toleranceMs } = expected
  if (!video) return 'it has no pictures'
  if (video.packets < frames.atLeast || video.packets > frames.atMost)
    return `it has ${video.packets} pictures in place of ${frames.atMost}`
  const isMs = video.endMs - video.startMs
  if (Math.abs(isMs - videoMs) > toleranceMs)
    return `its pictures last ${seconds(isMs)} in place of ${seconds(videoMs)}`
  if (expected.rotation !== undefined && video.rotation !== expected.rotation)
    return `it is turned by ${video.rotation ?? 'an odd angle'} in place of ${expected.rotation} degrees`
  if (expected.configuration !== undefined && video.configuration !== expected.configuration)
    return 'its pieces were not encoded in the same way'
  if (!expected.audio) return audio ? 'it has sound that nobody asked for' : undefined
  if (!audio) return 'its sound is missing'
  if (audio.packets < expected.audio.atLeast || audio.packets > expected.audio.atMost)
    return `it has ${audio.packets} packets of sound in place of ${expected.audio.atMost}`
  return undefined
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}

/** The facts of a result for whoever asked for it. */
export function mergedFile(found: Probe, path: string): MergedFile {
  return {
    path,
    bytes: found.bytes,
    durationMs: Math.round(found.durationMs),
    frames: found.video?.packets ?? 0,
    width: found.video?.width ?? 0,
    height: found.video?.height ?? 0,
    audio: found.audio !== undefined,
  }
}
