import { expect, it } from 'vitest'
import type { Ledger, LedgerRow, PlannedRow, RowFilter, RowKey, Run } from '../../src/archive/ledger.ts'
import type { KeptFile, Outcome, Summary } from '../../src/footage/outcome.ts'

const camera = { id: 'cam-1', name: 'Yard', facts: { model: 'X', ports: 2 } }
const start = Date.UTC(2026, 0, 1)

function key(recordingId: string, more: Partial<RowKey> = {}): RowKey {
  return { sourceId: 'source-1', cameraId: 'cam-1', view: '', recordingId, ...more }
}

function planned(recordingId: string, at: number | undefined, more: Partial<PlannedRow> = {}): PlannedRow {
  const window = at === undefined ? {} : { window: { start: start + at, end: start + at + 10 } }
  return {
    key: key(recordingId),
    kind: 'recording',
    camera,
    recording: {
      id: recordingId,
      cameraId: 'cam-1',
      windowFrom: 'source',
      extension: 'mp4',
      resume: 'never',
      ...window,
    },
    ...window,
    ...more,
  }
}

function kept(path: string, more: Partial<KeptFile> = {}): Outcome & { outcome: 'kept' } {
  const proof = { by: 'length', bytes: 5, statedBy: ['the list'] } as const
  return {
    outcome: 'kept',
    path,
    bytes: 5,
    sha256: 'ab',
    proof,
    covers: [{ start, end: start + 9 }],
    facts: { width: 1 },
    fidelity: 'full',
    ...more,
  }
}

const failed: Outcome = { outcome: 'failed', code: 'NETWORK', message: 'no', retryable: true, attempts: 3 }
const run: Run = { id: 'run-1', sourceId: 'source-1', sourceName: 'Home', vendor: 'toy', startedAt: start }
const summary: Summary = {
  planned: 1,
  kept: 1,
  alreadyKept: 0,
  absent: 0,
  expired: 0,
  pending: 0,
  failed: 0,
  skipped: 0,
  bytes: 5,
  durationMs: 7,
}

/** What every ledger does, wherever it keeps its rows. */
export function ledgerSuite(open: () => Promise<Ledger>): void {
  const all = async (ledger: Ledger, filter?: RowFilter) => {
    const rows: LedgerRow[] = []
    for await (const row of ledger.rows(filter)) rows.push(row)
    return rows
  }
  const ids = async (ledger: Ledger, filter?: RowFilter) =>
    (await all(ledger, filter)).map((row) => row.key.recordingId)

  it('gives back a planned row as it was given', async () => {
    const ledger = await open()
    const row = planned('a', 0, { key: key('a', { view: 'road' }) })
    await ledger.plan('run-1', 100, [row])
    expect(await ledger.find(row.key)).toEqual({ ...row, runId: 'run-1', plannedAt: 100 })
    expect(await ledger.find(key('a'))).toBeUndefined()
  })

  it('gives back a kept file as it was given, with all that is known of it', async () => {
    const ledger = await open()
    const somewhere = { windows: [{ start, end: start + 4 }], ms: 3 }
    const row = planned('a', 0)
    const recording = { ...row.recording!, expect: { toleranceMs: 1, windows: [{ start, end: start + 2 }] } }
    await ledger.plan('run-1', 1, [{ ...row, recording }])
    const { outcome, ...file } = kept('x.mp4', { covers: [], somewhere, fidelity: 'proxy' })
    await ledger.record('run-1', 2, [{ key: row.key, outcome: { outcome, ...file } }])
    expect(await ledger.find(row.key)).toMatchObject({ recording, outcome: { outcome, ...file }, file })
    expect((await ledger.find(row.key))?.file).toEqual(file)
  })

  it('keeps an outcome when its row is planned again', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 100, [planned('a', 0)])
    await ledger.record('run-1', 200, [{ key: key('a'), outcome: kept('x.mp4') }])
    await ledger.plan('run-2', 300, [planned('a', 5)])
    const { outcome, ...file } = kept('x.mp4')
    expect(await ledger.find(key('a'))).toEqual({
      ...planned('a', 5),
      outcome: { outcome, ...file },
      file,
      runId: 'run-2',
      plannedAt: 300,
      endedAt: 200,
    })
  })

  it('has one outcome per row: recording another replaces it, and the file stays known', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 1, [planned('a', 0)])
    await ledger.record('run-1', 2, [{ key: key('a'), outcome: kept('x.mp4') }])
    await ledger.record('run-2', 3, [{ key: key('a'), outcome: { outcome: 'lost', reason: 'gone' } }])
    const row = await ledger.find(key('a'))
    expect(row?.outcome).toEqual({ outcome: 'lost', reason: 'gone' })
    expect(row?.file?.path).toBe('x.mp4')
    expect(row).toMatchObject({ runId: 'run-2', endedAt: 3 })
    expect(await ledger.ownerOf('x.mp4')).toEqual(key('a'))
  })

  it('records all of a batch or nothing', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 1, [planned('a', 0)])
    const batch = [
      { key: key('a'), outcome: kept('x.mp4') },
      { key: key('never planned'), outcome: failed },
    ]
    await expect(ledger.record('run-1', 2, batch)).rejects.toThrow('never planned')
    expect((await ledger.find(key('a')))?.outcome).toBeUndefined()
  })

  it('orders rows by source, camera, view, time, id; undated first', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 1, [
      planned('z', 0, { key: key('z', { sourceId: 'source-2' }) }),
      planned('late', 50),
      planned('b', 10),
      planned('a', 10),
      planned('undated', undefined),
      planned('y', 0, { key: key('y', { cameraId: 'cam-0' }) }),
      planned('x', 0, { key: key('x', { view: 'side' }) }),
    ])
    expect(await ids(ledger)).toEqual(['y', 'undated', 'a', 'b', 'late', 'x', 'z'])
  })

  it('filters', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 1, [
      planned('a', 0),
      planned('b', 20),
      planned('undated', undefined),
      planned('l', 0, { key: key('l'), kind: 'listing' }),
      planned('o', 0, { key: key('o', { sourceId: 'source-2' }) }),
      planned('c', 0, { key: key('c', { cameraId: 'cam-2' }) }),
    ])
    await ledger.record('run-1', 2, [
      { key: key('a'), outcome: kept('a.mp4') },
      { key: key('b'), outcome: failed },
      { key: key('l'), outcome: failed },
    ])
    expect(await ids(ledger, { sourceId: 'source-2' })).toEqual(['o'])
    expect(await ids(ledger, { cameraId: 'cam-2' })).toEqual(['c'])
    expect(await ids(ledger, { kind: 'listing' })).toEqual(['l'])
    expect(await ids(ledger, { outcomes: ['failed'] })).toEqual(['l', 'b'])
    expect(await ids(ledger, { outcomes: ['kept', 'failed'], kind: 'recording' })).toEqual(['a', 'b'])
    expect(await ids(ledger, { outcomes: [] })).toEqual([])
    expect(await ids(ledger, { unfinished: true })).toEqual(['undated', 'c', 'o'])
    const cam1 = { sourceId: 'source-1', cameraId: 'cam-1', kind: 'recording' } as const
    expect(await ids(ledger, { ...cam1, window: { start: start + 10, end: start + 20 } })).toEqual(['undated'])
    expect(await ids(ledger, { ...cam1, window: { start: start + 9, end: start + 21 } })).toEqual(['undated', 'a', 'b'])
  })

  it('finds a row of no length in the one window that its moment lies in', async () => {
    const ledger = await open()
    const moment = { start: start + 10, end: start + 10 }
    await ledger.plan('run-1', 1, [{ ...planned('flash', 10), window: moment }])
    expect(await ids(ledger, { window: { start, end: start + 10 } })).toEqual([])
    expect(await ids(ledger, { window: { start: start + 10, end: start + 20 } })).toEqual(['flash'])
    expect(await ids(ledger, { window: { start: start + 5, end: start + 20 } })).toEqual(['flash'])
  })

  it('shows a snapshot to whoever reads while another writes', async () => {
    const ledger = await open()
    const many = Array.from({ length: 300 }, (_, index) => planned(`r${String(index).padStart(3, '0')}`, index))
    await ledger.plan('run-1', 1, many)
    const seen: string[] = []
    for await (const row of ledger.rows({ sourceId: 'source-1' })) {
      if (seen.length === 0) {
        await ledger.record(
          'run-1',
          2,
          many.map((each) => ({ key: each.key, outcome: failed })),
        )
        await ledger.plan('run-1', 3, [planned('r999', 999)])
      }
      seen.push(`${row.key.recordingId} ${row.outcome?.outcome}`)
    }
    expect(seen).toEqual(many.map((each) => `${each.key.recordingId} undefined`))
    expect(await ids(ledger, { outcomes: ['failed'] })).toHaveLength(300)
  })

  it('drops rows that never were footage, and none that was', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 1, [planned('a', 0), planned('l', 0, { kind: 'listing' })])
    await ledger.record('run-1', 2, [{ key: key('a'), outcome: kept('a.mp4') }])
    await expect(ledger.drop([key('l'), key('a')])).rejects.toThrow('stays')
    expect(await ids(ledger)).toEqual(['a', 'l'])
    await ledger.drop([key('l'), key('unknown')])
    expect(await ids(ledger)).toEqual(['a'])
  })

  it('knows who owns a path, whatever its case or composition', async () => {
    const ledger = await open()
    await ledger.plan('run-1', 1, [planned('a', 0)])
    await ledger.record('run-1', 2, [{ key: key('a'), outcome: kept('Hof/Tür Ä.mp4'.normalize('NFC')) }])
    expect(await ledger.ownerOf('hof/TÜR ä.MP4'.normalize('NFD'))).toEqual(key('a'))
    expect(await ledger.ownerOf('Hof/Tür Ä (2).mp4')).toBeUndefined()
  })

  it('remembers runs, newest first, and how they ended', async () => {
    const ledger = await open()
    await ledger.beginRun(run)
    await ledger.beginRun({ ...run, id: 'run-2', startedAt: start + 5, sourceName: 'New name' })
    await ledger.beginRun({ ...run, id: 'run-3', startedAt: start + 6, sourceId: 'source-2' })
    await ledger.endRun('run-1', 'finished', start + 3, summary)
    expect(await ledger.runs({ sourceId: 'source-1' })).toEqual([
      { ...run, id: 'run-2', startedAt: start + 5, sourceName: 'New name' },
      { ...run, ending: 'finished', endedAt: start + 3, summary },
    ])
    expect((await ledger.runs({ limit: 1 })).map(({ id }) => id)).toEqual(['run-3'])
    await expect(ledger.beginRun(run)).rejects.toThrow()
    await expect(ledger.endRun('run-9', 'failed', 1)).rejects.toThrow('run-9')
    expect(await ledger.sources()).toEqual([
      { sourceId: 'source-1', sourceName: 'New name', vendor: 'toy' },
      { sourceId: 'source-2', sourceName: 'Home', vendor: 'toy' },
    ])
  })

  it('remembers orders per source; a later note replaces an earlier one', async () => {
    const ledger = await open()
    await ledger.saveNote('source-1', { order: 'o-1', state: 'asking' })
    await ledger.saveNote('source-1', { order: 'o-0', state: 'asked', vendorId: 'v', text: 'two angles' })
    await ledger.saveNote('source-2', { order: 'o-1', state: 'failed' })
    await ledger.saveNote('source-1', { order: 'o-1', state: 'ready' })
    expect(await ledger.notes('source-1')).toEqual([
      { order: 'o-0', state: 'asked', vendorId: 'v', text: 'two angles' },
      { order: 'o-1', state: 'ready' },
    ])
  })

  it('is not changed by whoever changes what was given to it', async () => {
    const ledger = await open()
    const row = structuredClone(planned('a', 0))
    await ledger.plan('run-1', 1, [row])
    ;(row.camera as { name: string }).name = 'changed'
    expect((await ledger.find(key('a')))?.camera.name).toBe('Yard')
  })
}
