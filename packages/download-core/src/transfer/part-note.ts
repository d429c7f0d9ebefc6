import { createHash } from 'node:crypto'
import type { KeptFile } from '../footage/outcome.ts'
import type { Validator } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'
import type { FileSystem } from './file-system.ts'
import { readSmall } from './file-system-bytes.ts'

/** Bytes per checksum in a note: what a resumed part is re-checked by. */
export const blockBytes = 4 * 1024 * 1024
const version = 1
/** A terabyte of blocks fits four times. */
const largestNote = 16 * 1024 * 1024

/** Whose bytes a part holds. */
export interface PartIdentity {
  readonly sourceId: string
  readonly cameraId: string
  readonly view: string
  readonly recordingId: string
}

/** What stands beside a part, so that another run can go on with it. */
export interface PartNote {
  readonly identity: PartIdentity
  readonly representation: string
  readonly validator?: Validator
  readonly total?: number
  /** Bytes that were flushed to the disk before this was written. */
  readonly committed: number
  /** CRC-32 per block up to `committed`; the last block may be a part of one. */
  readonly crcs: readonly number[]
  readonly startedAt: EpochMs
  readonly attempts: number
  /** Bytes fetched and thrown away. */
  readonly wasted: number
  /** The file was proved; what is left to do is to give it its name. */
  readonly finished?: Finished
}

/** A file that was proved, and the name it gets. */
export interface Finished {
  readonly extension: string
  readonly kept: KeptFile
}

/** Name of a recording's part, without folder and ending. */
export function partKey(identity: PartIdentity): string {
  const { sourceId, cameraId, view, recordingId } = identity
  return createHash('sha256')
    .update(JSON.stringify([sourceId, cameraId, view, recordingId]))
    .digest('hex')
    .slice(0, 32)
}

/** As it stands on the disk: JSON with a checksum of itself. */
export function encodeNote(note: PartNote): Uint8Array {
  const body = { v: version, block: blockBytes, ...note }
  return new TextEncoder().encode(JSON.stringify({ ...body, sum: sumOf(body) }))
}

/** `undefined` for whatever is not, to the bit, a note of this version about this recording. */
export function decodeNote(bytes: Uint8Array, identity: PartIdentity): PartNote | undefined {
  let read: unknown
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
  if (typeof read !== 'object' || read === null) return undefined
  const { sum, ...body } = read as Record<string, unknown>
  if (sum !== sumOf(body) || body.v !== version || body.block !== blockBytes) return undefined
  // The checksum shows that this program wrote it; what is left to ask is whether it speaks of the same recording.
  const { v: _v, block: _block, ...note } = body as unknown as PartNote & { v: number; block: number }
  return partKey(note.identity) === partKey(identity) ? note : undefined
}

/** `undefined` where there is none that can be trusted. */
export async function readNote(
  fileSystem: FileSystem,
  path: string,
  identity: PartIdentity,
): Promise<PartNote | undefined> {
  const bytes = await readSmall(fileSystem, path, largestNote)
  return bytes && decodeNote(bytes, identity)
}

/** Replaces the note as one step: whoever reads it finds the old one or the new one. */
export async function writeNote(fileSystem: FileSystem, path: string, note: PartNote): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await fileSystem.open(temporary, 'write')
  try {
    await file.write([encodeNote(note)], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await fileSystem.rename(temporary, path)
}

function sumOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}
