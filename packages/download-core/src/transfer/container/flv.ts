import { metadataNumbers } from './flv-metadata.ts'
import { type ByteSource, type ContainerReport, Cursor, fourCc, Malformed, plausible, u32 } from './report.ts'

const codecs: Record<number, string> = { 2: 'h263', 3: 'screen', 4: 'vp6', 5: 'vp6a', 7: 'h264', 12: 'h265' }
const headerBytes = 11
const nothing = 'it holds no picture and no sound'

/**
 * Walks an FLV tag by tag, each with the size that has to follow it. FLV has no end mark: a file cut between two tags looks
 * whole, so that `samplesEndMs` has to be compared with what was asked for.
 */
export async function readFlv(source: ByteSource): Promise<ContainerReport> {
  const cursor = new Cursor(source, 8192)
  let problem: string | undefined
  let missing = false
  let first: number | undefined
  let last = 0
  let frames = 0
  let firstFrame: number | undefined
  let lastFrame = 0
  let codec: string | undefined
  let numbers: Readonly<Record<string, number>> = {}
  try {
    const header = await cursor.at(0, 9)
    let at = u32(header, 5)
    if (at < 9) throw new Malformed(`a header of ${at} bytes`)
    at += 4
    while (at < source.size) {
      const tag = await cursor.at(at, headerBytes)
      const type = tag[0]! & 0x1f
      const bytes = (tag[1]! << 16) | (tag[2]! << 8) | tag[3]!
      const time = ((tag[7]! << 24) | (tag[4]! << 16) | (tag[5]! << 8) | tag[6]!) >>> 0
      const end = at + headerBytes + bytes
      if (end + 4 > source.size) throw new Malformed(`the tag at ${at} is cut`)
      if (type === 9 && bytes > 0) {
        const body = await cursor.at(at + headerBytes, Math.min(bytes, 5))
        if (isFrame(body)) {
          frames++
          firstFrame ??= time
          lastFrame = Math.max(lastFrame, time)
        }
        codec ??= body[0]! & 0x80 ? (body.length === 5 ? fourCc(body, 1) : undefined) : codecs[body[0]! & 15]
      }
      if (type === 8 || type === 9) {
        first = Math.min(first ?? time, time)
        last = Math.max(last, time)
      } else if (type === 18) {
        if (bytes <= 65_536) numbers = { ...numbers, ...metadataNumbers(await cursor.at(at + headerBytes, bytes)) }
      } else {
        problem ??= `an unknown tag of type ${type} at ${at}`
        break
      }
      if ((await cursor.u32(end)) !== bytes + headerBytes)
        problem ??= `the sizes around the tag at ${at} contradict each other`
      at = end + 4
    }
    if (first === undefined) problem ??= nothing
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    missing = true
    problem = `it ends inside a tag: ${error.message}`
  }
  const span = first === undefined ? undefined : last - first
  // The last picture stays on for as long as the ones before it did.
  const perFrame = frames > 1 && firstFrame !== undefined ? (lastFrame - firstFrame) / (frames - 1) : 0
  const samplesEndMs = span === undefined ? undefined : Math.round(span + perFrame)
  return {
    format: 'flv',
    complete: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    missing,
    openEnded: true,
    facts: plausible({ durationMs: samplesEndMs, width: numbers.width, height: numbers.height, frames, codec }),
    ...(first === undefined && !missing && problem === nothing ? { empty: true as const } : {}),
    ...(samplesEndMs === undefined ? {} : { samplesEndMs }),
  }
}

/** Sequence headers and end marks carry no picture. */
function isFrame(body: Uint8Array): boolean {
  const first = body[0]!
  if (first & 0x80) return (first & 15) === 1 || (first & 15) === 3
  const codecId = first & 15
  return codecId === 7 || codecId === 12 ? body[1] === 1 : true
}
