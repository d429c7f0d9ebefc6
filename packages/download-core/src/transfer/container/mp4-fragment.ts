import { type Box, children } from './mp4-boxes.ts'
import type { Movie } from './mp4-movie.ts'
import { type Cursor, Malformed, u32, u64 } from './report.ts'

/** By track id, in the track's own units: when its first sample begins and its last ends. */
export type Timeline = Map<number, { first: number; last: number; samples: number }>

interface Header {
  track: number
  baseOffset: number
  defaultDuration: number
  defaultSize: number
}

/** Reads one moof: carries its times into `timeline`, returns how far into the file its samples reach. Throws Malformed. */
export async function readFragment(
  cursor: Cursor,
  moof: Box,
  movie: Movie | undefined,
  timeline: Timeline,
): Promise<number> {
  let furthest = 0
  for await (const traf of children(cursor, moof)) {
    if (traf.type !== 'traf') continue
    let header: Header | undefined
    let time: number | undefined
    let next: number | undefined
    for await (const box of children(cursor, traf)) {
      if (box.type === 'tfhd') header = await readHeader(cursor, box, moof, movie)
      else if (box.type === 'tfdt') {
        const body = await cursor.at(box.body, Math.min(12, box.end - box.body))
        time = body[0] === 1 && body.length >= 12 ? u64(body, 4) : u32(body, 4)
      } else if (box.type === 'trun') {
        if (!header) throw new Malformed(`samples before their header at ${box.start}`)
        if (header.track > 0 && !timeline.has(header.track) && timeline.size >= 64)
          throw new Malformed('too many tracks')
        const known = timeline.get(header.track)
        time ??= known?.last ?? 0
        const run = await readRun(cursor, box, header, next ?? header.baseOffset)
        next = run.end
        furthest = Math.max(furthest, run.end)
        timeline.set(header.track, {
          first: Math.min(known?.first ?? time, time),
          last: Math.max(known?.last ?? 0, time + run.duration),
          samples: (known?.samples ?? 0) + run.samples,
        })
        time += run.duration
      }
    }
  }
  return furthest
}

async function readHeader(cursor: Cursor, box: Box, moof: Box, movie: Movie | undefined): Promise<Header> {
  const body = await cursor.at(box.body, Math.min(48, box.end - box.body))
  if (body.length < 8) throw new Malformed(`the tfhd box at ${box.start} is too small`)
  const flags = u32(body, 0) & 0xffffff
  const track = u32(body, 4)
  let at = 8
  const take = (flag: number, bytes: number): number | undefined => {
    if ((flags & flag) === 0) return undefined
    if (at + bytes > body.length) throw new Malformed(`the tfhd box at ${box.start} is too small`)
    const value = bytes === 8 ? u64(body, at) : u32(body, at)
    at += bytes
    return value
  }
  const baseOffset = take(0x1, 8) ?? moof.start
  take(0x2, 4)
  const defaultDuration = take(0x8, 4) ?? movie?.defaults.get(track)?.duration ?? 0
  const defaultSize = take(0x10, 4) ?? movie?.defaults.get(track)?.size ?? 0
  return { track, baseOffset, defaultDuration, defaultSize }
}

async function readRun(cursor: Cursor, box: Box, header: Header, from: number) {
  const head = await cursor.at(box.body, 8)
  const flags = u32(head, 0) & 0xffffff
  const samples = u32(head, 4)
  let at = box.body + 8
  let offset = from
  if (flags & 0x1) {
    offset = header.baseOffset + ((await cursor.u32(at)) | 0)
    at += 4
  }
  if (flags & 0x4) at += 4
  const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag)
  const stride = fields.length * 4
  if (at + samples * stride > box.end) throw new Malformed(`the trun box at ${box.start} is too small`)
  const ownDuration = (flags & 0x100) !== 0
  const ownSize = (flags & 0x200) !== 0
  let duration = ownDuration ? 0 : samples * header.defaultDuration
  let bytes = ownSize ? 0 : samples * header.defaultSize
  if (ownDuration || ownSize) {
    for (let i = 0; i < samples; i++) {
      const row = at + i * stride
      if (ownDuration) duration += await cursor.u32(row)
      if (ownSize) bytes += await cursor.u32(row + (ownDuration ? 4 : 0))
    }
  }
  return { samples, duration, end: offset + bytes }
}
