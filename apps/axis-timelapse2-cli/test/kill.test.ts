import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openLedger } from '@cam/ledger-sqlite'
import { type AxisTimelapse2Simulator, startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, it } from 'vitest'
import { program } from './cli.ts'
import { leftovers, sums } from './files.ts'
import { runHere } from './in-process.ts'

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

function start(
  camera: AxisTimelapse2Simulator,
  dest: string,
  env: Record<string, string> = {},
  nodeArgs: string[] = [],
) {
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, program, ...lineFor(camera, dest)], {
    env: { PATH: process.env.PATH ?? '', HOME: dest, ...envFor(camera, dest), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stderr }))
  })
  return { child, ended }
}

function lineFor(camera: AxisTimelapse2Simulator, dest: string): string[] {
  return [...camera.args, '--outdir', dest, '--json', '--retry-delay', '0', '--rate-limit', '0']
}

function envFor(camera: AxisTimelapse2Simulator, dest: string): Record<string, string> {
  return { CAM_STATE_DIR: join(dest, '.cam', 'state'), ...camera.env }
}

/** The next run, which nothing kills and which therefore needs no process of its own. */
async function again(camera: AxisTimelapse2Simulator, dest: string): Promise<Ended> {
  const { code, signal, stderr } = await runHere(lineFor(camera, dest), { env: envFor(camera, dest) })
  return { code, signal, stderr }
}

/** Everything that has to hold after a run that was not cut off. */
async function expectComplete(camera: AxisTimelapse2Simulator, dest: string, where: string): Promise<void> {
  const truth = Object.fromEntries(camera.truth().map(({ filename, sha256 }) => [filename, sha256]))
  expect(sums(dest), where).toEqual(truth)
  expect(leftovers(dest), where).toEqual([])
  await using ledger = await openLedger(dest, { readOnly: true })
  const rows: Record<string, string | undefined> = {}
  for await (const { recording, outcome } of ledger.rows()) rows[recording!.name!] = outcome?.outcome
  expect(rows, where).toEqual(Object.fromEntries(Object.keys(truth).map((name) => [name, 'kept'])))
  for (const name of Object.keys(truth)) {
    // One row a recording: its key is unique, and no second row carries the same name.
    let count = 0
    for await (const row of ledger.rows()) if (row.recording?.name === name) count++
    expect(count, where).toBe(1)
  }
}

async function inFolder<T>(work: (dest: string) => Promise<T>): Promise<T> {
  const dest = mkdtempSync(join(tmpdir(), 'cam-kill-'))
  try {
    return await work(dest)
  } finally {
    rmSync(dest, { recursive: true, force: true })
  }
}

/** Numbers in [0, 1) that are the same in every run of the tests. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const day = 86_400_000
const first = Date.UTC(2026, 2, 2, 6)
const archives = [180_000, 420_000, 90_000].map((bytes, index) => ({
  bytes,
  first: first + index * day,
  last: first + index * day + 14 * 3_600_000,
}))
const allBytes = archives.reduce((sum, { bytes }) => sum + bytes, 0)

describe('kill -9 and again', () => {
  it('at 30 random points: every file is whole, each recording has one outcome', { timeout: 180_000 }, async () => {
    const random = seeded(20_260_302)
    // Most points lie in a body, some at any moment of the process's life.
    const points = Array.from({ length: 30 }, (_, index) =>
      index % 10 === 9
        ? { ms: Math.round(random() * 1500) }
        : { bytes: Math.round((0.02 + random() * 0.93) * allBytes) },
    )
    let cutBodies = 0
    let killed = 0
    const atPoint = async (point: { ms?: number; bytes?: number }) =>
      inFolder(async (dest) => {
        // 3.1.4 resumes by range, 1.1.3 starts over: both have to survive.
        const version = random() < 0.5 ? '3.1.4' : '1.1.3'
        await using camera = await startAxisTimelapse2({ archives, switches: { version, rate: 900_000 } })
        const { child, ended } = start(camera, dest)
        let over = false
        void ended.then(() => {
          over = true
        })
        if (point.ms !== undefined) await pause(point.ms)
        else while (!over && camera.log.counts().bytes < point.bytes!) await pause(3)
        child.kill('SIGKILL')
        const { signal } = await ended
        if (signal === 'SIGKILL') killed++
        // The camera notices a broken connection a moment later.
        for (let wait = 0; wait < 100 && camera.log.of('media').some((entry) => entry.ended === 'not-yet'); wait++)
          await pause(10)
        if (camera.log.of('media').some((entry) => entry.ended === 'cut')) cutBodies++
        camera.set({ rate: 0 })
        const where = `killed at ${JSON.stringify(point)}, version ${version}`
        // The points that lie anywhere in a process's life are gone on from by a process, too.
        const next = point.ms === undefined ? again(camera, dest) : start(camera, dest).ended
        expect(await next, where).toEqual({ code: 0, signal: null, stderr: expect.any(String) })
        await expectComplete(camera, dest, where)
        expect(camera.violations).toEqual([])
      })
    const queue = [...points]
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        for (let point = queue.shift(); point; point = queue.shift()) await atPoint(point)
      }),
    )
    console.log(
      `kill -9: ${points.length} points, ${killed} processes killed, ${cutBodies} of them with a body in flight`,
    )
    expect(killed).toBeGreaterThanOrEqual(24)
    expect(cutBodies).toBeGreaterThanOrEqual(20)
  })

  const media = '\\.(mp4|avi)$'
  const part = '\\.part$'
  const note = 'parts/[^/]+\\.json$'
  /** In the order in which they come; `named`: the bytes need not be fetched again from here on. */
  const steps = [
    { name: 'before the bytes are flushed', at: { call: 'datasync', path: part, when: 'before' } },
    { name: 'after the bytes are flushed', at: { call: 'datasync', path: part, when: 'after' } },
    {
      name: 'before the note says that the file is proved',
      at: { call: 'rename', path: note, when: 'before', nth: 2 },
    },
    {
      name: 'after the note says that the file is proved',
      at: { call: 'rename', path: note, when: 'after', nth: 2 },
      named: true,
    },
    { name: 'before the date is set', at: { call: 'utimes', path: part, when: 'before' }, named: true },
    { name: 'before the file gets its name', at: { call: 'link', path: media, when: 'before' }, named: true },
    { name: 'after the file got its name', at: { call: 'link', path: media, when: 'after' }, named: true },
    { name: 'after the part is gone', at: { call: 'rm', path: part, when: 'after' }, named: true },
    { name: 'before the ledger commits', at: { call: 'COMMIT', path: '', when: 'before', nth: 3 }, named: true },
    { name: 'after the ledger committed', at: { call: 'COMMIT', path: '', when: 'after', nth: 3 }, named: true },
    { name: 'before the note is removed', at: { call: 'rm', path: note, when: 'before' }, named: true },
    { name: 'after the note is removed', at: { call: 'rm', path: note, when: 'after' }, named: true },
  ]

  it.concurrent.each(steps)('$name', async ({ name, at, named }) => {
    await inFolder(async (dest) => {
      await using camera = await startAxisTimelapse2({ archives: archives.slice(0, 1), switches: { version: '3.1.4' } })
      const env = { DIE_AT: JSON.stringify(at) }
      const run = start(camera, dest, env, ['--import', new URL('./die-at.mjs', import.meta.url).href])
      // A step that is never reached would be a test of nothing.
      expect((await run.ended).signal, name).toBe('SIGKILL')
      const fetched = camera.log.of('media').length
      expect(await again(camera, dest), name).toEqual({ code: 0, signal: null, stderr: expect.any(String) })
      await expectComplete(camera, dest, name)
      if (named) expect(camera.log.of('media').length, 'what was proved is not fetched again').toBe(fetched)
    })
  })
})
