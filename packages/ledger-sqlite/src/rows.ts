import type { LedgerRow, RowFilter, Run } from '@cam/download-core'
import type { Value } from './database.ts'

type Columns = Record<string, Value>

/** The row as the core knows it. */
export function toRow(columns: Columns): LedgerRow {
  const json = (name: string) => (columns[name] === null ? undefined : JSON.parse(columns[name] as string))
  return {
    key: {
      sourceId: columns.source_id as string,
      cameraId: columns.camera_id as string,
      view: columns.view as string,
      recordingId: columns.recording_id as string,
    },
    kind: columns.kind as LedgerRow['kind'],
    camera: json('camera'),
    ...(columns.recording === null ? {} : { recording: json('recording') }),
    ...(columns.window_start === null
      ? {}
      : { window: { start: columns.window_start as number, end: columns.window_end as number } }),
    ...(columns.outcome === null ? {} : { outcome: json('outcome') }),
    ...(columns.file === null ? {} : { file: json('file') }),
    runId: columns.run_id as string,
    plannedAt: columns.planned_at as number,
    ...(columns.ended_at === null ? {} : { endedAt: columns.ended_at as number }),
  }
}

/** The run as the core knows it. */
export function toRun(columns: Columns): Run {
  return {
    id: columns.id as string,
    sourceId: columns.source_id as string,
    sourceName: columns.source_name as string,
    vendor: columns.vendor as string,
    startedAt: columns.started_at as number,
    ...(columns.ended_at === null ? {} : { endedAt: columns.ended_at as number }),
    ...(columns.ending === null ? {} : { ending: columns.ending as NonNullable<Run['ending']> }),
    ...(columns.summary === null ? {} : { summary: JSON.parse(columns.summary as string) }),
  }
}

/** The WHERE clause of a filter, with its values. */
export function whereOf(filter: RowFilter): { readonly sql: string; readonly values: Value[] } {
  const terms: string[] = []
  const values: Value[] = []
  const add = (term: string, ...more: Value[]) => {
    terms.push(term)
    values.push(...more)
  }
  if (filter.sourceId !== undefined) add('source_id = ?', filter.sourceId)
  if (filter.cameraId !== undefined) add('camera_id = ?', filter.cameraId)
  if (filter.kind !== undefined) add('kind = ?', filter.kind)
  if (filter.outcomes !== undefined) {
    add(`outcome_name IN (${filter.outcomes.map(() => '?').join(', ')})`, ...filter.outcomes)
  }
  if (filter.window !== undefined) {
    // One of no length is the one moment at its start.
    const { start, end } = filter.window
    add('(window_start IS NULL OR window_start = ? OR (window_start < ? AND window_end > ?))', start, end, start)
  }
  if (filter.unfinished) add('outcome IS NULL')
  return { sql: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`, values }
}
