import type { Mp4Track } from '@cam/download-core/media'

/** What a decoder has to be set up with, read out of a sample entry. */
export interface CodecParameters {
  /** `h264`, `hevc`, `mjpeg`, `aac` …; the container's own name where it is none of the known. */
  readonly codec: string
  /** As its standard numbers it: H.264 100 is High, AAC 2 is LC. */
  readonly profile?: number
  /** As its standard numbers it: H.264 40 is 4.0. */
  readonly level?: number
  /** The whole set-up as hexadecimal digits: two streams with the same can follow each other in one track. */
  readonly configuration: string
  /** Where the set-up of sound tells: many writers put 2 into the container whatever there is. */
  readonly channels?: number
  readonly sampleRate?: number
}

const codecs: Readonly<Record<string, string>> = {
  avc1: 'h264',
  avc3: 'h264',
  hvc1: 'hevc',
  hev1: 'hevc',
  mp4v: 'mpeg4',
  av01: 'av1',
  vp09: 'vp9',
  jpeg: 'mjpeg',
  mp4a: 'aac',
  Opus: 'opus',
  sowt: 'pcm',
  twos: 'pcm',
  lpcm: 'pcm',
  ipcm: 'pcm',
  alac: 'alac',
  'ac-3': 'ac3',
  '.mp3': 'mp3',
}

/** Boxes that say something about bit rates or colours, not about how to decode. */
const unimportant = new Set(['btrt', 'pasp', 'colr', 'fiel', 'gama', 'clap', 'chan', 'chnl'])

/** Of an MP4 track. */
export function codecParameters(track: Mp4Track): CodecParameters {
  const codec = codecs[track.codec] ?? track.codec
  const avcC = track.setup.get('avcC')
  if (avcC && avcC.length > 4) return { codec, profile: avcC[1]!, level: avcC[3]!, configuration: hex(avcC) }
  const hvcC = track.setup.get('hvcC')
  if (hvcC && hvcC.length > 13) return { codec, profile: hvcC[1]! & 31, level: hvcC[12]!, configuration: hex(hvcC) }
  const esds = track.setup.get('esds')
  if (esds) return fromDescriptors(codec, esds)
  const boxes = [...track.setup].filter(([name]) => !unimportant.has(name)).sort(([a], [b]) => (a < b ? -1 : 1))
  return { codec, configuration: boxes.map(([name, bytes]) => `${name}:${hex(bytes)}`).join(' ') }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** The object types that an `mp4a` or `mp4v` entry may really carry. */
const objects: Readonly<Record<number, string>> = {
  32: 'mpeg4',
  64: 'aac',
  102: 'aac',
  103: 'aac',
  105: 'mp3',
  107: 'mp3',
  108: 'mjpeg',
}

/** MPEG-4 descriptors: of an esds box only its decoder-specific part sets up the decoder; the rest are bit rates. */
function fromDescriptors(entry: string, esds: Uint8Array): CodecParameters {
  let object: number | undefined
  let setup: Uint8Array = new Uint8Array(0)
  for (let at = 4, steps = 0; at < esds.length && steps < 16; steps++) {
    const tag = esds[at++]
    let bytes = 0
    for (let more = true; more && at < esds.length; ) {
      const part = esds[at++]!
      bytes = bytes * 128 + (part & 127)
      more = part >= 128
    }
    if (tag === 3) {
      const flags = esds[at + 2] ?? 0
      at += 3 + (flags & 128 ? 2 : 0) + (flags & 64 ? 1 + (esds[at + 3] ?? 0) : 0) + (flags & 32 ? 2 : 0)
    } else if (tag === 4) {
      object = esds[at]
      at += 13
    } else if (tag === 5) {
      setup = esds.subarray(at, at + bytes)
      break
    } else at += bytes
  }
  const codec = (object === undefined ? undefined : objects[object]) ?? entry
  if (codec !== 'aac' || setup.length < 2) return { codec, configuration: hex(setup) }
  const profile = setup[0]! >> 3
  const rate = rates[((setup[0]! & 7) << 1) | (setup[1]! >> 7)]
  const channels = (setup[1]! >> 3) & 15
  // Newer writers add five bytes which say that there is no spectral band replication: the same stream, described longer.
  const said = hex(setup)
  return {
    ...{ codec, profile, configuration: profile === 2 ? said.replace(/^(.{4})56e500$/, '$1') : said },
    ...(profile === 2 && rate && channels > 0 ? { channels: channels === 7 ? 8 : channels, sampleRate: rate } : {}),
  }
}

const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]
