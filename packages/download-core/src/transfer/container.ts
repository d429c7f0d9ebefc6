import type { ContainerFormat } from '../footage/outcome.ts'
import { readAvi } from './container/avi.ts'
import { readFlv } from './container/flv.ts'
import { readJpeg } from './container/jpeg.ts'
import { readMp4 } from './container/mp4.ts'
import { type ByteSource, type ContainerReport, fourCc } from './container/report.ts'

/** Which container the first bytes belong to, whatever the file's name says; `undefined` for anything else. Wants 12 bytes. */
export function containerOf(head: Uint8Array): ContainerFormat | undefined {
  if (head.length >= 3 && head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg'
  if (head.length >= 4 && fourCc(head, 0).startsWith('FLV') && head[3] === 1) return 'flv'
  if (head.length >= 12 && fourCc(head, 0) === 'RIFF' && fourCc(head, 8) === 'AVI ') return 'avi'
  if (head.length >= 8 && ['ftyp', 'moov', 'mdat', 'wide', 'styp'].includes(fourCc(head, 4))) return 'mp4'
  return undefined
}

/**
 * Walks a file's own structure to its end: whether it is whole, and what it holds. `undefined` where the format is not one of
 * MP4, AVI, FLV, JPEG. Memory is bounded; damaged and hostile files are reported, never thrown. Throws only what `source` throws.
 */
export async function readContainer(source: ByteSource): Promise<ContainerReport | undefined> {
  switch (containerOf(await source.read(0, 12))) {
    case 'mp4':
      return readMp4(source)
    case 'avi':
      return readAvi(source)
    case 'flv':
      return readFlv(source)
    case 'jpeg':
      return readJpeg(source)
    default:
      return undefined
  }
}
