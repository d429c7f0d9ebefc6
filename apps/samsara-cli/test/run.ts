import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { runCli, type Surroundings } from '@cam/cli-kit'
import { type Clock, systemClock } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { type SamsaraSimulator, type SamsaraSimulatorOptions, startSamsara } from '@cam/simulators/samsara'
import { expect, inject, onTestFinished } from 'vitest'
import { type Ended, parsedLines, type SpawnedCli, spawnProgram } from '../../../packages/cli-kit/test/spawn.ts'
import { recorder } from '../../../packages/cli-kit/test/streams.ts'
import type {} from '../../../tools/bundled-cli.ts'
import { samsaraCli } from '../src/command.ts'

export type Env = Readonly<Record<string, string>>
type Switches = SamsaraSimulatorOptions['switches']

/** Where the world of the simulator begins: 13:30 in Chicago. */
export const begin = Date.UTC(2025, 3, 16, 18, 30)
const chicago = ['--timezone', 'America/Chicago']
export const halfPastOne = ['--start', '04/16/2025 13:30']

/** An empty folder that is gone after the test. */
function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cam-samsara-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A pretend cloud, and what a run needs: an archive and a state folder of its own. */
export async function place(switches: Switches = {}, options: SamsaraSimulatorOptions = {}) {
  const cloud = await startSamsara({ ...options, switches: { rateLimits: false, ...switches } })
  onTestFinished(() => cloud.close())
  const dest = join(emptyFolder(), 'archive')
  const env: Env = { ...cloud.env, CAM_STATE_DIR: emptyFolder() }
  // Time passes a hundred times as fast for the program: it is not to run out of patience on a busy machine.
  const line = [...cloud.args, ...chicago, '--dest', dest, '--no-merge', '--timeout', '3000', '--retry-delay', '0.1']
  return { cloud, dest, env, line }
}

/** The real command line as a child process. Its time passes a hundred times as fast unless `slowly`. */
export function spawnSamsara(args: readonly string[], env: Env, { slowly = false } = {}): SpawnedCli {
  const nodeArgs = slowly ? [] : ['--import', new URL('./hurry.mjs', import.meta.url).href]
  return spawnProgram(join(inject('bundledClis'), 'samsara-cli.mjs'), args, { env, nodeArgs })
}

export function run(args: readonly string[], env: Env): Promise<Ended> {
  return spawnSamsara(args, env).ended
}

/** Waits for polls and retries take no time; limits on connections and transfers are real. */
function hurriedClock(): Clock {
  let ahead = 0
  return {
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    async wait(ms, signal) {
      // Connections and their ends last 2, 3 and 20 s, the limits that are set here an hour and more.
      if ([2000, 3000, 20_000].includes(ms) || ms >= 600_000) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      ahead += ms
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
    },
  }
}

/** A run without a process of its own: much quicker, for everything that is not about processes. */
export async function runHere(
  args: readonly string[],
  env: Env = {},
  more: Partial<Surroundings> & { readonly terminal?: boolean } = {},
): Promise<Ended> {
  const stdin = new PassThrough()
  if (!more.stdin) stdin.end()
  const [stdout, stderr] = [recorder(), recorder(more.terminal ? 80 : undefined)]
  const code = await runCli(samsaraCli, {
    ...{ argv: args, env: { CAM_STATE_DIR: emptyFolder(), ...env }, clock: hurriedClock(), stdin, stdout, stderr },
    ...{ signals: new EventEmitter(), timeZone: 'America/Chicago' },
    exit: (code) => {
      throw new Error(`It wanted to exit with ${code} by force.`)
    },
    ...more,
  })
  const ended = { code, signal: null, stdout: stdout.text(), stderr: stderr.text() }
  return { ...ended, json: () => parsedLines(ended.stdout) }
}

/** `18:30 road+driver` for each accepted order. */
export function ordered({ orders }: SamsaraSimulator): string[] {
  return orders.map(({ start, inputs }) => {
    const views = inputs.map((input) => input.replace('dashcam', '').replace('Facing', '').toLowerCase())
    return `${new Date(start).toISOString().slice(11, 16)} ${views.join('+')}`
  })
}

/** `road 18:31 kept` for each recording in the ledger. */
export async function outcomes(dest: string): Promise<string[]> {
  await using ledger = await openLedger(dest, { readOnly: true })
  const rows: string[] = []
  for await (const { key, recording, outcome } of ledger.rows({ kind: 'recording' })) {
    const at = new Date(recording?.window?.start ?? 0).toISOString().slice(11, 16)
    rows.push(`${key.view} ${at} ${outcome?.outcome}`)
  }
  return rows
}

/** Every file but the archive's own, relative, with `/`. */
export function filesOf(dest: string): string[] {
  if (!existsSync(dest)) return []
  return readdirSync(dest, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^(\.cam|logs)(\/|$)/.test(path) && statSync(join(dest, path)).isFile())
    .sort()
}

/** One paragraph for people: what was tried and came back, what to do; never a stack. */
export function paragraph(stderr: string): string {
  expect(stderr).toMatch(/^ERROR: \S/m)
  expect(stderr).not.toMatch(/\n\s+at /)
  return stderr.replace(/\n\s*/g, ' ')
}

export async function until(holds: () => boolean, running: Promise<unknown>): Promise<void> {
  let ended = false
  void running.finally(() => {
    ended = true
  })
  while (!holds() && !ended) await new Promise((resolve) => setTimeout(resolve, 5))
}
