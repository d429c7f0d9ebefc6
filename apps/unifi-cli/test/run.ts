import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { runCli } from '@cam/cli-kit'
import { type Clock, systemClock } from '@cam/download-core'
import type { UnifiProtectSimulator } from '@cam/simulators/unifi-protect'
import { inject, onTestFinished } from 'vitest'
import { type Ended, parsedLines, type SpawnedCli, spawnProgram } from '../../../packages/cli-kit/test/spawn.ts'
import { recorder } from '../../../packages/cli-kit/test/streams.ts'
import type {} from '../../../tools/bundled-cli.ts'
import { unifiCli } from '../src/command.ts'

export type Env = Readonly<Record<string, string>>

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cam-unifi-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a run of this command line needs: an archive and a state folder of its own, and the console's credentials. */
export function place({ args, env }: Pick<UnifiProtectSimulator, 'args' | 'env'>) {
  const dest = join(emptyFolder(), 'archive')
  const state = emptyFolder()
  return { dest, state, env: { ...env, CAM_STATE_DIR: state }, line: [...args, '--dest', dest, '--retry-delay', '0'] }
}

/** The logins that are kept in a state folder. */
export function sessionFiles(state: string): string[] {
  const folder = join(state, 'sessions')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.session'))
    .map((name) => join(folder, name))
}

/** The real command line as a child process. */
export function spawnUnifi(args: readonly string[], env: Env): SpawnedCli {
  return spawnProgram(join(inject('bundledClis'), 'unifi-cli.mjs'), args, { env })
}

/** The machine's clock on another day, for a console and a command line that share it. */
export function clockAt(moment: string): Clock & { set(moment: string): void } {
  const aheadOf = (text: string) => Date.parse(text) - Date.now()
  let ahead = aheadOf(moment)
  return {
    ...systemClock,
    now: () => Date.now() + ahead,
    set(next) {
      ahead = aheadOf(next)
    },
  }
}

/** The same command line without a process of its own: much quicker, for everything that is not about processes. */
export async function runHere(args: readonly string[], env: Env = {}, clock: Clock = systemClock): Promise<Ended> {
  const stdin = new PassThrough()
  stdin.end()
  const [stdout, stderr] = [recorder(), recorder()]
  const code = await runCli(unifiCli, {
    ...{ argv: args, env, clock, stdin, stdout, stderr, signals: new EventEmitter(), timeZone: 'UTC' },
    exit: (code) => {
      throw new Error(`It wanted to exit with ${code} by force.`)
    },
  })
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text(), json: () => parsedLines(stdout.text()) }
}
