import { bytesFile, joinFiles } from '../kit/virtual-file.ts'
import { flvStart, tag } from './flv-tags.ts'
import { framesFile, type Media, media } from './media.ts'
import { quietStream } from './quiet-stream.ts'
import { groupPictures, measured, pictureMs, type SurveillanceMp4Options } from './surveillance-mp4.ts'

export interface SurveillanceFlvOptions extends Pick<SurveillanceMp4Options, 'seed' | 'width' | 'height' | 'groups'> {
  /** Written into `onMetaData` after width and height, in this order. */
  readonly facts?: Readonly<Record<string, number | boolean>>
}

/** The same pictures as `surveillanceMp4`, as an FLV that is streamed: one tag a picture, and no end of sequence. */
export function surveillanceFlv({ seed, width, height, groups, facts = {} }: SurveillanceFlvOptions): Media {
  const stream = quietStream(seed, width, height, groupPictures)
  const measures = groups.map((group) => measured(group, stream))
  const first = groups[0]?.at ?? 0
  const tagBytes = 11 + 5 + 4
  const start = flvStart(stream, { width, height, framerate: 1000 / pictureMs, videocodecid: 7, ...facts })
  const build = (index: number) => {
    const { at, shows } = groups[index]!
    const bytes = stream.group(shows)
    let from = 0
    const tags = measures[index]!.pictureBytes.map((size, picture) => {
      const head = Buffer.from([picture === 0 ? 0x17 : 0x27, 1, 0, 0, 0])
      from += size
      const content = Buffer.concat([head, bytes.subarray(from - size, from)])
      return tag(9, at - first + picture * pictureMs, content)
    })
    return Buffer.concat(tags)
  }
  const file = joinFiles([
    bytesFile(start),
    framesFile(groups.length, (index) => measures[index]!.bytes + measures[index]!.pictures * tagBytes, build),
  ])
  const frames = measures.reduce((sum, { pictures }) => sum + pictures, 0)
  return media('flv', file, { frames, width, height, fps: 1000 / pictureMs })
}
