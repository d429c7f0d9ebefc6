/** What an FLV says about itself, read tag by tag. */
export interface FlvFacts {
  readonly flags: number
  readonly metaData: Readonly<Record<string, number | boolean>>
  /** Milliseconds, of the pictures. */
  readonly times: readonly number[]
  /** Which of them are key pictures. */
  readonly keys: readonly number[]
  /** The moments of the key pictures, as their notes say. */
  readonly shows: readonly string[]
}

/** Reads it; throws where a tag does not end where it should. */
export function readFlv(bytes: Buffer): FlvFacts {
  if (bytes.toString('latin1', 0, 4) !== 'FLV\x01') throw new Error('no FLV')
  const [times, keys, shows]: [number[], number[], string[]] = [[], [], []]
  let metaData: Record<string, number | boolean> = {}
  for (let at = 13; at < bytes.length; ) {
    const [type, size] = [bytes[at]!, bytes.readUIntBE(at + 1, 3)]
    const time = bytes.readUIntBE(at + 4, 3) + bytes[at + 7]! * 2 ** 24
    const body = bytes.subarray(at + 11, at + 11 + size)
    if (bytes.readUInt32BE(at + 11 + size) !== 11 + size) throw new Error(`a tag at ${at} does not end`)
    if (type === 18) metaData = readMetaData(body)
    if (type === 9 && body[1] === 1) {
      if (body[0] === 0x17) {
        keys.push(times.length)
        shows.push(body.toString('latin1').match(/\d{4}-\d\d-\d\dT[\d:.]+Z/)?.[0] ?? '')
      }
      times.push(time)
    }
    at += 11 + size + 4
  }
  return { flags: bytes[4]!, metaData, times, keys, shows }
}

function readMetaData(body: Buffer): Record<string, number | boolean> {
  if (body.toString('latin1', 0, 13) !== '\x02\x00\x0aonMetaData') throw new Error('no onMetaData')
  const values: Record<string, number | boolean> = {}
  let at = 18
  for (let left = body.readUInt32BE(14); left > 0; left--) {
    const name = body.toString('latin1', at + 2, at + 2 + body.readUInt16BE(at))
    at += 2 + name.length
    values[name] = body[at] === 0 ? body.readDoubleBE(at + 1) : body[at + 1] === 1
    at += body[at] === 0 ? 9 : 2
  }
  if (body.readUIntBE(at, 3) !== 9 || at + 3 !== body.length) throw new Error('onMetaData does not end')
  return values
}
