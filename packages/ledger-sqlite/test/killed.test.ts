import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { bundled } from '../../../tools/bundle.ts'
import { filesBelow, temporaryFolder, toy } from '../../download-core/test/archive/fixture.ts'
import { sha256 } from '../../download-core/test/archive/toy-server.ts'
import { openLedger } from '../src/index.ts'

function archiver(script: string, url: string, into: string) {
  const child = spawn(process.execPath, [script, url, into], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  child.stdout.on('data', (chunk) => said.push(String(chunk)))
  return { child, said, closed: once(child, 'close') }
}

it('killed at any moment, and run again: every file whole, each recording with one outcome, nothing left over', async () => {
  const { server, clip } = await toy()
  for (let index = 0; index < 24; index++) clip(`c${index}`, { size: 200_000 })
  server.faults.slowMs = 15
  const into = await temporaryFolder()
  const script = await bundled(new URL('./archiver.ts', import.meta.url))
  let cut = 0
  for (let round = 0; round < 3; round++) {
    const { child, said, closed } = archiver(script, server.url, into)
    while (said.length === 0 && child.exitCode === null) await pause(2)
    await pause(40 + round * 60)
    if (child.exitCode === null) cut++
    child.kill('SIGKILL')
    await closed
  }
  expect(cut).toBeGreaterThan(1)
  const { said, closed } = archiver(script, server.url, into)
  expect(await closed).toEqual([0, null])
  const summary = JSON.parse(said.join('').trim().split('\n').at(-1)!)
  expect(summary).toMatchObject({ type: 'archive-ended', planned: 24, failed: 0 })
  expect(summary.kept + summary.alreadyKept).toBe(24)

  const ledger = await openLedger(into, { readOnly: true })
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  const paths: string[] = []
  for await (const row of ledger.rows()) {
    expect(row.outcome?.outcome).toBe('kept')
    const truth = server.clips.find(({ recording }) => recording.id === row.key.recordingId)!
    expect(sha256(await readFile(join(into, row.file!.path)))).toBe(sha256(truth.bytes))
    paths.push(row.file!.path)
  }
  expect(paths).toHaveLength(24)
  expect((await filesBelow(into)).filter((path) => !path.startsWith('.cam/'))).toEqual(paths.sort())
  expect(await readdir(join(into, '.cam', 'parts'))).toEqual([])
  const endings = (await ledger.runs()).map((run) => run.ending)
  expect(endings[0]).toBe('finished')
  expect(new Set(endings.slice(1))).toEqual(new Set(['interrupted']))
})
