import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { DiskError, disk } from '@cam/download-core'
import { clockStrip } from './clock-strip.ts'
import { copyFrom, placesIn } from './earlier-film.ts'
import type { Encoder } from './encoders.ts'
import { MergeError } from './errors.ts'
import { type FfmpegEnd, runFfmpeg } from './ffmpeg.ts'
import { filterGraph } from './filter-graph.ts'
import { writeJoinList, writeMetadata } from './join-list.ts'
import { type Expected, judge } from './judge.ts'
import type { EarlierFilm, PieceNote } from './options.ts'
import { type Piece, type Shape, sampleRate, sizeOf } from './picture-plan.ts'
import { type Probe, probe } from './probe.ts'
import { progressOf, type Work } from './work.ts'
import { makeDurable, type WorkFolder } from './work-folder.ts'

/** Everything that pieces have in common. */
export interface Rendering {
  readonly shape: Shape
  readonly encoder: Encoder
  readonly work: Work
  readonly folder: WorkFolder
  /** What of it is as it was is taken over. */
  readonly earlier?: EarlierFilm
}

/** A piece that was encoded and proved, now or by an earlier call. */
interface Rendered {
  readonly path: string
  readonly found: Probe
  readonly reused: boolean
}

/** Encodes what no earlier call has, and joins all to `file`. `start` goes into its header. */
export async function renderPieces(
  pieces: readonly Piece[],
  file: string,
  start: number | undefined,
  rendering: Rendering,
): Promise<{ readonly found: Probe; readonly reused: number; readonly notes: readonly PieceNote[] }> {
  const { work, folder, shape } = rendering
  const keyed = pieces.map((piece) => ({ piece, key: keyOf(piece, rendering) }))
  await removeOthers(folder, new Set(keyed.map(({ key }) => key)))
  const known = await Promise.all(keyed.map(({ piece, key }) => rendered(piece, key, rendering)))
  const places = await placesIn(rendering.earlier, shape.frameRate)
  const pieceMs = ({ pictures }: Piece) => (pictures * 1000) / shape.frameRate
  const rest = keyed.filter(({ key }, index) => !known[index] && !places.has(key))
  const progress = progressOf(
    work,
    rest.reduce((sum, { piece }) => sum + pieceMs(piece), 0),
  )
  const done: Rendered[] = []
  for (const [index, { piece, key }] of keyed.entries()) {
    work.signal.throwIfAborted()
    let one = known[index]
    const place = places.get(key)
    if (!one && place !== undefined) one = await takenOver(piece, key, place, rendering)
    if (!one) {
      one = await render(piece, key, rendering, progress.at)
      progress.finished(pieceMs(piece))
    }
    if (done[0] && !joinable(one.found, done[0].found)) {
      if (places.size === 0)
        throw new MergeError(
          `${rendering.encoder.name} encodes each piece with other settings: they cannot be joined.`,
          { ...{ code: 'NO_ENCODER', advice: 'Choose another encoder.' } },
        )
      // What is as it was does not go with what is new.
      await removeOthers(folder, new Set())
      const { earlier: _, ...anew } = rendering
      return renderPieces(pieces, file, start, anew)
    }
    done.push(one)
    work.report({ type: 'chunk', index, count: pieces.length, reused: one.reused })
  }
  const found = await join(pieces, done, file, start, rendering)
  const notes = keyed.map(({ piece: { pictures }, key }) => ({ key, pictures }))
  return { found, reused: done.filter(({ reused }) => reused).length, notes }
}

function joinable({ video: a }: Probe, { video: b }: Probe): boolean {
  return a?.configuration === b?.configuration && a?.timescale === b?.timescale
}

/** All that decides what a piece looks and sounds like. */
function keyOf(piece: Piece, { shape, encoder, work }: Rendering): string {
  const identity = (segments: Piece['views'][number]) =>
    segments.map(({ clip, from, count }) => [
      ...[from, count],
      ...(clip ? [clip.path, clip.probe.bytes, clip.probe.modifiedMs] : []),
    ])
  const { pictures, views, sounds, clock } = piece
  const { filter } = filterGraph(piece, shape, encoder.upload)
  const all = [
    2,
    work.ffmpeg.version,
    encoder,
    shape,
    filter,
    pictures,
    views.map(identity),
    sounds.map(identity),
    clock,
  ]
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32)
}

const noteOf = (folder: WorkFolder, key: string) => folder.file(`piece-${key}.json`)
const movieOf = (folder: WorkFolder, key: string) => folder.file(`piece-${key}.mov`)

/** Pieces of other options or other clips. */
async function removeOthers(folder: WorkFolder, keys: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder.path)) {
    const key = /^piece-([0-9a-f]{32})\.(json|mov)$/.exec(name)?.[1]
    if (key === undefined || !keys.has(key)) await rm(folder.file(name), { recursive: true, force: true })
  }
}

/** The note is written last, so what has one was whole; it is looked at again all the same. */
async function rendered(piece: Piece, key: string, rendering: Rendering): Promise<Rendered | undefined> {
  const { folder, shape } = rendering
  try {
    const note: unknown = JSON.parse(await readFile(noteOf(folder, key), 'utf8'))
    const path = movieOf(folder, key)
    const found = await probe(path)
    if ((note as { bytes?: unknown }).bytes !== found.bytes) return undefined
    const expected = expectedOf([piece], shape)
    await judge(path, expected, { exitedWell: true, words: '' }, path)
    return { path, found, reused: true }
  } catch {
    return undefined
  }
}

async function render(
  piece: Piece,
  key: string,
  rendering: Rendering,
  onProgress: (doneMs: number) => void,
): Promise<Rendered> {
  const { shape, encoder, work } = rendering
  const { clips, filter, maps } = filterGraph(piece, shape, encoder.upload)
  return made(piece, key, rendering, async (movie) => {
    const strip = `${movie}.gray`
    try {
      const clock = piece.clock ? [await writeStrip(piece.clock, strip, shape)] : []
      return await runFfmpeg(work.ffmpeg, {
        inputs: [...clips.map((source) => ({ source })), ...clock],
        options: [
          ...['-filter_complex', filter, ...maps.flatMap((label) => ['-map', label])],
          ...[...encoder.options, ...work.ffmpeg.eachOnce, ...(maps.length > 1 ? ['-c:a', 'pcm_s16le'] : [])],
          ...asPiece,
        ],
        to: movie,
        signal: work.signal,
        onProgress,
      })
    } finally {
      await rm(strip, { force: true })
    }
  })
}

/** Takes a piece's pictures out of the earlier film. Undefined where they are not what they have to be: then it is encoded. */
async function takenOver(
  piece: Piece,
  key: string,
  place: number,
  rendering: Rendering,
): Promise<Rendered | undefined> {
  const { shape, work, earlier } = rendering
  const { inputs, options } = copyFrom(earlier!.path, place, piece, shape.frameRate)
  try {
    const run = (movie: string) =>
      runFfmpeg(work.ffmpeg, { inputs, options: [...options, ...asPiece], to: movie, signal: work.signal })
    return { ...(await made(piece, key, rendering, run)), reused: true }
  } catch (error) {
    work.signal.throwIfAborted()
    if (error instanceof MergeError && error.code === 'RESULT_WRONG') return undefined
    throw error
  }
}

const asPiece = ['-map_metadata', '-1', '-map_chapters', '-1', '-f', 'mov']

/** Has a piece written, proves it and keeps it for this call and those that go on from here. */
async function made(
  piece: Piece,
  key: string,
  { shape, folder }: Rendering,
  write: (movie: string) => Promise<FfmpegEnd>,
): Promise<Rendered> {
  const movie = folder.file(`making-${key}-${randomBytes(4).toString('hex')}.mov`)
  try {
    await judge(movie, expectedOf([piece], shape), await write(movie), folder.target)
    await makeDurable(movie)
    const path = movieOf(folder, key)
    await rename(movie, path)
    const found = await probe(path)
    await writeNote(noteOf(folder, key), found.bytes)
    await disk.syncFolder(folder.path)
    return { path, found, reused: false }
  } finally {
    await rm(movie, { force: true })
  }
}

async function writeStrip(texts: readonly string[], source: string, shape: Shape) {
  const whole = sizeOf(shape)
  // A line of it takes a good twenty times its height.
  const textHeight = Math.max(6, Math.round(Math.min(whole.height / 30, whole.width / 24)))
  const { width, height, bytes } = clockStrip(texts, textHeight)
  await wholeFile(source, bytes)
  const size = `${width}x${height}`
  return { options: ['-f', 'rawvideo', '-pixel_format', 'gray', '-video_size', size, '-framerate', '1'], source }
}

async function writeNote(path: string, bytes: number): Promise<void> {
  await wholeFile(`${path}.new`, JSON.stringify({ bytes }))
  await makeDurable(`${path}.new`)
  await rename(`${path}.new`, path)
}

async function wholeFile(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    throw new DiskError(`Cannot write ${path}: the disk is full. Free some space and run again.`, {
      ...{ code: 'DISK_FULL', cause: error },
    })
  }
}

/** Exact: pictures and samples were counted when it was planned. */
function expectedOf(pieces: readonly Piece[], { frameRate }: Shape): Expected {
  const pictures = pieces.reduce((sum, piece) => sum + piece.pictures, 0)
  const samples = samplesOf(pieces, frameRate)
  return {
    frames: { atLeast: pictures, atMost: pictures },
    ...{ videoMs: (pictures * 1000) / frameRate, toleranceMs: 500 / frameRate, rotation: 0 },
    audio: pieces[0]!.sounds.length > 0 ? { atLeast: samples, atMost: samples } : undefined,
  }
}

function samplesOf(pieces: readonly Piece[], frameRate: number): number {
  return pieces.reduce((sum, { pictures }) => sum + Math.round((pictures * sampleRate) / frameRate), 0)
}

/** Pictures are copied; sound, which pieces hold uncompressed, is encoded in one go and so without a seam. */
async function join(
  pieces: readonly Piece[],
  done: readonly Rendered[],
  file: string,
  start: number | undefined,
  { shape, work, folder }: Rendering,
): Promise<Probe> {
  const { frameRate } = shape
  const parts = done.map(({ path }, index) => ({ path, untilNextMs: (pieces[index]!.pictures * 1000) / frameRate }))
  const list = await writeJoinList(parts, folder, 'pieces')
  const metadata = await writeMetadata(folder, 'pieces', start, [])
  const sound = pieces[0]!.sounds.length > 0
  const ended = await runFfmpeg(work.ffmpeg, {
    inputs: [
      { options: ['-f', 'concat', '-safe', '0'], source: list },
      { options: ['-f', 'ffmetadata'], source: metadata },
    ],
    options: [
      ...['-map', '0:v:0', ...(sound ? ['-map', '0:a:0', '-c:a', 'aac', '-b:a', '128k'] : []), '-c:v', 'copy'],
      ...['-map_metadata', '1', '-map_chapters', '-1', '-tag:v', done[0]!.found.video!.tag],
      ...['-movflags', '+faststart', '-f', 'mp4'],
    ],
    to: file,
    signal: work.signal,
  })
  const packets = Math.ceil(samplesOf(pieces, frameRate) / 1024)
  const expected = expectedOf(pieces, shape)
  const audio = sound ? { atLeast: packets, atMost: packets + 3 } : undefined
  return judge(file, { ...expected, audio }, ended, folder.target)
}
