import { symlink, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { EpochMs } from '@cam/download-core/source'
import type { WorkFolder } from './work-folder.ts'

/** A file to be joined, and the time from its beginning to the next one's. */
export interface Joined {
  readonly path: string
  readonly untilNextMs: number
}

/** Writes the list that ffmpeg's concat demuxer reads, and returns its path. */
export async function writeJoinList(files: readonly Joined[], folder: WorkFolder, name: string): Promise<string> {
  const lines = ['ffconcat version 1.0']
  for (const [index, { path, untilNextMs }] of files.entries()) {
    lines.push(`file ${quoted(await nameable(path, folder, `${name}-${index}`))}`)
    lines.push(`duration ${(untilNextMs / 1000).toFixed(6)}`)
  }
  const list = folder.own(`${name}.ffconcat`)
  await writeFile(list, `${lines.join('\n')}\n`)
  return list
}

/** In quotes nothing is special but the quote itself. */
function quoted(path: string): string {
  const portable = process.platform === 'win32' ? path.replaceAll('\\', '/') : path
  return `'${portable.replaceAll("'", "'\\''")}'`
}

/** The list has one entry a line, and no way to write the end of a line inside a name. */
async function nameable(path: string, folder: WorkFolder, name: string): Promise<string> {
  const shown = path.startsWith(folder.path) ? relative(folder.path, path) : path
  if (!/[\r\n]/.test(shown)) return shown
  const link = folder.own(name)
  await symlink(path, link)
  return relative(folder.path, link)
}

/** A stretch of the result to which a player can jump. */
export interface Chapter {
  readonly startMs: number
  readonly endMs: number
  readonly title: string
}

/** Writes when recording began, and the chapters, as ffmpeg's own metadata file. */
export async function writeMetadata(
  folder: WorkFolder,
  name: string,
  start: EpochMs | undefined,
  chapters: readonly Chapter[],
): Promise<string> {
  const lines = [';FFMETADATA1']
  if (start !== undefined) lines.push(`creation_time=${new Date(start).toISOString()}`)
  for (const { startMs, endMs, title } of chapters) {
    const [from, to] = [Math.round(startMs), Math.round(endMs)]
    lines.push(
      '[CHAPTER]',
      'TIMEBASE=1/1000',
      `START=${from}`,
      `END=${to}`,
      `title=${title.replace(/[=;#\\\n]/g, '\\$&')}`,
    )
  }
  const file = folder.own(`${name}.ffmetadata`)
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}
