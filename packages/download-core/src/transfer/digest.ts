import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Checksum } from '../footage/recording.ts'
import type { OpenFile } from './file-system.ts'
import { pieces } from './file-system-bytes.ts'

const pieceBytes = 1024 * 1024

/** Digests of a file's first `size` bytes, all in one reading. Lower-case hex by algorithm. */
export async function digests(
  file: OpenFile,
  size: number,
  algorithms: Iterable<Checksum['algorithm']>,
): Promise<Map<Checksum['algorithm'], string>> {
  const running = [...new Set(algorithms)].map((algorithm) => ({ algorithm, sum: runningSum(algorithm) }))
  if (running.length > 0) {
    for await (const piece of pieces(file, 0, size, pieceBytes)) for (const { sum } of running) sum.add(piece)
  }
  return new Map(running.map(({ algorithm, sum }) => [algorithm, sum.hex()]))
}

function runningSum(algorithm: Checksum['algorithm']) {
  if (algorithm === 'crc32') {
    let value = 0
    return {
      add: (bytes: Uint8Array) => {
        value = crc32(bytes, value)
      },
      hex: () => value.toString(16).padStart(8, '0'),
    }
  }
  const hash = createHash(algorithm)
  return { add: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') }
}
