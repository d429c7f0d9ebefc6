import { type Cursor, fourCc, Malformed, u32, u64 } from './report.ts'

/** A box: `start` … `body` … `end`. `end` may lie behind the end of the file where that is cut. */
export interface Box {
  readonly type: string
  readonly start: number
  readonly body: number
  readonly end: number
}

/** The file ends inside a box's own header. */
export class CutBox extends Malformed {}

const mostBoxes = 20_000_000

/** The boxes between two positions, one after the other. Throws Malformed where the bytes are no box. */
export async function* boxes(cursor: Cursor, from: number, to: number): AsyncGenerator<Box> {
  let at = from
  for (let count = 0; at < to; count++) {
    if (count >= mostBoxes) throw new Malformed(`more than ${mostBoxes} boxes`)
    if (to - at < 8) throw new CutBox(`${to - at} stray bytes at ${at}`)
    const head = await cursor.at(at, 8)
    const type = fourCc(head, 4)
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) throw new Malformed(`no box at ${at}`)
    let bytes = u32(head, 0)
    let body = at + 8
    if (bytes === 1) {
      if (to - at < 16) throw new CutBox(`${to - at} stray bytes at ${at}`)
      bytes = u64(await cursor.at(at + 8, 8), 0)
      body = at + 16
    } else if (bytes === 0) {
      bytes = to - at
    }
    if (bytes < body - at) throw new Malformed(`the ${type} box at ${at} states ${bytes} bytes`)
    const end = at + bytes
    yield { type, start: at, body, end }
    at = end
  }
}

/** The boxes inside another, none of which may reach out of it. */
export async function* children(cursor: Cursor, parent: Box, skip = 0): AsyncGenerator<Box> {
  for await (const box of boxes(cursor, parent.body + skip, parent.end)) {
    if (box.end > parent.end) throw new Malformed(`the ${box.type} box at ${box.start} reaches out of ${parent.type}`)
    yield box
  }
}
