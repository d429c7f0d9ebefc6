const mostPairs = 256
const deepest = 4

/** The numbers of an `onMetaData` tag by name (AMF0). Stops silently where it cannot read on: they are only facts. */
export function metadataNumbers(body: Uint8Array): Readonly<Record<string, number>> {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const found: Record<string, number> = {}
  let pairs = 0

  function name(at: number): { readonly text: string; readonly end: number } {
    const length = view.getUint16(at)
    if (at + 2 + length > body.length) throw new RangeError('cut')
    return { text: String.fromCharCode(...body.subarray(at + 2, at + 2 + Math.min(length, 64))), end: at + 2 + length }
  }

  function properties(from: number, depth: number): number {
    let at = from
    for (;;) {
      if (++pairs > mostPairs || depth > deepest) throw new RangeError('too much')
      const key = name(at)
      at = key.end
      if (key.text === '' && view.getUint8(at) === 9) return at + 1
      if (depth === 0 && view.getUint8(at) === 0) found[key.text] = view.getFloat64(at + 1)
      at = value(at, depth)
    }
  }

  function value(at: number, depth: number): number {
    switch (view.getUint8(at)) {
      case 0:
        return at + 9
      case 1:
        return at + 2
      case 2:
        return name(at + 1).end
      case 3:
        return properties(at + 1, depth + 1)
      case 5:
      case 6:
        return at + 1
      case 8:
        return properties(at + 5, depth + 1)
      case 10: {
        const count = view.getUint32(at + 1)
        let end = at + 5
        for (let i = 0; i < count; i++) {
          if (++pairs > mostPairs || depth > deepest) throw new RangeError('too much')
          end = value(end, depth + 1)
        }
        return end
      }
      case 11:
        return at + 11
      case 12:
        return at + 5 + view.getUint32(at + 1)
      default:
        throw new RangeError('unknown')
    }
  }

  try {
    if (view.getUint8(0) === 2) {
      const title = name(1)
      const kind = view.getUint8(title.end)
      if (kind === 8) properties(title.end + 5, 0)
      else if (kind === 3) properties(title.end + 1, 0)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return found
}
