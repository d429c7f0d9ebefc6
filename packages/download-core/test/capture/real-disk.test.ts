import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { capture } from '../../src/capture/capture.ts'
import type { CaptureSummary } from '../../src/capture/events.ts'
import { systemClock } from '../../src/clock.ts'
import { rowsOf, testDevice } from './fixture.ts'

it('on a real disk, by the real clock, however slow the machine is, the sum is that of the slots', async () => {
  const into = await mkdtemp(join(tmpdir(), 'cam-capture-'))
  onTestFinished(() => rm(into, { recursive: true, force: true }))
  const ledger = memoryLedger()
  const source = testDevice(
    systemClock,
    'device',
    ['a', 'b'].map((id) => ({ id, name: id })),
  )
  const until = Math.floor(systemClock.now() / 1000) * 1000 + 2000
  let summary: CaptureSummary | undefined
  for await (const event of capture({ source, into, ledger, timetable: { everyMs: 1000 }, until, graceMs: 1000 })) {
    if (event.type === 'capture-ended') summary = event
  }
  const rows = await rowsOf(ledger)
  expect(rows.length).toBeGreaterThanOrEqual(4)
  expect(summary).toMatchObject({ planned: rows.length })
  for (const { outcome, file } of rows) {
    if (outcome?.outcome !== 'kept') continue
    const bytes = await readFile(join(into, file!.path))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file!.sha256)
  }
  expect(await readdir(join(into, '.cam', 'parts'))).toEqual([])
  expect(await readdir(join(into, '.cam', 'locks'))).toEqual([])
})
