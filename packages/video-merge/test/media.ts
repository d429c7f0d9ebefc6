import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
/** The ffmpeg of 2018 that npm brings. */
export const { path: encoder } = require('@ffmpeg-installer/ffmpeg') as { path: string }

/** A folder that goes with its test. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cam-merge-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface ClipMaking {
  readonly seconds?: number
  readonly size?: string
  readonly rate?: number
  /** Brightness of the whole picture: what the clip is recognised by when decoded. */
  readonly shade?: number
  /** Hertz of a tone; none: no sound. */
  readonly tone?: number
  /** The header says that it is to be turned. */
  readonly turned?: boolean
  /** Further arguments of ffmpeg, before the output. */
  readonly more?: readonly string[]
}

// Until the process ends: test files may share this module.
const kept = mkdtemp(join(tmpdir(), 'cam-clips-')).then((folder) => {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
})
const made = new Map<string, Promise<string>>()

/** Makes a small clip with the ffmpeg that npm brings, or copies one that was made so before. */
export async function makeClip(path: string, making: ClipMaking = {}): Promise<string> {
  const key = JSON.stringify([making, extname(path)])
  const name = `${made.size}${extname(path)}`
  const before = made.get(key) ?? kept.then((folder) => encodeClip(join(folder, name), making))
  made.set(key, before)
  await copyFile(await before, path)
  return path
}

async function encodeClip(path: string, making: ClipMaking): Promise<string> {
  const { seconds = 2, size = '64x48', rate = 10, shade = 128, tone, turned = false, more = [] } = making
  const hex = shade.toString(16).padStart(2, '0')
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-y',
    '-f',
    'lavfi',
    '-i',
    `color=c=0x${hex.repeat(3)}:s=${size}:r=${rate}:d=${seconds}`,
  ]
  if (tone !== undefined) args.push('-f', 'lavfi', '-i', `sine=f=${tone}:r=48000:d=${seconds}`)
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-pix_fmt', 'yuv420p']
  await run(encoder, [...args, ...video, ...(tone === undefined ? [] : ['-c:a', 'aac']), ...more, path])
  if (turned) {
    await run(encoder, ['-v', 'error', '-i', path, '-c', 'copy', '-metadata:s:v', 'rotate=90', `${path}.mp4`])
    await rename(`${path}.mp4`, path)
  }
  return path
}

/** Runs the npm ffmpeg as a tool of the tests. */
export async function ffmpegTool(...args: string[]): Promise<string> {
  const { stdout } = await run(encoder, ['-v', 'error', '-nostdin', '-y', ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** The MD5 of each decoded picture. */
export async function pictures(path: string): Promise<string[]> {
  return (await picturesOfEach([path]))[0]!
}

/** The same for many files, in one go. */
export async function picturesOfEach(paths: readonly string[]): Promise<string[][]> {
  return sumsOfEach(paths, ['-vsync', '0'])
}

/** The MD5 of each H.264 picture as it is stored, undecoded. Joining may repeat the parameters in front of one: they do not count. */
export async function packetsOfEach(paths: readonly string[]): Promise<string[][]> {
  return sumsOfEach(paths, ['-c', 'copy', '-bsf:v', 'filter_units=remove_types=7-8'])
}

async function sumsOfEach(paths: readonly string[], how: readonly string[]): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'cam-md5-'))
  try {
    const unique = [...new Set(paths)]
    const outputs = unique.map((_, index) => join(folder, `${index}`))
    const maps = outputs.flatMap((to, index) => ['-map', `${index}:v:0`, ...how, '-f', 'framemd5', to])
    await ffmpegTool(...unique.flatMap((path) => ['-i', `file:${path}`]), ...maps)
    const read = await Promise.all(outputs.map((to) => readFile(to, 'utf8')))
    return paths.map((path) => sums(read[unique.indexOf(path)]!))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function sums(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim())
}

/** Brightness of the first part, runs of the same as one. */
export function shadesOf(shown: readonly Seen[]): number[] {
  return shown.map(({ shades }) => shades[0]!).filter((shade, index, all) => shade !== all[index - 1])
}

export interface Seen {
  /** Seconds from the beginning. */
  readonly at: number
  /** Mean brightness, 0…255, of each part of the picture from left to right. */
  readonly shades: readonly number[]
}

/** What a player shows: brightness of each of `parts` columns, picture by picture. */
export async function seen(path: string, parts = 1): Promise<Seen[]> {
  const stdout = await rawPictures(path, `crop=iw:ih/4:0:ih*3/4,scale=${parts}:1:flags=area`)
  const times = await ffmpegTool('-i', path, '-map', '0:v:0', '-c', 'copy', '-f', 'framecrc', '-')
  const base = Number(/#tb 0: 1\/(\d+)/.exec(times)?.[1] ?? 1)
  const moments = times
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => Number(line.split(',')[2]) / base)
    .sort((a, b) => a - b)
  return Array.from({ length: stdout.length / parts }, (_, index) => ({
    at: moments[index] ?? Number.NaN,
    shades: [...stdout.subarray(index * parts, (index + 1) * parts)],
  }))
}

/** Brightness of every pixel of every picture, after a filter. */
export async function rawPictures(path: string, filter: string): Promise<Buffer> {
  const vf = ['-map', '0:v:0', '-vsync', '0', '-vf', `${filter},format=gray`, '-f', 'rawvideo', '-']
  const options = { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 } as const
  return (await run(encoder, ['-v', 'error', '-nostdin', '-i', path, ...vf], options)).stdout
}

/** Loudness of each tenth of a second, 0…1. */
export async function heard(path: string): Promise<number[]> {
  const { stdout } = await run(
    encoder,
    [
      '-v',
      'error',
      '-nostdin',
      '-i',
      path,
      '-map',
      '0:a:0',
      '-af',
      'aresample=async=1:min_hard_comp=0.02:first_pts=0',
      '-ac',
      '1',
      '-ar',
      '8000',
      '-f',
      's16le',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  )
  const tenths: number[] = []
  for (let at = 0; at + 1600 <= stdout.length; at += 1600) {
    let sum = 0
    for (let sample = at; sample < at + 1600; sample += 2) sum += (stdout.readInt16LE(sample) / 32_768) ** 2
    tenths.push(Math.sqrt(sum / 800))
  }
  return tenths
}

export async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
