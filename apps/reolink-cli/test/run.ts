import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { runCli, type Surroundings } from '@cam/cli-kit'
import { openLedger } from '@cam/ledger-sqlite'
import { type ReolinkSimulatorOptions, startReolink } from '@cam/simulators/reolink'
import { expect, inject, onTestFinished } from 'vitest'
import { type Ended, parsedLines, type SpawnedCli, spawnProgram } from '../../../packages/cli-kit/test/spawn.ts'
import { recorder } from '../../../packages/cli-kit/test/streams.ts'
import type {} from '../../../tools/bundled-cli.ts'
import { reolinkCli } from '../src/command.ts'

export type Env = Readonly<Record<string, string>>

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cam-reolink-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A pretend device, and what a run needs: an archive and a state folder of its own. */
export async function place(switches: ReolinkSimulatorOptions['switches'] = {}, options: ReolinkSimulatorOptions = {}) {
  const device = await startReolink({ ...options, switches })
  onTestFinished(() => device.close())
  const dest = join(emptyFolder(), 'archive')
  const env: Env = { ...device.env, CAM_STATE_DIR: emptyFolder() }
  return { device, dest, env, line: [...device.args, '--dest', dest] }
}

/** The real command line as a child process. */
export function spawnReolink(args: readonly string[], env: Env): SpawnedCli {
  return spawnProgram(join(inject('bundledClis'), 'reolink-cli.mjs'), args, { env })
}

/** A run without a process of its own: much quicker, for everything that is not about processes. */
export async function runHere(
  args: readonly string[],
  env: Env = {},
  more: Partial<Surroundings> = {},
): Promise<Ended> {
  const stdin = new PassThrough()
  stdin.end()
  const [stdout, stderr] = [recorder(), recorder()]
  const code = await runCli(reolinkCli, {
    ...{ argv: args, env: { CAM_STATE_DIR: emptyFolder(), ...env }, stdin, stdout, stderr },
    ...{ signals: new EventEmitter(), timeZone: 'UTC' },
    exit: (code) => {
      throw new Error(`It wanted to exit with ${code} by force.`)
    },
    ...more,
  })
  const ended = { code, signal: null, stdout: stdout.text(), stderr: stderr.text() }
  return { ...ended, json: () => parsedLines(ended.stdout) }
}

/** Every row of the ledger: `main kept`, `snapshot failed`, with how many of each there are. */
export async function outcomes(dest: string): Promise<Record<string, number>> {
  await using ledger = await openLedger(dest, { readOnly: true })
  const counts: Record<string, number> = {}
  for await (const { key, outcome } of ledger.rows()) {
    const word = `${key.view || 'main'} ${outcome?.outcome}`
    counts[word] = (counts[word] ?? 0) + 1
  }
  return counts
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
