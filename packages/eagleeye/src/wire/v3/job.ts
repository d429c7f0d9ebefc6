import type { Checksum, EpochMs } from '@cam/download-core/source'
import { at, count, identifier, isObject, word } from './fields.ts'
import { type Refusal, readRefusal } from './refusal.ts'
import { readTimestamp } from './time.ts'

/** How an export stands. PROTOCOL.md §2.5. */
export type Job =
  | { readonly state: 'waiting'; readonly progress: number }
  /** `files`: ids. */
  | { readonly state: 'done'; readonly files: readonly string[]; readonly problems: readonly string[] }
  | { readonly state: 'failed'; readonly word: string; readonly refusal: Refusal }

/** An entry of `GET /jobs`: an export, and what it is of. */
export interface ListedJob {
  readonly id: string
  readonly state: string
  readonly deviceId: string
  readonly start: EpochMs
  readonly end: EpochMs
  readonly createdAt: EpochMs
}

/** Reads an entry of the list of jobs. Undefined for what is no export of one camera's video, or does not say of what. PROTOCOL.md §2.5. */
export function readListedJob(json: unknown): ListedJob | undefined {
  const asked = at(json, 'arguments', 'originalRequest')
  const id = identifier(at(json, 'id'))
  const state = word(at(json, 'state'))
  const deviceId = identifier(at(asked, 'deviceId'))
  const start = readTimestamp(at(asked, 'period', 'startTimestamp'))
  const end = readTimestamp(at(asked, 'period', 'endTimestamp'))
  const createdAt = readTimestamp(at(json, 'createTimestamp'))
  if (!id || !state || !deviceId || start === undefined || end === undefined || createdAt === undefined)
    return undefined
  // Others are kept elsewhere when they are done, or are no film as it was recorded.
  if (at(asked, 'type') !== 'video' || at(asked, 'autoDelete') !== true) return undefined
  return { id, state, deviceId, start, end, createdAt }
}

const mostFiles = 1000

/** Reads a job. Undefined where its state is no known one. */
export function readJob(json: unknown): Job | undefined {
  const state = at(json, 'state')
  if (state === 'pending' || state === 'started') {
    const progress = at(json, 'progress')
    return { state: 'waiting', progress: typeof progress === 'number' && progress >= 0 && progress <= 1 ? progress : 0 }
  }
  if (state === 'failure' || state === 'revoked') {
    return { state: 'failed', word: state, refusal: readRefusal(at(json, 'error')) }
  }
  if (state !== 'success') return undefined
  const intervals = list(at(json, 'result', 'intervals'))
  const files = [...intervals.flatMap((one) => list(at(one, 'files'))), ...list(at(json, 'result', 'files'))]
  const ids = files.map((file) => identifier(String(at(file, 'url') ?? '').replace(/^.*\/|[?#].*$|:download.*$/g, '')))
  return {
    state: 'done',
    files: [...new Set(ids.filter((id) => id !== undefined))],
    problems: [
      ...intervals.flatMap((one) => problemOf(one) ?? []),
      ...(missingIn(json) > 0 ? [`${missingIn(json)} stretches of it are missing`] : []),
      ...(ids.includes(undefined) ? ['it names a file that cannot be asked for'] : []),
    ],
  }
}

function problemOf(interval: unknown): string | undefined {
  const state = at(interval, 'state')
  const error = at(interval, 'error')
  if ((state === undefined || state === 'success') && (error === undefined || error === null)) return undefined
  const { reasons, said } = isObject(error) ? readRefusal(error) : readRefusal(String(error ?? ''))
  return `a stretch of it ended as ${[word(state) ?? 'failed', ...reasons, said].filter(Boolean).join(', ')}`
}

function missingIn(json: unknown): number {
  return [at(json, 'detailedState'), at(json, 'result')].reduce<number>(
    (sum, where) =>
      sum + list(at(where, 'intervals', 'missingIntervals')).length + list(at(where, 'missingIntervals')).length,
    0,
  )
}

/** What is known of a file that waits to be fetched. */
interface Download {
  readonly bytes?: number
  readonly checksum?: Checksum
  /** `false` where the vendor says that it is gone. */
  readonly available: boolean
}

/** Reads `GET /downloads/{id}`. */
export function readDownload(json: unknown): Download {
  const bytes = count(at(json, 'size'))
  const md5 = at(json, 'md5')
  const hex = typeof md5 === 'string' ? hexOf(md5) : undefined
  return {
    available: at(json, 'status') !== 'expired',
    ...(bytes !== undefined && { bytes }),
    ...(hex !== undefined && { checksum: { algorithm: 'md5', hex } }),
  }
}

/** Digests are written in hex or, as in HTTP headers, in base64. */
function hexOf(md5: string): string | undefined {
  if (/^[\da-f]{32}$/i.test(md5)) return md5.toLowerCase()
  return /^[\w+/-]{22}==$/.test(md5) ? Buffer.from(md5, 'base64').toString('hex') : undefined
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, mostFiles) : []
}
