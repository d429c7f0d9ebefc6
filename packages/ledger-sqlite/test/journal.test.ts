import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openLedger } from '../src/index.ts'

it('works, reading while writing included, on a disk that cannot share memory between processes', async () => {
  const into = mkdtempSync(join(tmpdir(), 'journal-'))
  onTestFinished(() => rmSync(into, { recursive: true }))
  // What a share without shared memory does to SQLite: the file it needs for that cannot be opened.
  mkdirSync(join(into, '.cam', 'ledger.sqlite-shm'), { recursive: true })
  for (const round of [1, 2]) {
    await using ledger = await openLedger(into)
    const camera = { id: 'cam', name: 'Yard' }
    const keys = ['a', 'b', 'c'].map((recordingId) => ({ sourceId: 's', cameraId: 'cam', view: '', recordingId }))
    await ledger.plan(
      `run-${round}`,
      round,
      keys.map((key) => ({ key, kind: 'recording', camera })),
    )
    const seen: string[] = []
    for await (const row of ledger.rows()) {
      seen.push(row.key.recordingId)
      await ledger.record(`run-${round}`, round, [{ key: row.key, outcome: { outcome: 'absent', reason: 'none' } }])
    }
    expect(seen).toEqual(['a', 'b', 'c'])
    await using reader = await openLedger(into, { readOnly: true })
    expect((await reader.find(keys[0]!))?.outcome).toMatchObject({ outcome: 'absent' })
  }
}, 60_000)
