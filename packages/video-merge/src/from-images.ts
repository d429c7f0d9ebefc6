import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { disk } from '@cam/download-core'
import { bytesSource, readContainer } from '@cam/download-core/media'
import { findEncoder } from './encoders.ts'
import { MergeError } from './errors.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { fitted } from './filter-graph.ts'
import { writeMetadata } from './join-list.ts'
import { judge, mergedFile } from './judge.ts'
import type { EncodingOptions, LeftOut, MergedFile, MergeOptions } from './options.ts'
import { beginWork, progressOf, type Work } from './work.ts'
import { openWorkFolder } from './work-folder.ts'

/** What `fromImages` is asked for. */
export interface FromImagesOptions extends MergeOptions, EncodingOptions {
  /** Paths of pictures in the order they are shown: all JPEG, or all PNG. */
  readonly images: readonly string[]
  /** Pictures shown in a second, a whole number. Default 30. */
  readonly frameRate?: number
  /** Pixels of the video, even. Default: the first picture's. Others are fitted into it. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Goes into the file as the moment of recording. Epoch milliseconds. */
  readonly start?: number
}

/** What `fromImages` did. */
export interface FromImagesResult {
  readonly output: MergedFile
  /** Pictures in it. */
  readonly images: number
  readonly encoder: string
  readonly leftOut: readonly LeftOut[]
}

const largestBytes = 256 * 1024 * 1024

/**
 * Makes a video out of pictures, each shown for the same time. Every picture is looked at before it is used; their names do not matter.
 * Throws MergeError, DiskError, and the signal's reason; nothing has the final name then.
 */
export async function fromImages(options: FromImagesOptions): Promise<FromImagesResult> {
  const { images, frameRate = 30, start, unreadable = 'refuse' } = options
  if (!Number.isSafeInteger(frameRate) || frameRate < 1 || frameRate > 120)
    throw new RangeError(`frameRate is a whole number from 1 to 120, got ${frameRate}`)
  const work = await beginWork(options)
  const leftOut: LeftOut[] = []
  const pictures = readPictures(images, unreadable, leftOut, work)
  const first = await pictures.next()
  if (first.done)
    throw new MergeError('There are no pictures.', { code: 'CLIP_UNREADABLE', advice: 'Name at least one.' })
  work.report({ type: 'probed', clips: images.length })
  const size = options.size ?? evenSize(first.value)
  for (const [name, value] of Object.entries(size))
    if (!Number.isSafeInteger(value) || value < 16 || value > 8192 || value % 2 !== 0)
      throw new RangeError(`size.${name} is an even number of pixels from 16 to 8192, got ${value}`)
  const folder = await openWorkFolder(options.into, {
    ...{ overwrite: options.overwrite ?? false, inputs: images, needsBytes: 1_000_000 },
  })
  try {
    const encoder = await findEncoder(work.ffmpeg, options, { ...size, frameRate }, work.signal)
    const progress = progressOf(work, (images.length * 1000) / frameRate)
    const fed: Fed = { images: 0, failed: undefined }
    const file = folder.own('pictures.mp4')
    const metadata = await writeMetadata(folder, 'pictures', start, [])
    const codec = first.value.format === 'png' ? 'png' : 'mjpeg'
    const source = Readable.from(feed(first.value, pictures, fed), { objectMode: false, highWaterMark: 1024 * 1024 })
    const ended = await runFfmpeg(work.ffmpeg, {
      inputs: [
        { options: ['-f', 'image2pipe', '-framerate', `${frameRate}`, '-c:v', codec], source },
        { options: ['-f', 'ffmetadata'], source: metadata },
      ],
      options: [
        ...['-map', '0:v:0', '-map_metadata', '1', '-vf', `${fitted(size)}${encoder.upload}`, ...encoder.options],
        ...[...work.ffmpeg.eachOnce, '-movflags', '+faststart', '-f', 'mp4'],
      ],
      to: file,
      signal: work.signal,
      onProgress: progress.at,
    })
    if (fed.failed !== undefined) throw fed.failed
    const expected = {
      frames: { atLeast: fed.images, atMost: fed.images },
      ...{ videoMs: (fed.images * 1000) / frameRate, toleranceMs: 500 / frameRate, audio: undefined, rotation: 0 },
    }
    const found = await judge(file, expected, ended, folder.target)
    work.signal.throwIfAborted()
    await folder.publish(file)
    const output = mergedFile(found, folder.target)
    work.report({ type: 'written', path: output.path, bytes: output.bytes, durationMs: output.durationMs })
    return { output, images: fed.images, encoder: encoder.name, leftOut }
  } finally {
    await folder.remove()
  }
}

interface Fed {
  images: number
  failed: unknown
}

interface Picture {
  readonly path: string
  readonly format: 'jpeg' | 'png'
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/** Each picture that is whole, one in memory at a time. */
async function* readPictures(
  paths: readonly string[],
  unreadable: 'refuse' | 'leave-out',
  leftOut: LeftOut[],
  work: Work,
): AsyncGenerator<Picture, undefined> {
  let format: Picture['format'] | undefined
  for (const path of paths) {
    work.signal.throwIfAborted()
    const picture = await readPicture(path)
    if (typeof picture !== 'string') {
      format ??= picture.format
      if (picture.format !== format)
        throw new MergeError(`${path} is a ${picture.format.toUpperCase()} among pictures of another format.`, {
          ...{ code: 'CLIPS_DIFFER', advice: 'Give pictures of one format.', path },
        })
      yield picture
      continue
    }
    const message = `${path} cannot be used: ${picture}.`
    if (unreadable === 'refuse')
      throw new MergeError(message, { code: 'CLIP_UNREADABLE', advice: 'Leave it out, or fetch it again.', path })
    leftOut.push({ path, reason: message })
    work.report({ type: 'warning', message: `Left out: ${message}` })
  }
  return undefined
}

/** A whole picture, or why it is none. */
async function readPicture(path: string): Promise<Picture | string> {
  const found = await disk.stat(resolve(path))
  if (found?.kind !== 'file') return found ? 'it is not a file' : 'there is no such file'
  if (found.bytes === 0) return 'it is empty'
  if (found.bytes > largestBytes) return `it has ${found.bytes} bytes, which is no picture`
  const bytes = await readFile(resolve(path))
  if (bytes.subarray(0, 8).equals(pngBegins)) {
    if (bytes.length < 45 || !bytes.subarray(-12).equals(pngEnds)) return 'it is cut off'
    return { path, format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), bytes }
  }
  const report = await readContainer(bytesSource(bytes))
  if (report?.format !== 'jpeg') return 'it is neither JPEG nor PNG'
  const { width = 0, height = 0 } = report.facts
  if (!report.complete || width === 0 || height === 0) return report.problem ?? 'it is not whole'
  return { path, format: 'jpeg', width, height, bytes }
}

const pngBegins = Buffer.from('89504e470d0a1a0a', 'hex')
const pngEnds = Buffer.from('0000000049454e44ae426082', 'hex')

/** What goes into ffmpeg. It ends where something is wrong, and says so afterwards: an error here would be lost in the pipe. */
async function* feed(first: Picture, rest: AsyncGenerator<Picture, undefined>, fed: Fed): AsyncGenerator<Uint8Array> {
  try {
    for (let picture: Picture | undefined = first; picture; picture = (await rest.next()).value) {
      fed.images++
      yield picture.bytes
    }
  } catch (error) {
    fed.failed = error
  }
}

function evenSize({ width, height }: Picture) {
  const even = (pixels: number) => Math.max(16, Math.floor(pixels / 2) * 2)
  return { width: even(width), height: even(height) }
}
