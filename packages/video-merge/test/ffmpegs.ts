import { type Ffmpeg, findFfmpeg } from '../src/index.ts'
import { encoder } from './media.ts'

/** The old end of our range, which npm brings along, and the machine's own where it has one. */
export async function ffmpegs(): Promise<[string, Ffmpeg][]> {
  const old = await findFfmpeg({ path: encoder })
  const { FFMPEG_PATH: _, ...env } = process.env
  const own = await findFfmpeg({ env }).catch(() => undefined)
  const found: [string, Ffmpeg][] = [[`ffmpeg ${old.version.slice(0, 7)}`, old]]
  if (own?.from === 'PATH') found.push([`ffmpeg ${own.version.slice(0, 7)}`, own])
  else console.info('only the build of ffmpeg that npm brings is tested: this machine has none on PATH')
  return found
}
