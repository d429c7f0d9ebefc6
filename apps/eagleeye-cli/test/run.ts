import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileSessionStore, runCli, type Surroundings } from '@cam/cli-kit'
import { type Clock, systemClock } from '@cam/download-core'
import { authorizeUrl, exchangeCode } from '@cam/eagleeye'
import type { EagleEyeSimulator } from '@cam/simulators/eagleeye'
import { expect, inject, onTestFinished } from 'vitest'
import { type Ended, parsedLines, type SpawnedCli, spawnProgram } from '../../../packages/cli-kit/test/spawn.ts'
import { recorder } from '../../../packages/cli-kit/test/streams.ts'
import type {} from '../../../tools/bundled-cli.ts'
import { eagleEyeCli } from '../src/command.ts'

export type Env = Readonly<Record<string, string>>

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cam-eagleeye-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The real command line as a child process. */
export function spawnEagleEye(args: readonly string[], env: Env, input?: string): SpawnedCli {
  const program = join(inject('bundledClis'), 'eagleeye-cli.mjs')
  return spawnProgram(program, args, { env, ...(input !== undefined && { input }) })
}

/** What a run needs: an archive and a state folder of its own, and the credentials of the cloud. For v3 with a login that is stored. */
export async function place(cloud: EagleEyeSimulator, { loggedIn = true, clock = systemClock } = {}) {
  const dest = join(emptyFolder(), 'archive')
  const state = emptyFolder()
  const env = { ...cloud.env, CAM_STATE_DIR: state }
  if (loggedIn && cloud.args.includes('v3')) await storeLogin(cloud, state, clock)
  return { dest, state, env, line: [...cloud.args, '--dest', dest, '--retry-delay', '0'] }
}

/** What `login` leaves behind, without a browser. */
export async function storeLogin(cloud: EagleEyeSimulator, state: string, clock: Clock = systemClock): Promise<void> {
  const { auth, api, apiCluster } = cloud.hosts
  const { CAM_EAGLEEYE_CLIENT_ID: clientId = '', CAM_EAGLEEYE_CLIENT_SECRET: clientSecret } = cloud.env
  const redirectUri = 'http://127.0.0.1:3333'
  const { headers } = await fetch(authorizeUrl({ clientId, redirectUri, authOrigin: auth }), { redirect: 'manual' })
  const code = new URL(headers.get('location')!).searchParams.get('code')!
  await exchangeCode(
    {
      v3: { clientId, ...(clientSecret && { clientSecret }) },
      sessions: fileSessionStore(state),
      clock,
      hosts: { auth, api, trusted: [apiCluster] },
    },
    { code, redirectUri },
    { signal: AbortSignal.timeout(10_000) },
  )
}

/** The logins that are kept in a state folder. */
export function sessionFiles(state: string): string[] {
  const folder = join(state, 'sessions')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.session'))
    .map((name) => join(folder, name))
}

/** A run without a process of its own: much quicker, for everything that is not about processes. */
export function startHere(args: readonly string[], env: Env = {}, more: Partial<Surroundings> = {}) {
  const stdin = new PassThrough()
  if (!more.stdin) stdin.end()
  const [stdout, stderr] = [recorder(), recorder()]
  const signals = new EventEmitter()
  const code = runCli(eagleEyeCli, {
    ...{ argv: args, env, clock: systemClock, stdin, stdout, stderr, signals, timeZone: 'UTC' },
    exit: (code) => {
      throw new Error(`It wanted to exit with ${code} by force.`)
    },
    ...more,
  })
  const ended = code.then(
    (code): Ended => ({
      ...{ code, signal: null, stdout: stdout.text(), stderr: stderr.text() },
      json: () => parsedLines(stdout.text()),
    }),
  )
  return { ended, signals, text: () => `${stdout.text()}\n${stderr.text()}` }
}

export function runHere(args: readonly string[], env: Env = {}, clock: Clock = systemClock): Promise<Ended> {
  return startHere(args, env, { clock }).ended
}

/** One paragraph for people: what was tried and came back, what to do; never a stack. */
export function paragraph(stderr: string): string {
  expect(stderr).toMatch(/^ERROR: \S/m)
  expect(stderr).not.toMatch(/\n\s+at /)
  return stderr.replace(/\n\s*/g, ' ')
}

/** A window as two flags. */
export function windowFlags({ start, end }: { readonly start: number; readonly end: number }): string[] {
  return ['--start', new Date(start).toISOString(), '--end', new Date(end).toISOString()]
}
