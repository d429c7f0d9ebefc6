/** What an MP4 says about itself, read box by box. */
export interface FilmFacts {
  /** The boxes of the file, in order. */
  readonly boxes: readonly string[]
  readonly width: number
  readonly height: number
  readonly pictures: number
  readonly keyPictures: number
  /** Seconds. */
  readonly duration: number
  /** Seconds of nothing before the first picture, by an edit list. */
  readonly lead: number
  /** Seconds between two pictures, where it is not one second: [after so many pictures, seconds]. */
  readonly holes: readonly (readonly [after: number, seconds: number])[]
  /** Epoch milliseconds; undefined where the header says 0. */
  readonly createdAt?: number
  /** The moments of the key pictures, as their notes say. */
  readonly shows: readonly string[]
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts'])

/** Reads it; throws where boxes do not fill the file or samples do not fill the data. */
export function readFilm(bytes: Buffer): FilmFacts {
  const found = new Map<string, Buffer>()
  const top: string[] = []
  walk(bytes, (type, body, depth) => {
    found.set(type, body)
    if (depth === 0) top.push(type)
  })
  const of = (type: string) => {
    const body = found.get(type)
    if (!body) throw new Error(`no ${type}`)
    return body
  }
  const [mvhd, stts, stsz, stss, stsd] = ['mvhd', 'stts', 'stsz', 'stss', 'stsd'].map(of) as [
    Buffer,
    ...[Buffer, Buffer, Buffer, Buffer],
  ]
  const pictures = stsz.readUInt32BE(8)
  const sizes = Array.from({ length: pictures }, (_, index) => stsz.readUInt32BE(12 + 4 * index))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total !== of('mdat').length) throw new Error(`samples of ${total} bytes in ${of('mdat').length}`)
  const holes: [number, number][] = []
  let counted = 0
  for (let run = 0; run < stts.readUInt32BE(4); run++) {
    const [count, ticks] = [stts.readUInt32BE(8 + 8 * run), stts.readUInt32BE(12 + 8 * run)]
    counted += count
    if (ticks !== 1000) holes.push([counted, ticks / 1000])
  }
  if (counted !== pictures) throw new Error(`times of ${counted} samples for ${pictures}`)
  const keys = Array.from({ length: stss.readUInt32BE(4) }, (_, index) => stss.readUInt32BE(8 + 4 * index) - 1)
  const starts = new Map<number, number>()
  let at = 0
  sizes.forEach((size, index) => {
    starts.set(index, at)
    at += size
  })
  const made = mvhd.readUInt32BE(4)
  return {
    boxes: top,
    ...{ width: stsd.readUInt16BE(8 + 8 + 24), height: stsd.readUInt16BE(8 + 8 + 26) },
    ...{ pictures, keyPictures: keys.length, holes },
    duration: mvhd.readUInt32BE(16) / mvhd.readUInt32BE(12),
    lead: found.has('elst') ? of('elst').readUInt32BE(8) / 1000 : 0,
    ...(made === 0 ? {} : { createdAt: (made - 2_082_844_800) * 1000 }),
    shows: keys.map((key) => of('mdat').toString('latin1', starts.get(key)! + 23, starts.get(key)! + 47)),
  }
}

function walk(bytes: Buffer, visit: (type: string, body: Buffer, depth: number) => void, depth = 0): void {
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (size < 8 || at + size > bytes.length) throw new Error(`box ${type} of ${size} bytes at ${at}`)
    const body = bytes.subarray(at + 8, at + size)
    visit(type, body, depth)
    if (containers.has(type)) walk(body, visit, depth + 1)
    at += size
  }
}
