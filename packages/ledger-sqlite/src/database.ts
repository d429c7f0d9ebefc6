import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { ArchiveMissingError, DiskError, isCamError } from '@cam/download-core'
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite'

/** What SQLite stores as it is. Everything else has to be made one of these first. */
export type Value = string | number | null

/** One statement, prepared once. */
export interface Statement {
  run(...values: Value[]): void
  get(...values: Value[]): Record<string, Value> | undefined
  all(...values: Value[]): Record<string, Value>[]
  iterate(...values: Value[]): IterableIterator<Record<string, Value>>
}

/** Refuses what the driver would turn into NULL, 0 or 1 without a word. */
export function bind(values: readonly unknown[]): Value[] {
  return values.map((value, index) => {
    if (value === null || typeof value === 'string') return value
    if (typeof value === 'number' && Number.isFinite(value)) return value
    const what = value instanceof Date ? 'a Date' : `${typeof value} ${String(value)}`
    throw new TypeError(
      `Parameter ${index + 1} of a ledger statement is ${what}; only text, finite numbers and null are stored.`,
    )
  })
}

/** Opens the file, and says in words what is wrong with it if it cannot. */
export function openDatabase(path: string, readOnly: boolean): DatabaseSyncInstance {
  if (readOnly && !existsSync(path)) {
    throw new ArchiveMissingError(
      `There is no archive here: ${path} is missing. If it lies on a disk of its own, mount that disk and run again.`,
    )
  }
  return inWords(path, () => {
    if (readOnly) return opened(path, true, () => {})
    try {
      return opened(path, false, useLog)
    } catch (error) {
      if (!/readonly|unable to open|i\/o error|locking protocol/i.test(String(error))) throw error
      return opened(path, false, useJournal)
    }
  })
}

function opened(
  path: string,
  readOnly: boolean,
  choose: (database: DatabaseSyncInstance) => void,
): DatabaseSyncInstance {
  const database = new DatabaseSync(path, { readOnly })
  try {
    database.exec('PRAGMA busy_timeout = 15000')
    // First of all: whatever looks into the file asks for shared memory.
    choose(database)
    if (!readOnly) database.exec('PRAGMA synchronous = FULL')
    database.prepare('SELECT count(*) FROM sqlite_master').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** The write-ahead log needs a disk on which processes can share memory. */
function useLog(database: DatabaseSyncInstance): void {
  let mode: unknown
  let tables: unknown
  // No prepared statement: one would keep the file open when this way turns out not to work.
  database.function('tell', (now: unknown, count: unknown) => {
    mode = now
    tables = count
    return 0
  })
  database.exec('SELECT tell(journal_mode, (SELECT count(*) FROM sqlite_master)) FROM pragma_journal_mode')
  // A ledger that does without was made so here, and may be in use: its mode must not change under another program.
  if (Number(tables) > 0 && mode === 'delete') return
  database.exec('PRAGMA journal_mode = WAL')
  // Only a write shows whether it works: SQLite takes the mode on shares that cannot do it.
  database.exec('BEGIN IMMEDIATE')
  database.exec('ROLLBACK')
}

/** The rollback journal is as safe, and works everywhere. A log that was begun is left: alone, one needs no shared memory. */
function useJournal(database: DatabaseSyncInstance): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec('PRAGMA journal_mode = DELETE')
  database.exec('PRAGMA locking_mode = NORMAL')
}

/** Whether one may read while another writes. */
export function hasSnapshots(database: DatabaseSyncInstance): boolean {
  return database.prepare('PRAGMA journal_mode').get().journal_mode === 'wal'
}

/** A statement whose parameters are checked and whose errors are put in words. */
export function statement(database: DatabaseSyncInstance, path: string, sql: string): Statement {
  const prepared: StatementSyncInstance = inWords(path, () => database.prepare(sql))
  return {
    run: (...values) => inWords(path, () => void prepared.run(...bind(values))),
    get: (...values) => inWords(path, () => prepared.get(...bind(values))),
    all: (...values) => inWords(path, () => prepared.all(...bind(values))),
    *iterate(...values) {
      const rows = inWords(path, () => prepared.iterate(...bind(values)))
      try {
        // Each step reads the file, and may find it damaged.
        for (let row = inWords(path, () => rows.next()); !row.done; row = inWords(path, () => rows.next()))
          yield row.value
      } finally {
        rows.return?.()
      }
    },
  }
}

/** Turns the driver's errors into ours; mistakes of the caller (TypeError) stay what they are. */
export function inWords<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (isCamError(error) || error instanceof TypeError) throw error
    throw toDiskError(error, path)
  }
}

/** What stands beside it needs more to begin with, also where it is only read. */
const leastBytes = 64 * 1024

/** A disk on which not even that can be written is not told from a broken one by SQLite. */
function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize < leastBytes
  } catch {
    return false
  }
}

function toDiskError(error: unknown, path: string): DiskError {
  const said = error instanceof Error ? error.message : String(error)
  const tell = (code: DiskError['code'], what: string) =>
    new DiskError(`The ledger ${path} ${what} (${said})`, { code, cause: error })
  if (/malformed|not a database|corrupt|disk image/i.test(said)) {
    return tell(
      'DISK_IO',
      'is damaged. Put back a copy from a backup, or move ledger.sqlite, ledger.sqlite-wal and ledger.sqlite-shm elsewhere and run again: files that are there are proved and adopted, not fetched again.',
    )
  }
  if (/full/i.test(said) || (/i\/o error/i.test(said) && isFull(path)))
    return tell('DISK_FULL', 'cannot be used: the disk is full. Free some space and run again.')
  if (/readonly|read-only/i.test(said)) return tell('DISK_READ_ONLY', 'cannot be written. Let this user write there.')
  if (/unable to open|authoriz|permission/i.test(said)) {
    return tell('DISK_DENIED', 'cannot be opened. Let this user read and write the folder it lies in.')
  }
  if (/locked|busy/i.test(said))
    return tell('DISK_IO', 'is held by another program. End that program, or try again later.')
  return tell('DISK_IO', 'cannot be used.')
}
