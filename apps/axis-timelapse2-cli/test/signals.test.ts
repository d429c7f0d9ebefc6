import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AxisTimelapse2Simulator, startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, it } from 'vitest'
import { type SpawnedCli, spawnCli } from './cli.ts'
import { emptyFolder, leftovers, sums } from './files.ts'
import { runHere } from './in-process.ts'

const bytes = 200_000

/** A camera so slow that each of its three archives takes two seconds. */
function slowCamera(): Promise<AxisTimelapse2Simulator> {
  const archives = [0, 1, 2].map((day) => ({ bytes, first: 1.77e12 + day * 1e8, last: 1.77e12 + day * 1e8 + 3.6e6 }))
  return startAxisTimelapse2({ archives, switches: { rate: 100_000 } })
}

/** Resolves while the first body is under way: some of it, not all. */
async function inMidTransfer(run: SpawnedCli): Promise<void> {
  await run.said(/"type":"progress".*"bytes":[1-9]/)
}

/** The next run brings everything, and each byte is right. */
async function completes(camera: AxisTimelapse2Simulator, args: readonly string[], dest: string): Promise<void> {
  camera.set({ rate: 0 })
  const { code, json } = await runHere(args, { env: camera.env })
  expect(code).toBe(0)
  expect(json().at(-1)).toMatchObject({ planned: 3, failed: 0 })
  expect(sums(dest)).toEqual(Object.fromEntries(camera.truth().map(({ filename, sha256 }) => [filename, sha256])))
  expect(leftovers(dest)).toEqual([])
}

describe('signals', () => {
  it('the first Ctrl-C finishes what is being transferred, takes nothing new, and exits 130', async () => {
    await using camera = await slowCamera()
    const dest = emptyFolder()
    const args = [...camera.args, '--dest', dest, '--json']
    const run = spawnCli(args, { env: camera.env })
    await inMidTransfer(run)
    run.child.kill('SIGINT')
    const { code, signal, stderr, json } = await run.ended
    expect([code, signal]).toEqual([130, null])
    expect(stderr).toContain(
      'Finishing what is being transferred; nothing new begins.\nPress Ctrl+C again to stop at once.\n',
    )
    expect(json().at(-1)).toMatchObject({ type: 'archive-ended', planned: 3, kept: 1, failed: 2 })
    expect(Object.keys(sums(dest))).toHaveLength(1)
    await completes(camera, args, dest)
  })

  it('the second Ctrl-C stops at once; the next run brings the rest', async () => {
    await using camera = await slowCamera()
    const dest = emptyFolder()
    const args = [...camera.args, '--dest', dest, '--json']
    const run = spawnCli(args, { env: camera.env })
    await inMidTransfer(run)
    run.child.kill('SIGINT')
    await run.said('Press Ctrl+C again')
    run.child.kill('SIGINT')
    const { code, signal, stderr, json } = await run.ended
    expect([code, signal]).toEqual([130, null])
    expect(stderr).toContain('Stopping at once; the next run goes on from here.\n')
    expect(stderr).not.toContain('ERROR')
    expect(json().at(-1)).toMatchObject({ type: 'archive-ended', planned: 3, kept: 0, failed: 3 })
    expect(sums(dest)).toEqual({})
    await completes(camera, args, dest)
  })

  it('SIGTERM stops at once, resumable, and exits 143', async () => {
    await using camera = await slowCamera()
    const dest = emptyFolder()
    const args = [...camera.args, '--dest', dest, '--json']
    const run = spawnCli(args, { env: camera.env })
    await inMidTransfer(run)
    run.child.kill('SIGTERM')
    const { code, signal, json } = await run.ended
    expect([code, signal]).toEqual([143, null])
    expect(json().at(-1)).toMatchObject({ type: 'archive-ended', planned: 3, kept: 0, failed: 3 })
    expect(sums(dest)).toEqual({})
    await completes(camera, args, dest)
  })

  it('Ctrl-C before anything is transferred does not wait', async () => {
    const asked = new EventEmitter()
    const silent = createServer(() => asked.emit('request'))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const env = { CAM_AXIS_USER: 'root', CAM_AXIS_PASSWORD: 'pass' }
    const run = spawnCli(['--host', `127.0.0.1:${port}`, '--dest', emptyFolder()], { env })
    await once(asked, 'request')
    run.child.kill('SIGINT')
    const { code, stdout } = await run.ended
    silent.close()
    expect(code).toBe(130)
    expect(stdout).toMatch(/Interrupted\. downloaded=0 skipped=0 failed=\d+\n$/)
  })
})

describe('a reader that goes away', () => {
  it('ends quietly: head -1', async () => {
    await using camera = await slowCamera()
    const dest = emptyFolder()
    const run = spawnCli([...camera.args, '--dest', dest, '--json'], { env: camera.env })
    const head = spawn('head', ['-1'], { stdio: ['pipe', 'pipe', 'ignore'] })
    head.stdin.on('error', () => {})
    run.child.stdout!.pipe(head.stdin)
    let line = ''
    head.stdout.on('data', (chunk) => (line += chunk))
    head.once('exit', () => run.child.stdout!.destroy())
    const { code, signal, stderr } = await run.ended
    expect([code, signal, stderr]).toEqual([1, null, ''])
    expect(JSON.parse(line)).toMatchObject({ type: expect.any(String) })
    expect(sums(dest)).toEqual({})
    await completes(camera, [...camera.args, '--dest', dest, '--json'], dest)
  })
})
