import type { H264Stream } from './h264.ts'

/** How an FLV with H.264 and no sound begins: header, `onMetaData`, the decoder's configuration. */
export function flvStart(
  { sps, pps }: Pick<H264Stream, 'sps' | 'pps'>,
  facts: Readonly<Record<string, number | boolean>>,
): Buffer {
  const configuration = Buffer.concat([
    Buffer.from([0x17, 0, 0, 0, 0, 1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1, sps.length >> 8, sps.length & 255]),
    sps,
    Buffer.from([1, pps.length >> 8, pps.length & 255]),
    pps,
  ])
  return Buffer.concat([
    Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0]),
    tag(18, 0, metaData(facts)),
    tag(9, 0, configuration),
  ])
}

/** A tag of 11 bytes and its content, followed by the size of both. */
export function tag(type: number, timeMs: number, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(11 + content.length + 4)
  bytes[0] = type
  bytes.writeUIntBE(content.length, 1, 3)
  bytes.writeUIntBE(timeMs & 0xffffff, 4, 3)
  bytes[7] = (timeMs >>> 24) & 255
  bytes.set(content, 11)
  bytes.writeUInt32BE(11 + content.length, 11 + content.length)
  return bytes
}

function metaData(values: Readonly<Record<string, number | boolean>>): Buffer {
  const entries = Object.entries(values).map(([name, value]) => {
    const bytes = Buffer.alloc(2 + name.length + (typeof value === 'number' ? 9 : 2))
    bytes.writeUInt16BE(name.length)
    bytes.write(name, 2, 'latin1')
    bytes[2 + name.length] = typeof value === 'number' ? 0 : 1
    if (typeof value === 'number') bytes.writeDoubleBE(value, 2 + name.length + 1)
    else bytes[2 + name.length + 1] = value ? 1 : 0
    return bytes
  })
  const count = Buffer.alloc(5)
  count[0] = 8
  count.writeUInt32BE(entries.length, 1)
  return Buffer.concat([Buffer.from('\x02\x00\x0aonMetaData', 'latin1'), count, ...entries, Buffer.from([0, 0, 9])])
}
