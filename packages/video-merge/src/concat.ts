import { basename, dirname, extname, join } from 'node:path'
import { type Clip, gapsAndOverlaps, gatherClips } from './clips.ts'
import { copyGroup } from './copy.ts'
import { encodeInOrder } from './encode-in-order.ts'
import { MergeError } from './errors.ts'
import { type Group, groupClips } from './grouping.ts'
import { mergedFile } from './judge.ts'
import type { ClipInput, EncodingOptions, LeftOut, MergedFile, MergeOptions, Span } from './options.ts'
import { beginWork, progressOf, type Work } from './work.ts'
import { openWorkFolder, type WorkFolder } from './work-folder.ts'

/** What `concat` is asked for. */
export interface ConcatOptions extends MergeOptions, EncodingOptions {
  /** Paths, or paths with the time they begin. With times they are put in order; without, they are joined as given. */
  readonly clips: readonly (string | ClipInput)[]
  /**
   * Where clips differ in what a copy cannot bridge (size, codec, settings): `split` (default) writes several files, each a copy;
   * `encode` consents to one file that is encoded anew; `refuse` throws MergeError `CLIPS_DIFFER`.
   */
  readonly whenDifferent?: 'split' | 'encode' | 'refuse'
  /** Missing time: `close` (default) shows the next clip at once, `hold` keeps the last picture for as long. Copies only. */
  readonly gaps?: 'close' | 'hold'
  /** `keep` (default) or `drop` the sound. */
  readonly audio?: 'keep' | 'drop'
  /** A chapter for each clip, where times are known. Default true. */
  readonly chapters?: boolean
}

/** One file that `concat` wrote. */
export interface ConcatOutput extends MergedFile {
  /** `copied`: every packet as it was. `repaired`: so too, but some containers were rewritten first. `encoded`: decoded and encoded. */
  readonly how: 'copied' | 'repaired' | 'encoded'
  /** What was repaired, clip by clip. */
  readonly repaired: readonly string[]
  /** The clips in it, in order. */
  readonly clips: readonly string[]
}

/** What `concat` did. */
export interface ConcatResult {
  /** More than one where clips could not follow each other; then all are numbered: `name-1.mp4`, `name-2.mp4`. */
  readonly outputs: readonly ConcatOutput[]
  /** Why there is more than one, or why it was encoded. */
  readonly differences: readonly string[]
  /** Time between clips that none of them shows, more than a second. */
  readonly gaps: readonly Span[]
  /** Time that two clips show, more than a second: it is in the result twice. */
  readonly overlaps: readonly Span[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Joins clips into one video, without decoding them wherever that is possible. Throws MergeError, or DiskError where the target's
 * disk is full or cannot be written to, and the signal's reason; no result has its final name then, and no input was touched.
 */
export async function concat(options: ConcatOptions): Promise<ConcatResult> {
  const { into, whenDifferent = 'split', audio = 'keep' } = options
  const work = await beginWork(options)
  const { clips, leftOut } = await gatherClips(options.clips, work, options.unreadable)
  if (clips.length === 0)
    throw new MergeError('There are no clips to join.', { code: 'CLIP_UNREADABLE', advice: 'Name at least one.' })
  work.report({ type: 'probed', clips: clips.length })
  const { gaps, overlaps } = gapsAndOverlaps(clips)
  for (const { start, end } of overlaps)
    work.report({ type: 'warning', message: `Two clips show ${iso(start)} to ${iso(end)}: it is there twice.` })
  const { groups, reasons } = groupClips(clips, audio === 'keep')
  if (groups.length > 1 && whenDifferent === 'refuse')
    throw new MergeError(`The clips cannot be joined without encoding them: ${reasons.slice(0, 3).join('; ')}.`, {
      ...{ code: 'CLIPS_DIFFER', advice: 'Allow several files, or encoding.' },
    })
  const folder = await openWorkFolder(into, {
    ...(options.overwrite === undefined ? {} : { overwrite: options.overwrite }),
    inputs: clips.map(({ path }) => path),
    needsBytes: clips.reduce((sum, { probe }) => sum + probe.bytes, 0),
  })
  const encoding = groups.length > 1 && whenDifferent === 'encode'
  try {
    const outputs = encoding
      ? [await encoded(clips, options, work, folder)]
      : await copied(groups, options, work, folder)
    await folder.remove()
    return { outputs, differences: reasons, gaps, overlaps, leftOut }
  } catch (error) {
    // Pieces that were encoded are worth keeping; copies are not.
    await (encoding ? folder.removeIfEmpty() : folder.remove())
    throw error
  }
}

async function copied(groups: readonly Group[], options: ConcatOptions, work: Work, folder: WorkFolder) {
  const { gaps = 'close', chapters = true } = options
  const totalMs = groups.flatMap(({ clips }) => clips).reduce((sum, { probe }) => sum + probe.durationMs, 0)
  const progress = progressOf(work, totalMs)
  const made: { file: string; to: string; output: ConcatOutput }[] = []
  const nameOf = (index: number) => (groups.length === 1 ? folder.target : numbered(folder.target, index + 1))
  for (const index of groups.keys()) await folder.check(nameOf(index))
  for (const [index, group] of groups.entries()) {
    const file = folder.own(`joined-${index + 1}.mp4`)
    const to = nameOf(index)
    const { found, repaired } = await copyGroup(group, file, { gaps, chapters }, { work, folder, progress })
    made.push({
      ...{ file, to },
      output: {
        ...mergedFile(found, to),
        ...{ how: repaired.length > 0 ? 'repaired' : 'copied', repaired, clips: group.clips.map(({ path }) => path) },
      },
    })
  }
  // Only now: a call that fails leaves nothing half done.
  for (const { file, to, output } of made) await publish(work, folder, file, to, output)
  return made.map(({ output }) => output)
}

async function encoded(clips: readonly Clip[], options: ConcatOptions, work: Work, folder: WorkFolder) {
  const file = folder.own('joined.mp4')
  const found = await encodeInOrder(clips, file, { ...options, sound: options.audio !== 'drop' }, work, folder)
  const output: ConcatOutput = {
    ...mergedFile(found, folder.target),
    ...{ how: 'encoded', repaired: [], clips: clips.map(({ path }) => path) },
  }
  await publish(work, folder, file, folder.target, output)
  return output
}

async function publish(work: Work, folder: WorkFolder, file: string, to: string, { bytes, durationMs }: MergedFile) {
  work.signal.throwIfAborted()
  await folder.publish(file, to)
  work.report({ type: 'written', path: to, bytes, durationMs })
}

function numbered(path: string, number: number): string {
  const extension = extname(path)
  return join(dirname(path), `${basename(path, extension)}-${number}${extension}`)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
