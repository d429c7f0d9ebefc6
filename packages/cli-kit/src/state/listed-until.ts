import { join } from 'node:path'
import type { Clock, EpochMs } from '@cam/download-core'
import { readIfThere, reasonOf, writeDurably } from './durable-file.ts'
import { lockFile } from './file-lock.ts'

const giveUpMs = 5000

/** Until when the footage of each camera of one source has been listed, by camera id. */
export type Marks = ReadonlyMap<string, EpochMs>

type Book = ReadonlyMap<string, Marks>

/** The marks of a source. `damaged`: why the file is worth nothing; then there are none. Never throws. */
export async function readMarks(root: string, sourceId: string): Promise<{ marks: Marks; damaged?: string }> {
  try {
    return { marks: (await read(fileIn(root))).get(sourceId) ?? new Map() }
  } catch (error) {
    return { marks: new Map(), damaged: reasonOf(error) }
  }
}

/**
 * Changes the marks of a source and no others; they are on the disk when this returns. `change` is given those that stand there by
 * then. Throws where the file cannot be written.
 */
export async function changeMarks(
  root: string,
  sourceId: string,
  clock: Clock,
  change: (marks: Marks) => Marks,
): Promise<void> {
  const file = fileIn(root)
  // Runs of other sources of this archive write the same file.
  await using _lock = await lockFile(`${file}.lock`, clock, AbortSignal.timeout(giveUpMs))
  const book = await read(file).catch((): Book => new Map())
  const before = book.get(sourceId) ?? new Map()
  const after = change(before)
  if (after.size === before.size && [...after].every(([camera, mark]) => before.get(camera) === mark)) return
  const sources = [...new Map(book).set(sourceId, after)].map(([id, marks]) => {
    const cameras = [...marks].map(([camera, mark]) => [camera, new Date(mark).toISOString()])
    return [id, Object.fromEntries(cameras)]
  })
  await writeDurably(file, `${JSON.stringify({ v: 1, sources: Object.fromEntries(sources) }, null, 2)}\n`)
}

function fileIn(root: string): string {
  return join(root, '.cam', 'listed-until.json')
}

/** Throws for anything but what `changeMarks` writes: half of the marks would pass for all of them. */
async function read(file: string): Promise<Book> {
  const text = await readIfThere(file)
  if (text === undefined) return new Map()
  const { v, sources } = JSON.parse(text) as { v?: unknown; sources?: unknown }
  if (v !== 1) throw new Error('it is not of a version this program knows')
  return new Map(entries(sources).map(([id, cameras]) => [id, new Map(entries(cameras).map(markOf))]))
}

function entries(value: unknown): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  throw new Error('it holds no marks')
}

function markOf([camera, text]: [string, unknown]): [string, EpochMs] {
  const mark = typeof text === 'string' ? Date.parse(text) : Number.NaN
  if (Number.isNaN(mark)) throw new Error('a mark is no time')
  return [camera, mark]
}
