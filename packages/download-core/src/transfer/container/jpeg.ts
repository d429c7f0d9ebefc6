import { type ByteSource, type ContainerReport, Cursor, Malformed, plausible } from './report.ts'

/** Walks a JPEG from SOI over its segments and scans to EOI. Zeros and line ends behind EOI are let pass. */
export async function readJpeg(source: ByteSource): Promise<ContainerReport> {
  const cursor = new Cursor(source)
  const size: { width?: number; height?: number } = {}
  const report = (rest: { problem?: string; missing?: boolean; exactBytes?: number }): ContainerReport => ({
    format: 'jpeg',
    complete: rest.problem === undefined,
    missing: rest.missing ?? false,
    openEnded: false,
    facts: plausible({ ...size, codec: 'jpeg' }),
    ...(rest.problem === undefined ? {} : { problem: rest.problem }),
    ...(rest.exactBytes === undefined ? {} : { exactBytes: rest.exactBytes }),
  })
  try {
    let at = 2
    for (;;) {
      const [lead, marker] = await cursor.at(at, 2)
      if (lead !== 0xff) return report({ problem: `no marker at ${at}` })
      if (marker === 0xff) {
        at += 1
        continue
      }
      at += 2
      if (marker === 0xd9) break
      if (marker === 0x01 || (marker! >= 0xd0 && marker! <= 0xd8)) continue
      const [high, low] = await cursor.at(at, 2)
      const length = high! * 256 + low!
      if (length < 2) return report({ problem: `a segment of ${length} bytes at ${at}` })
      if (isFrameHeader(marker!) && length >= 8) {
        const frame = await cursor.at(at, 7)
        size.height = frame[3]! * 256 + frame[4]!
        size.width = frame[5]! * 256 + frame[6]!
      }
      at += length
      if (marker === 0xda) at = await endOfScan(cursor, source.size, at)
    }
    const trailing = await firstNonBlank(source, at)
    return trailing === undefined
      ? report({ exactBytes: at })
      : report({ problem: `${source.size - at} bytes after the end of the picture`, exactBytes: at })
  } catch (error) {
    if (error instanceof Malformed) return report({ problem: 'the picture has no end', missing: true })
    throw error
  }
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** Position of the next real marker in entropy-coded data, where FF is followed by 00 or a restart number. */
async function endOfScan(cursor: Cursor, fileSize: number, from: number): Promise<number> {
  for (let at = from; at < fileSize; ) {
    const block = await cursor.at(at, Math.min(4096, fileSize - at))
    for (let i = block.indexOf(0xff); i !== -1 && i + 1 < block.length; i = block.indexOf(0xff, i + 1)) {
      const next = block[i + 1]!
      if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at + i
    }
    if (block.length === 1) break
    at += block.length - 1
  }
  throw new Malformed('the scan has no end')
}

async function firstNonBlank(source: ByteSource, from: number): Promise<number | undefined> {
  for (let at = from; at < source.size; ) {
    const block = await source.read(at, 65_536)
    if (block.length === 0) break
    const found = block.findIndex((byte) => byte !== 0 && byte !== 0x0a && byte !== 0x0d)
    if (found !== -1) return at + found
    at += block.length
  }
  return undefined
}
