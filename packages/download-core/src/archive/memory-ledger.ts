import type { KeptFile } from '../footage/outcome.ts'
import type { Note } from '../footage/source.ts'
import { overlaps } from '../footage/time-window.ts'
import type { Ledger, LedgerRow, RowFilter, RowKey, Run } from './ledger.ts'
import { foldPath } from './safe-name.ts'

/** A ledger that lasts as long as its process: for dry runs and tests. */
export function memoryLedger(): Ledger {
  const runs = new Map<string, Run>()
  const rows = new Map<string, LedgerRow>()
  /** Which row owns a path, by `foldPath`: looked up for each file. */
  const owners = new Map<string, string>()
  const notes = new Map<string, { readonly sourceId: string; readonly note: Note }>()

  function own(key: string, before: KeptFile | undefined, after: KeptFile | undefined): void {
    if (before && owners.get(foldPath(before.path)) === key) owners.delete(foldPath(before.path))
    if (after) owners.set(foldPath(after.path), key)
  }

  return {
    async beginRun(run) {
      if (runs.has(run.id)) throw new Error(`There is a run ${run.id} already.`)
      runs.set(run.id, structuredClone(run))
    },
    async endRun(id, ending, endedAt, summary) {
      const run = runs.get(id)
      if (!run) throw new Error(`There is no run ${id}.`)
      runs.set(id, { ...run, ending, endedAt, ...(summary ? { summary: structuredClone(summary) } : {}) })
    },
    async runs(filter = {}) {
      return [...runs.values()]
        .filter((run) => filter.sourceId === undefined || run.sourceId === filter.sourceId)
        .sort((a, b) => b.startedAt - a.startedAt || order(b.id, a.id))
        .slice(0, filter.limit)
    },

    async plan(runId, at, planned) {
      for (const row of structuredClone(planned)) {
        const before = rows.get(keyText(row.key))
        rows.set(keyText(row.key), {
          ...row,
          runId,
          plannedAt: at,
          ...(before?.outcome ? { outcome: before.outcome } : {}),
          ...(before?.file ? { file: before.file } : {}),
          ...(before?.endedAt !== undefined ? { endedAt: before.endedAt } : {}),
        })
      }
    },
    async record(runId, at, outcomes) {
      // All or nothing, as a transaction is.
      const known = outcomes.map(({ key }) => {
        const row = rows.get(keyText(key))
        if (!row) throw new Error(`There is no row for ${keyText(key)}.`)
        return row
      })
      for (const [index, { key, outcome }] of structuredClone(outcomes).entries()) {
        const file = outcome.outcome === 'kept' ? withoutName(outcome) : known[index]!.file
        own(keyText(key), known[index]!.file, file)
        rows.set(keyText(key), { ...known[index]!, outcome, runId, endedAt: at, ...(file ? { file } : {}) })
      }
    },
    async find(key) {
      return rows.get(keyText(key))
    },
    async *rows(filter = {}) {
      const found = [...rows.values()].filter((row) => matches(row, filter))
      yield* found.sort(byPlace)
    },
    async drop(keys) {
      for (const key of keys) {
        if (rows.get(keyText(key))?.file) throw new Error(`${keyText(key)} was footage: it stays in the ledger.`)
      }
      for (const key of keys) rows.delete(keyText(key))
    },

    async ownerOf(path) {
      const owner = owners.get(foldPath(path))
      return owner === undefined ? undefined : rows.get(owner)?.key
    },
    async sources() {
      const newest = [...runs.values()].sort((a, b) => a.startedAt - b.startedAt)
      const sources = new Map(
        newest.map(({ sourceId, sourceName, vendor }) => [sourceId, { sourceId, sourceName, vendor }]),
      )
      return [...sources.values()].sort((a, b) => order(a.sourceId, b.sourceId))
    },

    async saveNote(sourceId, note) {
      notes.set(JSON.stringify([sourceId, note.order]), { sourceId, note: structuredClone(note) })
    },
    async notes(sourceId) {
      return [...notes.values()]
        .filter((entry) => entry.sourceId === sourceId)
        .map((entry) => entry.note)
        .sort((a, b) => order(a.order, b.order))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** One text per key, for maps. */
export function keyText({ sourceId, cameraId, view, recordingId }: RowKey): string {
  return JSON.stringify([sourceId, cameraId, view, recordingId])
}

function matches(row: LedgerRow, filter: RowFilter): boolean {
  return (
    (filter.sourceId === undefined || row.key.sourceId === filter.sourceId) &&
    (filter.cameraId === undefined || row.key.cameraId === filter.cameraId) &&
    (filter.kind === undefined || row.kind === filter.kind) &&
    (filter.outcomes === undefined || (row.outcome !== undefined && filter.outcomes.includes(row.outcome.outcome))) &&
    (filter.window === undefined || row.window === undefined || overlaps(row.window, filter.window)) &&
    (!filter.unfinished || row.outcome === undefined)
  )
}

function byPlace(a: LedgerRow, b: LedgerRow): number {
  return (
    order(a.key.sourceId, b.key.sourceId) ||
    order(a.key.cameraId, b.key.cameraId) ||
    order(a.key.view, b.key.view) ||
    order(a.window?.start ?? Number.NEGATIVE_INFINITY, b.window?.start ?? Number.NEGATIVE_INFINITY) ||
    order(a.key.recordingId, b.key.recordingId)
  )
}

function order(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function withoutName({ outcome: _, ...file }: { readonly outcome: 'kept' } & KeptFile): KeptFile {
  return file
}
