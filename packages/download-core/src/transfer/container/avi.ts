import { type ByteSource, type ContainerReport, Cursor, fourCc, Malformed, plausible, u32le } from './report.ts'

const hasIndexFlag = 0x10
const mostChunks = 100_000
/** Left behind by writers that could not go back to fill the size in. */
const unknownSize = 0xffff_fff0
/** Where the list of pictures begins in the time lapses of Axis cameras, whatever sizes the lists before it state. */
const fixedListAt = 228

interface Header {
  frames?: number
  microsecondsPerFrame?: number
  flags?: number
  streams?: number
  width?: number
  height?: number
  codec?: string
}

/**
 * Walks an AVI over its top-level chunks: header, pictures, index, and the further RIFF parts of large files. The pictures
 * themselves are stepped over by the size their list states: some cameras pad them to 4 bytes where RIFF says 2, and state a
 * RIFF size that is 16 too big, both of which players accept and so do we.
 */
export async function readAvi(source: ByteSource): Promise<ContainerReport> {
  const cursor = new Cursor(source, 4096)
  const header: Header = {}
  let problem: string | undefined
  let missing = false
  let exactBytes: number | undefined
  let index = false
  let empty = false
  const gone = (text: string) => {
    missing = true
    problem ??= text
  }
  try {
    const riffBytes = u32le(await cursor.at(0, 8), 4)
    let movi: { readonly end: number } | undefined
    let at = 12
    if (await isFixedLayout(cursor, source.size)) {
      await readHeader(cursor, 24, fixedListAt, header)
      at = fixedListAt
    }
    for (let chunks = 0; at < source.size; chunks++) {
      if (chunks >= mostChunks) throw new Malformed(`more than ${mostChunks} chunks`)
      if (source.size - at < 8) {
        problem ??= `${source.size - at} stray bytes at the end`
        break
      }
      const head = await cursor.at(at, 8)
      const id = fourCc(head, 0)
      const bytes = u32le(head, 4)
      const end = at + 8 + bytes
      if (bytes >= unknownSize) {
        problem ??= `the size of the ${id} chunk at ${at} was never filled in`
        break
      }
      if (id === 'RIFF') {
        // A further part of a large file; its chunks lie on the same level for us.
        at += 12
        continue
      }
      if (!/^[\x20-\x7e]{4}$/.test(id)) {
        problem ??= `no chunk at ${at}`
        break
      }
      const list = id === 'LIST' && bytes >= 4 ? fourCc(await cursor.at(at + 8, 4), 0) : undefined
      if (list === 'hdrl') await readHeader(cursor, at + 12, Math.min(end, source.size), header)
      if (id === 'idx1') index = true
      if (list === 'movi' && movi === undefined) {
        movi = { end }
        empty = bytes <= 4
        if (bytes <= 4 && (header.frames ?? 0) > 0) gone('the header speaks of pictures, the list of pictures is empty')
        if (header.streams === 1 && (header.frames ?? 0) > 0 && indexed(header, riffBytes, end)) {
          exactBytes = end + (end % 2) + 8 + 16 * header.frames!
        }
      }
      if (end > source.size) {
        gone(`the ${list ?? id} chunk at ${at} reaches ${end - source.size} bytes behind the end of the file`)
        break
      }
      at = end + (bytes % 2)
    }
    if (movi === undefined && problem === undefined) gone('it holds no pictures')
    if (!index && problem === undefined && ((header.flags ?? 0) & hasIndexFlag) !== 0) gone('the index is missing')
    if (riffBytes < unknownSize && riffBytes + 8 > source.size + 16)
      gone(`its header speaks of ${riffBytes + 8} bytes, the file has ${source.size}`)
    if ((header.frames ?? 0) === 0) problem ??= 'the header was never finished: it counts no pictures'
    // Other writers index sound and lists too; only where the walk agrees is the length exact.
    if (exactBytes !== undefined && !missing && exactBytes !== source.size) exactBytes = undefined
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    gone(error.message)
  }
  const duration = ((header.frames ?? 0) * (header.microsecondsPerFrame ?? 0)) / 1000
  const { frames, width, height, codec } = header
  return {
    format: 'avi',
    complete: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    missing,
    openEnded: false,
    facts: plausible({ durationMs: duration, width, height, codec, frames }),
    ...(exactBytes === undefined ? {} : { exactBytes }),
    ...(empty && !missing ? { empty: true as const } : {}),
    ...(duration > 0 ? { samplesEndMs: Math.round(duration) } : {}),
  }
}

async function isFixedLayout(cursor: Cursor, fileSize: number): Promise<boolean> {
  if (fileSize < fixedListAt + 12) return false
  const list = await cursor.at(fixedListAt, 12)
  return fourCc(list, 0) === 'LIST' && fourCc(list, 8) === 'movi'
}

/** Whether an index with one entry per picture follows: by its flag, or because the RIFF size leaves exactly that room. */
function indexed(header: Header, riffBytes: number, moviEnd: number): boolean {
  if (((header.flags ?? 0) & hasIndexFlag) !== 0) return true
  const room = riffBytes + 8 - (moviEnd + 8 + 16 * header.frames!)
  return room === 0 || room === 16
}

async function readHeader(cursor: Cursor, from: number, end: number, header: Header): Promise<void> {
  let video = false
  let at = from
  for (let chunks = 0; at + 8 <= end && chunks < 1000; chunks++) {
    const head = await cursor.at(at, 8)
    const id = fourCc(head, 0)
    const bytes = u32le(head, 4)
    if (id === 'LIST') {
      at += 12
      continue
    }
    if (id === 'avih' && bytes >= 40 && at + 48 <= end) {
      const avih = await cursor.at(at + 8, 40)
      header.microsecondsPerFrame = u32le(avih, 0)
      header.flags = u32le(avih, 12)
      header.frames = u32le(avih, 16)
      header.streams = u32le(avih, 24)
      header.width = u32le(avih, 32)
      header.height = u32le(avih, 36)
    } else if (id === 'strh' && bytes >= 8 && at + 16 <= end) {
      const strh = await cursor.at(at + 8, 8)
      video = fourCc(strh, 0) === 'vids'
      if (video) header.codec ??= fourCc(strh, 4)
    } else if (id === 'dmlh' && bytes >= 4 && at + 12 <= end) {
      // Files of several RIFF parts count all their pictures here, and only those of the first part in avih.
      header.frames = Math.max(header.frames ?? 0, u32le(await cursor.at(at + 8, 4), 0))
    }
    at += 8 + bytes + (bytes % 2)
  }
}
