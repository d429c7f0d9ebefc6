import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openLedger } from '../src/index.ts'

it('says of a full disk that it is full where all that SQLite says is that the disk failed', async (context) => {
  const into = mkdtempSync(join(tmpdir(), 'full-'))
  onTestFinished(() => rmSync(into, { recursive: true }))
  const disk = join(into, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    console.log('skipped: a disk of 1 MiB can be made only by root, on Linux')
    return context.skip()
  }
  // Lazily: a ledger that opens all the same would keep it busy.
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  // As a run leaves it that was cut off: whoever reads it has to make its shared memory anew.
  await using ledger = await openLedger(join(into, 'elsewhere'))
  const key = { sourceId: 's', cameraId: 'cam', view: '', recordingId: 'a' }
  await ledger.plan('run', 1, [{ key, kind: 'recording', camera: { id: 'cam', name: 'Yard' } }])
  mkdirSync(join(disk, '.cam'))
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal'])
    copyFileSync(join(into, 'elsewhere', '.cam', name), join(disk, '.cam', name))
  expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(2 ** 20))).toThrow(/ENOSPC/)
  await expect(openLedger(disk, { readOnly: true })).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/the disk is full\. Free some space and run again/),
  })
})
