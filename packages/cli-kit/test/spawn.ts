import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'

export interface SpawnOptions {
  /** Added to an environment that has nothing but PATH and a state folder of its own. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Put before the command: `['unshare', '-n']`. */
  readonly wrapper?: readonly string[]
  /** For node itself, such as `--import <file URL>`. */
  readonly nodeArgs?: readonly string[]
  /** Written to standard input, which then ends. Default: nothing. */
  readonly input?: string
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Each line of stdout, parsed. Throws where one is no JSON. */
  json(): Record<string, unknown>[]
}

/** A real command line as a child process. */
export interface SpawnedCli {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  stdout(): string
  stderr(): string
  /** Resolves once the text was said on either stream; rejects when the child ends without it. */
  said(text: string | RegExp): Promise<void>
}

/** `program`: a bundled command line. */
export function spawnProgram(program: string, args: readonly string[], options: SpawnOptions = {}): SpawnedCli {
  const node = [process.execPath, ...(options.nodeArgs ?? []), program, ...args]
  const [command, ...rest] = [...(options.wrapper ?? []), ...node]
  const child = spawn(command!, rest, {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', HOME: stateFolder(), CAM_STATE_DIR: stateFolder(), ...options.env },
    stdio: 'pipe',
  })
  const streams = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8')
    child[name].on('data', (text: string) => {
      streams[name] += text
      for (const listener of listeners) listener()
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, ...streams, json: () => parsedLines(streams.stdout) })
    })
  })
  return {
    child,
    ended,
    stdout: () => streams.stdout,
    stderr: () => streams.stderr,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const all = `${streams.stdout}\n${streams.stderr}`
          if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
        ended.then(
          ({ code, stderr }) => reject(new Error(`It ended with ${code} before it said ${text}:\n${stderr}`)),
          reject,
        )
      }),
  }
}

/** Each line as JSON. Throws where one is none. */
export function parsedLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const folders = new Map<string | undefined, string>()

/** One for each test file, so that no test knows the archives of another. */
export function stateFolder(): string {
  const { testPath } = expect.getState()
  const folder = folders.get(testPath) ?? mkdtempSync(join(tmpdir(), 'cam-cli-state-'))
  folders.set(testPath, folder)
  return folder
}
