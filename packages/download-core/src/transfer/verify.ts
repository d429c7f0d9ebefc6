import { ProofError } from '../footage/errors.ts'
import type { KeptFile, Proof } from '../footage/outcome.ts'
import type { Checksum, Recording } from '../footage/recording.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import type { ContainerReport } from './container/report.ts'
import { readContainer } from './container.ts'
import { covered } from './covers.ts'
import { digests } from './digest.ts'
import { compare, printable } from './expectation.ts'
import type { FileSystem, OpenFile } from './file-system.ts'
import { fileSource, openIfThere } from './file-system-bytes.ts'

/** A length that somebody stated: `the list`, `Content-Length` … */
interface StatedLength {
  readonly by: string
  readonly bytes: number
}

/** What there is to prove a file with. */
export interface Evidence {
  readonly recording: Recording
  /** Size of the file as received. */
  readonly bytes: number
  /** Of all bytes, where already computed. */
  readonly sha256?: string
  /** Beside `recording.bytes`, which counts in any case. */
  readonly statedLengths?: readonly StatedLength[]
  /** What `open` stated; takes precedence over the recording's own. */
  readonly checksum?: Checksum
  /** What the vendor says it delivered. */
  readonly actual?: TimeWindow
  /** The file was fetched twice and was the same. */
  readonly repeated?: boolean
}

/** Everything about a kept file except its name. */
export type Proved = Omit<KeptFile, 'path' | 'adopted'>

/**
 * `cut`: nobody stated a length and the file's structure shows that some of it is missing; fetching again may mend it.
 * `empty`: it arrived in good order and holds not one picture; sources under load answer like that, and fetching again may mend it.
 * `repeat`: nothing speaks against the file and nothing for it; fetch it a second time and compare.
 */
export type Unproved = { readonly unproved: 'cut' | 'empty' | 'repeat'; readonly why: string }

/**
 * Decides whether a file is the whole recording, in this order: checksum, lengths, container, a second fetch. What is known of
 * its format must never contradict. Throws ProofError; DiskError where the file cannot be read.
 */
export async function prove(file: OpenFile, evidence: Evidence): Promise<Proved | Unproved> {
  const { recording, bytes } = evidence
  const checksum = evidence.checksum ?? recording.checksum
  const stated = [
    ...(recording.bytes === undefined ? [] : [{ by: 'the list', bytes: recording.bytes }]),
    ...(evidence.statedLengths ?? []),
  ]
  for (const length of stated) {
    if (length.bytes === bytes) continue
    throw new ProofError(`${length.by} states ${length.bytes} bytes; ${bytes} arrived.`, { code: 'WRONG_LENGTH' })
  }
  const sums = await digests(file, bytes, [
    ...(evidence.sha256 === undefined ? (['sha256'] as const) : []),
    ...(checksum === undefined || (checksum.algorithm === 'sha256' && evidence.sha256 !== undefined)
      ? []
      : [checksum.algorithm]),
  ])
  const sha256 = evidence.sha256 ?? sums.get('sha256')!
  if (checksum) {
    const own = sums.get(checksum.algorithm) ?? sha256
    if (own !== checksum.hex.toLowerCase()) {
      throw new ProofError(`The source states ${checksum.algorithm} ${checksum.hex}; the file has ${own}.`, {
        code: 'WRONG_CHECKSUM',
      })
    }
  }
  if (bytes === 0) throw new ProofError('The file is empty.', { code: 'CORRUPT' })
  const source = fileSource(file, bytes)
  const report = await readContainer(source)
  if (!report) refuseText(await source.read(0, 512), recording.extension)
  if (report?.empty) return { unproved: 'empty', why: `The ${report.format.toUpperCase()} holds not one picture.` }
  const finding = weigh(report, { checksum, stated, bytes, recording, repeated: evidence.repeated === true })
  if ('unproved' in finding) return finding
  const fidelity = compare(report, recording)
  return {
    bytes,
    sha256,
    proof: finding,
    ...covered(recording, evidence.actual, report),
    facts: printable(report),
    fidelity,
  }
}

/**
 * Whether a file that is already there is this recording: only by its checksum, or by the exact size from the list together
 * with a structure that is whole and meets every expectation. `undefined` where it is not, or cannot be told.
 */
export async function proveExisting(
  fileSystem: FileSystem,
  path: string,
  recording: Recording,
): Promise<Proved | undefined> {
  const found = await fileSystem.lstat(path)
  if (found?.kind !== 'file') return undefined
  if (recording.checksum === undefined && recording.bytes !== found.bytes) return undefined
  const file = await openIfThere(fileSystem, path, 'read')
  if (!file) return undefined
  try {
    if (recording.checksum === undefined) {
      const report = await readContainer(fileSource(file, found.bytes))
      if (!report?.complete) return undefined
    }
    const proved = await prove(file, { recording, bytes: found.bytes })
    return 'unproved' in proved ? undefined : proved
  } catch (error) {
    if (error instanceof ProofError) return undefined
    throw error
  } finally {
    await file.close()
  }
}

function weigh(
  report: ContainerReport | undefined,
  known: {
    readonly checksum: Checksum | undefined
    readonly stated: readonly StatedLength[]
    readonly bytes: number
    readonly recording: Recording
    readonly repeated: boolean
  },
): Proof | Unproved {
  const { checksum, stated, bytes, repeated } = known
  const vouched = checksum !== undefined || stated.length > 0
  const name = report?.format.toUpperCase()
  if (report?.missing) {
    const why = `The ${name} is not whole: ${report.problem}.`
    if (!vouched && !repeated) return { unproved: 'cut', why }
    throw new ProofError(`${why} It arrived as the source has it.`, { code: 'CORRUPT' })
  }
  if (checksum) return { by: 'checksum', checksum: { ...checksum, hex: checksum.hex.toLowerCase() } }
  if (stated.length > 0) return { by: 'length', bytes, statedBy: [...new Set(stated.map((length) => length.by))] }
  if (report?.complete) {
    if (!report.openEnded) return { by: 'container', format: report.format }
    const wanted = wallTimeMs(known.recording)
    if (wanted !== undefined && report.samplesEndMs !== undefined) {
      const tolerance = known.recording.expect?.toleranceMs ?? 0
      if (report.samplesEndMs >= wanted - tolerance) return { by: 'container', format: report.format }
      const why = `The ${name} ends after ${report.samplesEndMs} ms of ${wanted} ms, and nobody states its length.`
      if (!repeated) return { unproved: 'cut', why }
      throw new ProofError(why, { code: 'TOO_SHORT' })
    }
  }
  if (repeated) return { by: 'repeat' }
  return {
    unproved: 'repeat',
    why: report
      ? `Nobody states a length, and ${report.problem ?? 'its format has no end mark'}.`
      : 'Nobody states a length.',
  }
}

function wallTimeMs(recording: Recording): number | undefined {
  return recording.expect?.durationMs ?? (recording.window && recording.window.end - recording.window.start)
}

const media = new Set(['mp4', 'm4v', 'mov', 'avi', 'flv', 'jpg', 'jpeg', 'mkv', 'ts', 'h264', 'h265'])

/** A login page or an error in JSON may have the right length. */
function refuseText(head: Uint8Array, extension: string): void {
  if (!media.has(extension.toLowerCase())) return
  const text = new TextDecoder().decode(head)
  if (!/^\uFEFF?\s*[<{[]/.test(text) || /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text.slice(0, 200))) return
  const excerpt = text.replace(/\s+/g, ' ').trim().slice(0, 120)
  throw new ProofError(`It is text and no ${extension}: ${excerpt}`, { code: 'CORRUPT' })
}
