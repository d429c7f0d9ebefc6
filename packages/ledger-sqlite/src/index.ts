import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DiskError, type KeptFile, type Ledger, type RowKey } from '@cam/download-core'
import { hasSnapshots, inWords, openDatabase, statement, type Value } from './database.ts'
import { toRow, toRun, whereOf } from './rows.ts'
import { migrate } from './schema.ts'

/** How a ledger is opened. */
export interface OpenLedgerOptions {
  /** Change nothing; several programs may read while one writes. Default false. */
  readonly readOnly?: boolean
}

/**
 * Opens the ledger of the archive at `into`: one SQLite file, `<into>/.cam/ledger.sqlite`, made when missing. Every call is
 * durable when it returns. Open the archive's folder first (`openArchiveFolder`): it tells a missing disk from a new archive.
 * Throws DiskError where the file cannot be used, and ArchiveMissingError where there is none and `readOnly` is set.
 */
export async function openLedger(into: string, options: OpenLedgerOptions = {}): Promise<Ledger> {
  const { readOnly = false } = options
  const folder = join(resolve(into), '.cam')
  const path = join(folder, 'ledger.sqlite')
  if (!readOnly) {
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw new DiskError(`Cannot create the folder ${folder}: ${error instanceof Error ? error.message : error}`, {
        code: 'DISK_DENIED',
        cause: error,
      })
    })
  }
  const database = openDatabase(path, readOnly)
  try {
    inWords(path, () => migrate(database, path, readOnly))
  } catch (error) {
    database.close()
    throw error
  }
  const prepared = new Map<string, ReturnType<typeof statement>>()
  const sql = (text: string) => {
    const known = prepared.get(text) ?? statement(database, path, text)
    prepared.set(text, known)
    return known
  }
  const transaction = (work: () => void) =>
    inWords(path, () => {
      database.exec('BEGIN IMMEDIATE')
      try {
        work()
        database.exec('COMMIT')
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    })

  return {
    async beginRun(run) {
      sql(`INSERT INTO runs (id, source_id, source_name, vendor, started_at, ended_at, ending, summary)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`).run(
        run.id,
        run.sourceId,
        run.sourceName,
        run.vendor,
        run.startedAt,
        run.endedAt ?? null,
        run.ending ?? null,
        json(run.summary),
      )
    },
    async endRun(id, ending, endedAt, summary) {
      const ended = sql('UPDATE runs SET ending = ?, ended_at = ?, summary = ? WHERE id = ? RETURNING id')
      if (!ended.get(ending, endedAt, json(summary), id)) throw new Error(`There is no run ${id}.`)
    },
    async runs(filter = {}) {
      const where = filter.sourceId === undefined ? '' : 'WHERE source_id = ?'
      return sql(`SELECT * FROM runs ${where} ORDER BY started_at DESC, id DESC LIMIT ?`)
        .all(...(filter.sourceId === undefined ? [] : [filter.sourceId]), filter.limit ?? -1)
        .map(toRun)
    },

    async plan(runId, at, rows) {
      const upsert = sql(`INSERT INTO rows
          (source_id, camera_id, view, recording_id, kind, camera, recording, window_start, window_end, run_id, planned_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET kind = excluded.kind, camera = excluded.camera, recording = excluded.recording,
          window_start = excluded.window_start, window_end = excluded.window_end,
          run_id = excluded.run_id, planned_at = excluded.planned_at`)
      transaction(() => {
        for (const { key, kind, camera, recording, window } of rows) {
          upsert.run(
            ...keyValues(key),
            kind,
            JSON.stringify(camera),
            json(recording),
            window?.start ?? null,
            window?.end ?? null,
            runId,
            at,
          )
        }
      })
    },
    async record(runId, at, outcomes) {
      const update = sql(`UPDATE rows SET outcome_name = ?, outcome = ?, file = coalesce(?, file),
          path_fold = coalesce(?, path_fold), run_id = ?, ended_at = ?
        WHERE source_id = ? AND camera_id = ? AND view = ? AND recording_id = ? RETURNING kind`)
      transaction(() => {
        for (const { key, outcome } of outcomes) {
          const { outcome: name, ...rest } = outcome
          const file = name === 'kept' ? (rest as KeptFile) : undefined
          const values = [name, JSON.stringify(outcome), json(file), file ? fold(file.path) : null, runId, at] as const
          if (!update.get(...values, ...keyValues(key))) {
            throw new TypeError(`There is no row for ${JSON.stringify(key)}.`)
          }
        }
      })
    },
    async find(key) {
      const found = sql(
        'SELECT * FROM rows WHERE source_id = ? AND camera_id = ? AND view = ? AND recording_id = ?',
      ).get(...keyValues(key))
      return found && toRow(found)
    },
    async *rows(filter = {}) {
      // A connection of its own is a snapshot of its own: what is written meanwhile does not show.
      const reader = openDatabase(path, true)
      try {
        reader.exec('BEGIN')
        const { sql: where, values } = whereOf(filter)
        const select = `SELECT * FROM rows ${where} ORDER BY source_id, camera_id, view, window_start, recording_id`
        const statementOfRows = statement(reader, path, select)
        // Without a write-ahead log whoever reads keeps everybody from writing, so the reading is over before anything is told.
        const rows = hasSnapshots(reader) ? statementOfRows.iterate(...values) : statementOfRows.all(...values)
        if (Array.isArray(rows)) reader.exec('ROLLBACK')
        for (const columns of rows) yield toRow(columns)
      } finally {
        // The driver really closes a connection only with its last statement, so its transaction is ended by hand.
        if (reader.isTransaction) reader.exec('ROLLBACK')
        reader.close()
      }
    },
    async drop(keys) {
      const remove = sql(`DELETE FROM rows
        WHERE source_id = ? AND camera_id = ? AND view = ? AND recording_id = ? RETURNING file`)
      transaction(() => {
        for (const key of keys) {
          if (typeof remove.get(...keyValues(key))?.file === 'string') {
            throw new TypeError(`${JSON.stringify(key)} was footage: it stays in the ledger.`)
          }
        }
      })
    },

    async ownerOf(wanted) {
      const found = sql('SELECT source_id, camera_id, view, recording_id FROM rows WHERE path_fold = ?').get(
        fold(wanted),
      )
      return found && keyOf(found)
    },
    async sources() {
      return sql(
        `SELECT source_id, source_name, vendor, max(started_at) FROM runs GROUP BY source_id ORDER BY source_id`,
      )
        .all()
        .map((columns) => ({
          sourceId: columns.source_id as string,
          sourceName: columns.source_name as string,
          vendor: columns.vendor as string,
        }))
    },

    async saveNote(sourceId, note) {
      sql(`INSERT INTO notes VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note`).run(
        sourceId,
        note.order,
        JSON.stringify(note),
      )
    },
    async notes(sourceId) {
      return sql('SELECT note FROM notes WHERE source_id = ? ORDER BY order_id')
        .all(sourceId)
        .map((columns) => JSON.parse(columns.note as string))
    },
    async [Symbol.asyncDispose]() {
      if (!database.isOpen) return
      try {
        // So that a copy of the one file is a copy of all.
        if (!readOnly) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } catch {
        // Somebody else still reads; what was written is as safe in the write-ahead log.
      }
      database.close()
    },
  }
}

function keyValues({ sourceId, cameraId, view, recordingId }: RowKey): [string, string, string, string] {
  return [sourceId, cameraId, view, recordingId]
}

function keyOf(columns: Record<string, Value>): RowKey {
  const { source_id, camera_id, view, recording_id } = columns as Record<string, string>
  return { sourceId: source_id!, cameraId: camera_id!, view: view!, recordingId: recording_id! }
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

/** Some disks ignore case and accent composition, so paths are compared without them. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
