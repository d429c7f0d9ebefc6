import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Ledger, LedgerRow } from '@cam/download-core'
import { writeDurably } from '../state/durable-file.ts'
import { lockFile } from '../state/file-lock.ts'
import { printable } from './measures.ts'

const giveUpMs = 10_000
const linesAtOnce = 1000

const columns = [
  'source',
  'camera id',
  'camera name',
  'recording',
  'view',
  'start',
  'end',
  'code',
  'http status',
  'reason',
  'attempts',
  'may be retried',
  'last tried',
] as const

export interface FailedListOptions {
  readonly ledger: Ledger
  /** Where `failed.csv` is replaced. */
  readonly folder: string
  /** The archive's. */
  readonly root: string
  readonly clock: Clock
}

/**
 * Writes what the ledger says is failed or lost now, of all sources and runs, oldest first, as a table for spreadsheets: CSV as in
 * RFC 4180, in UTF-8 with a byte order mark, without which they misread accents. Throws where it cannot be written; then the old
 * list stays.
 */
export async function writeFailedList({ ledger, folder, root, clock }: FailedListOptions): Promise<void> {
  // A run of another source may write the same list: whoever writes last has read last.
  await using _lock = await lockFile(join(root, '.cam', 'failed-list.lock'), clock, AbortSignal.timeout(giveUpMs))
  const found: { readonly start: number; readonly line: string }[] = []
  for await (const row of ledger.rows({ outcomes: ['failed', 'lost'] })) {
    // Undated ones come last.
    found.push({ start: row.window?.start ?? Number.POSITIVE_INFINITY, line: lineOf(row) })
  }
  found.sort((a, b) => (a.start === b.start ? 0 : a.start - b.start))
  await mkdir(folder, { recursive: true })
  await writeDurably(join(folder, 'failed.csv'), pieces(found))
}

function* pieces(found: readonly { readonly line: string }[]): Iterable<string> {
  yield `\uFEFF${csvLine(columns)}`
  for (let at = 0; at < found.length; at += linesAtOnce) {
    yield found
      .slice(at, at + linesAtOnce)
      .map(({ line }) => line)
      .join('')
  }
}

function lineOf({ key, kind, camera, recording, window, outcome, endedAt }: LedgerRow): string {
  const what = kind === 'listing' ? '(the list)' : (recording?.name ?? key.recordingId)
  const failed = outcome?.outcome === 'failed' ? outcome : undefined
  const reason = failed ? failed.message : outcome?.outcome === 'lost' ? outcome.reason : ''
  return csvLine([
    key.sourceId,
    camera.id,
    camera.name,
    what,
    key.view,
    timeOf(window?.start),
    timeOf(window?.end),
    failed?.code ?? 'LOST',
    failed?.httpStatus,
    reason,
    failed?.attempts,
    (failed?.retryable ?? true) ? 'yes' : 'no',
    timeOf(endedAt),
  ])
}

function timeOf(epochMs: number | undefined): string {
  return epochMs !== undefined && Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : ''
}

function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** What a camera is called must not become a formula in somebody's spreadsheet. */
function csvCell(value: string | number | undefined): string {
  const raw = String(value ?? '')
  const text = printable(/^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw)
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
