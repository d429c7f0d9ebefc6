import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import fluent from 'fluent-ffmpeg'
import { MergeError } from './errors.ts'

// The only file that runs ffmpeg and ffprobe, and the only one that reads the environment.

/** An ffmpeg that runs, and what it can do. */
export interface Ffmpeg {
  readonly path: string
  /** Where it was found. */
  readonly from: 'option' | 'FFMPEG_PATH' | 'PATH' | 'ffmpeg-static'
  /** As it states it: `5.1.9-0+deb12u1`, `N-47683-g0e8eb07980-static`. */
  readonly version: string
  readonly encoders: ReadonlySet<string>
  readonly filters: ReadonlySet<string>
  /** Its arguments for: encode each picture that is given, once. Versions name it differently, and take no other's name. */
  readonly eachOnce: readonly string[]
  /** Beside it or on PATH. Needed only for inputs that are no MP4. */
  readonly ffprobe?: string
}

/** Where to look. */
export interface FindFfmpegOptions {
  /** This file and no other. */
  readonly path?: string
  /** Default: the process's own. `FFMPEG_PATH` and `PATH` are read. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
}

/** How to get a whole one. */
export const install =
  'Install it (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg; anywhere: npm install ffmpeg-static), or name its file in FFMPEG_PATH.'
const windows = process.platform === 'win32'

/**
 * Looks for ffmpeg: the path given, `FFMPEG_PATH`, `PATH`, then the file of the package ffmpeg-static. One that is named must run;
 * nothing else is taken in its place. Throws MergeError `NO_FFMPEG`.
 */
export async function findFfmpeg(options: FindFfmpegOptions = {}): Promise<Ffmpeg> {
  const { path, env = process.env, signal } = options
  if (path !== undefined) return inspect(path, 'option', env, signal)
  if (env.FFMPEG_PATH) return inspect(env.FFMPEG_PATH, 'FFMPEG_PATH', env, signal)
  const onPath = await which('ffmpeg', folders(env))
  if (onPath) return inspect(onPath, 'PATH', env, signal)
  const shipped = await shippedFile()
  if (shipped) return inspect(shipped, 'ffmpeg-static', env, signal)
  throw new MergeError('No ffmpeg was found.', { code: 'NO_FFMPEG', advice: install })
}

async function inspect(
  path: string,
  from: Ffmpeg['from'],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Ffmpeg> {
  const told = (...args: string[]) => output(path, ['-hide_banner', ...args], signal)
  try {
    const asked = [told('-version'), told('-encoders'), told('-filters'), told('-h', 'long')] as const
    const [about, encoders, filters, help] = await Promise.all(asked)
    const version = /^ffmpeg version (\S+)/m.exec(about)?.[1]
    if (!version) throw new Error('it does not say that it is ffmpeg')
    const ffprobe = await which('ffprobe', [...(/[/\\]/.test(path) ? [dirname(resolve(path))] : []), ...folders(env)])
    return {
      ...{ path, from, version },
      encoders: names(encoders, /^ [A-Z.]{6} (\S+)/gm),
      filters: names(filters, /^ [A-Z.]{2,3} (\S+) +\S*->/gm),
      eachOnce: /^-fps_mode/m.test(help) ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'],
      ...(ffprobe ? { ffprobe } : {}),
    }
  } catch (error) {
    signal?.throwIfAborted()
    const named = from === 'option' ? 'as asked' : `named by ${from}`
    throw new MergeError(`${path} (${named}) cannot be run as ffmpeg: ${reason(error)}.`, {
      ...{
        code: 'NO_FFMPEG',
        advice: from === 'option' ? `Give another path. ${install}` : install,
        path,
        cause: error,
      },
    })
  }
}

function names(list: string, row: RegExp): ReadonlySet<string> {
  return new Set(Array.from(list.matchAll(row), ([, name]) => name!))
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'it may not be executed'
  return message.split('\n')[0]!.replace(/\.$/, '')
}

function folders(env: Readonly<Record<string, string | undefined>>): string[] {
  // Windows spells it Path.
  const name = Object.keys(env).find((key) => (windows ? key.toUpperCase() : key) === 'PATH')
  return (name === undefined ? '' : (env[name] ?? '')).split(delimiter).filter(Boolean)
}

async function which(program: string, where: readonly string[]): Promise<string | undefined> {
  for (const folder of where) {
    const path = join(folder, windows ? `${program}.exe` : program)
    if (await runnable(path)) return path
  }
  return undefined
}

async function runnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** The package may be missing, or be there without its file: it downloads that when installed, where it is allowed to. */
async function shippedFile(): Promise<string | undefined> {
  try {
    const { default: path } = (await import('ffmpeg-static')) as { default: unknown }
    return typeof path === 'string' && (await runnable(path)) ? path : undefined
  } catch {
    return undefined
  }
}

function output(path: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  const options = { maxBuffer: 16 * 1024 * 1024, windowsHide: true, ...(signal ? { signal } : {}) }
  return new Promise((resolve, reject) => {
    const child = execFile(path, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)))
    // Some builds wait for keys.
    child.stdin?.end()
  })
}

/** What ffprobe tells of a file, as JSON text. */
export function askFfprobe(ffprobe: string, file: string, signal?: AbortSignal): Promise<string> {
  const args = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', `file:${resolve(file)}`]
  return output(ffprobe, args, signal)
}

/** Whether an encoder really starts here: one for hardware is listed wherever it was compiled in. `undefined`, or its words. */
export async function tryEncoder(ffmpeg: Ffmpeg, options: readonly string[], signal?: AbortSignal) {
  const picture = ['-filter_complex', 'color=c=black:s=256x144:r=10,trim=end_frame=3']
  const args = ['-hide_banner', '-v', 'error', '-nostdin', ...picture, ...options, '-f', 'null', '-']
  try {
    await output(ffmpeg.path, args, signal)
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    const lines = (error as Error).message
      .split('\n')
      .filter((line) => line.trim() && !line.startsWith('Command failed'))
    return lines[0]?.replace(/^\[.*?\] /, '').replace(/\.$/, '') ?? 'it ended with an error'
  }
}

/** One run of ffmpeg. */
export interface FfmpegJob {
  readonly inputs: readonly { readonly options?: readonly string[]; readonly source: string | Readable }[]
  /** Everything behind the inputs. */
  readonly options: readonly string[]
  /** Absolute path, or `-` where the options name a format that writes nothing. */
  readonly to: string
  readonly cwd?: string
  readonly signal?: AbortSignal | undefined
  /** How much is written, in milliseconds of the result. */
  readonly onProgress?: (doneMs: number) => void
}

/** How it ended by its own account, which proves nothing: callers look at what was written. */
export interface FfmpegEnd {
  readonly exitedWell: boolean
  /** Its last words. */
  readonly words: string
}

const wordLines = 12

/**
 * Runs ffmpeg to its end. Throws the signal's reason, once the process has ended, and MergeError `NO_FFMPEG` where it does not start.
 */
export function runFfmpeg(ffmpeg: Ffmpeg, job: FfmpegJob): Promise<FfmpegEnd> {
  const { inputs, options, to, cwd, signal, onProgress } = job
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const command = fluent(cwd === undefined ? {} : { cwd })
    // fluent-ffmpeg keeps path, formats and encoders once per process, whatever each command was given, and misreads the
    // lists of newer builds: this command runs this ffmpeg, unasked.
    Object.assign(command, {
      _getFfmpegPath: (done: (error: null, path: string) => void) => done(null, ffmpeg.path),
      _checkCapabilities: (done: () => void) => done(),
      availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
    })
    const general = ['-hide_banner', '-v', 'error', '-nostats', '-progress', 'pipe:2']
    const piped = inputs.some(({ source }) => typeof source !== 'string')
    for (const { options: own = [], source } of inputs) {
      command.input(source)
      if (own.length > 0) command.inputOptions(...pair(own))
    }
    command.outputOptions(...pair([...general, ...(piped ? [] : ['-nostdin']), ...options])).output(to)
    const words: string[] = []
    const onAbort = () => command.kill('SIGKILL')
    const end = (exitedWell: boolean) => {
      signal?.removeEventListener('abort', onAbort)
      if (signal?.aborted) reject(signal.reason)
      else resolve({ exitedWell, words: words.join(' ').slice(-2000) })
    }
    command
      .on('start', () => signal?.aborted && onAbort())
      .on('stderr', (line: string) => {
        const [, key, value] = /^([a-z_0-9.]+)=\s*(\S*)$/.exec(line.trim()) ?? []
        if (key === undefined) {
          if (line.trim()) words.push(line.trim())
          if (words.length > wordLines) words.shift()
        } else if (key === 'out_time') onProgress?.(milliseconds(value!))
      })
      .on('end', () => end(true))
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code && error.code !== 'EPIPE' && !signal?.aborted) {
          return reject(
            new MergeError(`${ffmpeg.path} did not start: ${reason(error)}.`, {
              ...{ code: 'NO_FFMPEG', advice: install, path: ffmpeg.path, cause: error },
            }),
          )
        }
        if (words.length === 0) words.push(error.message.split('\n')[0]!)
        end(false)
      })
    signal?.addEventListener('abort', onAbort, { once: true })
    command.run()
  })
}

/** Two arguments or more are taken as they are; a single one would be split at its space. */
function pair(options: readonly string[]): [string, string] {
  return options as [string, string]
}

function milliseconds(time: string): number {
  const [, hours, minutes, seconds] = /^(\d+):(\d+):([\d.]+)$/.exec(time) ?? []
  return seconds === undefined ? 0 : (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
}
