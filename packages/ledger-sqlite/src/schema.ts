import { DiskError } from '@cam/download-core'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'

/** Each entry is applied once, in order, and never changed afterwards: archives in the field carry the result. */
const migrations: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY, source_id TEXT NOT NULL, source_name TEXT NOT NULL, vendor TEXT NOT NULL,
     started_at NUMERIC NOT NULL, ended_at NUMERIC, ending TEXT, summary TEXT
   );
   CREATE INDEX runs_by_source ON runs (source_id, started_at);
   CREATE TABLE rows (
     source_id TEXT NOT NULL, camera_id TEXT NOT NULL, view TEXT NOT NULL, recording_id TEXT NOT NULL,
     kind TEXT NOT NULL, camera TEXT NOT NULL, recording TEXT,
     window_start NUMERIC, window_end NUMERIC,
     outcome_name TEXT, outcome TEXT, file TEXT, path_fold TEXT,
     run_id TEXT NOT NULL, planned_at NUMERIC NOT NULL, ended_at NUMERIC,
     PRIMARY KEY (source_id, camera_id, view, recording_id)
   ) WITHOUT ROWID;
   CREATE INDEX rows_by_path ON rows (path_fold) WHERE path_fold IS NOT NULL;
   CREATE INDEX rows_by_window ON rows (source_id, camera_id, view, window_start, recording_id);
   CREATE INDEX rows_by_outcome ON rows (outcome_name, source_id);
   CREATE TABLE notes (
     source_id TEXT NOT NULL, order_id TEXT NOT NULL, note TEXT NOT NULL,
     PRIMARY KEY (source_id, order_id)
   ) WITHOUT ROWID;`,
]

/** The version this package writes. */
const schemaVersion = migrations.length

/** Brings the database to this version. Throws DiskError where a newer version of this package has written it. */
export function migrate(database: DatabaseSyncInstance, path: string, readOnly: boolean): void {
  if (versionOf(database) === schemaVersion) return
  if (versionOf(database) > schemaVersion) throw tooNew(path, versionOf(database))
  if (readOnly) {
    throw new DiskError(
      `The ledger ${path} was written by an older version; run any command that writes to bring it up to date.`,
      { code: 'DISK_READ_ONLY' },
    )
  }
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)')
    // Another process may have been first while this one waited for the lock.
    for (let version = versionOf(database); version < schemaVersion; version++) {
      database.exec(migrations[version]!)
      database.prepare("INSERT INTO migrations VALUES (?, datetime('now'))").run(version + 1)
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function versionOf(database: DatabaseSyncInstance): number {
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").get()
  if (known === undefined) return 0
  return Number(database.prepare('SELECT coalesce(max(version), 0) AS version FROM migrations').get().version)
}

function tooNew(path: string, version: number): DiskError {
  return new DiskError(
    `The ledger ${path} was written by a newer version (its schema is ${version}, this one knows ${schemaVersion}). Update this program; nothing was changed.`,
    { code: 'DISK_IO' },
  )
}
