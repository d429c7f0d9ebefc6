import type { Camera } from '../footage/camera.ts'
import type { KeptFile, Outcome, OutcomeName, Summary } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import type { Note } from '../footage/source.ts'
import type { EpochMs, TimeWindow } from '../footage/time-window.ts'

/** What a row is about. `view` is '' where a camera has one. */
export interface RowKey {
  readonly sourceId: string
  readonly cameraId: string
  readonly view: string
  readonly recordingId: string
}

/** `listing`: a camera whose list could not be read. `gap`: a stretch the source says it has nothing for. */
export type RowKind = 'recording' | 'gap' | 'listing' | 'slot'

/** What a run will account for. */
export interface PlannedRow {
  readonly key: RowKey
  readonly kind: RowKind
  readonly camera: Camera
  /** Absent for gaps and listings. */
  readonly recording?: Recording
  readonly window?: TimeWindow
}

/** A planned row with what became of it. */
export interface LedgerRow extends PlannedRow {
  /** Absent between planning and the end of the transfer: a run that died. */
  readonly outcome?: Outcome
  /** The file last kept for this row. Stays when it is lost or handed over: the row goes on owning its path. */
  readonly file?: KeptFile
  readonly runId: string
  readonly plannedAt: EpochMs
  readonly endedAt?: EpochMs
}

/** Which rows: those that fit all that is given. */
export interface RowFilter {
  readonly sourceId?: string
  readonly cameraId?: string
  readonly kind?: RowKind
  readonly outcomes?: readonly OutcomeName[]
  /** Rows whose window overlaps it; undated rows always match. */
  readonly window?: TimeWindow
  /** Only rows without an outcome. */
  readonly unfinished?: boolean
}

/** One run over one source. */
export interface Run {
  readonly id: string
  readonly sourceId: string
  readonly sourceName: string
  readonly vendor: string
  readonly startedAt: EpochMs
  readonly endedAt?: EpochMs
  /** Absent while it runs, or when it died. `interrupted` is written by the next run that finds it so. */
  readonly ending?: 'finished' | 'stopped' | 'failed' | 'interrupted'
  readonly summary?: Summary
}

/**
 * What the archive knows. Every method is durable when it returns; each call is one transaction.
 * A row has one outcome; recording another replaces it.
 */
export interface Ledger extends AsyncDisposable {
  beginRun(run: Run): Promise<void>
  endRun(id: string, ending: NonNullable<Run['ending']>, endedAt: EpochMs, summary?: Summary): Promise<void>
  /** Newest first. */
  runs(filter?: { readonly sourceId?: string; readonly limit?: number }): Promise<Run[]>

  /** Adds rows or renews what is known of them; an outcome already recorded stays. */
  plan(runId: string, at: EpochMs, rows: readonly PlannedRow[]): Promise<void>
  record(
    runId: string,
    at: EpochMs,
    outcomes: readonly { readonly key: RowKey; readonly outcome: Outcome }[],
  ): Promise<void>
  find(key: RowKey): Promise<LedgerRow | undefined>
  /** Ordered by source, camera, view, window start, recording id. A snapshot: writing while reading is allowed. */
  rows(filter?: RowFilter): AsyncIterable<LedgerRow>
  /** Only for rows that never were footage: a listing that now succeeded, a gap that turned out to hold recordings. */
  drop(keys: readonly RowKey[]): Promise<void>

  /** Who owns a path, compared without regard to case, as some disks do. */
  ownerOf(path: string): Promise<RowKey | undefined>
  /** Known sources, for commands that need no connection. */
  sources(): Promise<{ readonly sourceId: string; readonly sourceName: string; readonly vendor: string }[]>

  saveNote(sourceId: string, note: Note): Promise<void>
  notes(sourceId: string): Promise<Note[]>
}
