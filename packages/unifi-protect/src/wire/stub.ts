/** Shorter than this no video is: consoles of 2022 answered an empty range with an MP4 of 290 bytes. PROTOCOL.md §3.1. */
export const stubBytes = 300

const folders = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl'])

/**
 * Whether these bytes are a whole MP4 without one picture. A video that broke off is not that: its boxes do not end where it
 * ends, or it has no list of pictures at all.
 */
export function isEmptyMovie(bytes: Uint8Array): boolean {
  if (bytes.length >= stubBytes) return false
  const boxes = boxesIn(bytes, 0, bytes.length)
  if (boxes?.[0]?.type !== 'ftyp') return false
  if (!boxes.some(({ type }) => type === 'moov')) return false
  return (
    !boxes.some(({ type, start, end }) => type === 'moof' || (type === 'mdat' && end > start)) &&
    !hasSamples(bytes, boxes)
  )
}

interface Box {
  readonly type: string
  /** Of its content. */
  readonly start: number
  readonly end: number
}

/** The boxes that fill a stretch exactly, or undefined where they do not. */
function boxesIn(bytes: Uint8Array, from: number, to: number): Box[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const boxes: Box[] = []
  let position = from
  while (position < to) {
    if (position + 8 > to) return undefined
    const size = view.getUint32(position)
    const wide = size === 1
    if (wide && position + 16 > to) return undefined
    const length = wide ? Number(view.getBigUint64(position + 8)) : size
    const head = wide ? 16 : 8
    if (length < head || position + length > to) return undefined
    const type = String.fromCharCode(...bytes.subarray(position + 4, position + 8))
    boxes.push({ type, start: position + head, end: position + length })
    position += length
  }
  return boxes
}

/** A list of sizes that counts at least one, however deep; a box that cannot be read counts as one. */
function hasSamples(bytes: Uint8Array, boxes: readonly Box[]): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return boxes.some(({ type, start, end }) => {
    if (type === 'stsz' || type === 'stz2') return end - start < 12 || view.getUint32(start + 8) > 0
    if (!folders.has(type)) return false
    const inner = boxesIn(bytes, start, end)
    return inner === undefined || hasSamples(bytes, inner)
  })
}
