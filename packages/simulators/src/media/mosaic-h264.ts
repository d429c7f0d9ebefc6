import { Bits } from './bits.ts'

/** Colours of H.264 blocks in steps that a decoder reproduces exactly: brightness 128 + 10·y, chroma 128 + 7·cb and 7·cr. */
export interface BlockColour {
  readonly y: number
  readonly cb: number
  readonly cr: number
}

/** Which cell a 16×16 block belongs to, in rows of blocks; the blocks of a cell form a rectangle. */
export interface CellMap {
  readonly columns: number
  readonly rows: number
  /** Cell of each block, row by row. */
  readonly cells: readonly number[]
}

/** The colour of each cell. */
export type Mosaic = readonly BlockColour[]

const same = (a: BlockColour, b: BlockColour) => a.y === b.y && a.cb === b.cb && a.cr === b.cr

/** A key picture of flat cells, with its length before it. `id` 0 or 1 tells neighbouring key pictures apart. */
export function keyPicture(map: CellMap, mosaic: Mosaic, id: number): Buffer {
  const bits = new Bits()
  bits.golomb(0) // first block
  bits.golomb(7) // I, like all slices of the picture
  bits.golomb(0) // picture parameter set
  bits.put(0, 4) // frame_num
  bits.golomb(id & 1) // idr_pic_id
  bits.put(0, 2) // no long-term reference
  endOfHeader(bits)
  for (let block = 0; block < map.cells.length; block++) putBlock(bits, map, mosaic, block, 0)
  return unit([0x65, ...bits.end()])
}

/** A picture that repeats the one before, but for the cells whose colour changed. `number` counts from the key picture. */
export function nextPicture(map: CellMap, before: Mosaic, mosaic: Mosaic, number: number): Buffer {
  const bits = new Bits()
  bits.golomb(0)
  bits.golomb(5) // P
  bits.golomb(0)
  bits.put(number & 15, 4) // frame_num
  bits.put(0, 3) // default references, in the default order, and no marking
  endOfHeader(bits)
  let skipped = 0
  for (let block = 0; block < map.cells.length; block++) {
    const cell = map.cells[block]!
    if (same(before[cell]!, mosaic[cell]!)) {
      skipped++
      continue
    }
    bits.golomb(skipped)
    skipped = 0
    putBlock(bits, map, mosaic, block, 5)
  }
  if (skipped > 0) bits.golomb(skipped)
  return unit([0x21, ...bits.end()])
}

function endOfHeader(bits: Bits): void {
  bits.golomb(43) // slice_qp_delta +22: quantiser 48, where one step is 10 of brightness and 7 of chroma
  bits.golomb(1) // no deblocking
}

const predictions = { above: 0, left: 1, none: 2 } as const
/** intra_chroma_pred_mode has another order. */
const chromaPredictions = { none: 0, left: 1, above: 2 } as const
const grey: BlockColour = { y: 0, cb: 0, cr: 0 }

/** A flat Intra16x16 block: as its neighbour is, plus one DC coefficient for each plane that differs. */
function putBlock(bits: Bits, map: CellMap, mosaic: Mosaic, block: number, firstType: number): void {
  const { columns, cells } = map
  const cell = cells[block]!
  const left = block % columns === 0 ? undefined : cells[block - 1]
  const above = cells[block - columns]
  const from =
    left === cell
      ? 'left'
      : above === cell
        ? 'above'
        : left !== undefined
          ? 'left'
          : above !== undefined
            ? 'above'
            : 'none'
  const wanted = mosaic[cell]!
  const neighbour = { left, above, none: undefined }[from]
  const predicted = neighbour === undefined ? grey : mosaic[neighbour]!
  const [cb, cr] = [wanted.cb - predicted.cb, wanted.cr - predicted.cr]
  const hasChroma = cb !== 0 || cr !== 0
  bits.golomb(firstType + 1 + predictions[from] + (hasChroma ? 4 : 0))
  bits.golomb(chromaPredictions[from])
  bits.golomb(0) // same quantiser
  putLevel(bits, wanted.y - predicted.y, brightnessTokens)
  if (!hasChroma) return
  putLevel(bits, cb, chromaTokens)
  putLevel(bits, cr, chromaTokens)
}

/** coeff_token for no coefficient, for one of ±1, and for one that is larger: code and length. */
type Tokens = readonly [none: Code, one: Code, larger: Code]
type Code = readonly [code: number, length: number]
const brightnessTokens: Tokens = [
  [1, 1],
  [1, 2],
  [5, 6],
]
const chromaTokens: Tokens = [
  [1, 2],
  [1, 1],
  [7, 6],
]

/** A list of coefficients of which only the first may be other than 0. */
function putLevel(bits: Bits, level: number, tokens: Tokens): void {
  const size = Math.abs(level)
  bits.put(...tokens[Math.min(size, 2)]!)
  if (size === 0) return
  const sign = level < 0 ? 1 : 0
  if (size === 1) bits.put(sign, 1)
  else {
    const code = 2 * (size - 2) + sign
    if (code < 14) bits.put(1, code + 1)
    else if (code < 30) {
      bits.put(1, 15)
      bits.put(code - 14, 4)
    } else {
      bits.put(1, 16)
      bits.put(code - 30, 12)
    }
  }
  bits.put(1, 1) // total_zeros: none before it
}

/** User data that decoders ignore, with its length before it: at most 238 bytes of text. */
export function note(text: string): Buffer {
  const content = Buffer.concat([noteId, Buffer.from(text, 'latin1')])
  return unit([0x06, 0x05, content.length, ...content, 0x80])
}

const noteId = Buffer.from('0d6ab7d1f2c84c5e9a3e84b1c7f65d20', 'hex')

/** Keeps what looks like a start code from standing in a unit, and puts the length before it, as MP4 stores it. */
function unit(bytes: readonly number[]): Buffer {
  const escaped: number[] = []
  let zeros = 0
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      escaped.push(3)
      zeros = 0
    }
    escaped.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  const head = Buffer.alloc(4)
  head.writeUInt32BE(escaped.length)
  return Buffer.concat([head, Buffer.from(escaped)])
}
