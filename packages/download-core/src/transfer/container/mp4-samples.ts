import type { Box } from './mp4-boxes.ts'
import type { Track } from './mp4-movie.ts'
import { type ByteSource, Cursor, Malformed, u64 } from './report.ts'

/** How far into the file a track's samples reach: the largest end over all its chunks. Throws Malformed. */
export async function lastSampleEnd(source: ByteSource, track: Track): Promise<number> {
  const { sizes, offsets, chunks } = track
  if (!sizes || track.samples === 0) return 0
  if (!offsets || !chunks) throw new Malformed(`track ${track.id} has samples and no table that places them`)
  const sizeOf = await sampleSizes(source, sizes, track.samples)
  const perChunk = await samplesPerChunk(source, chunks)
  const wide = offsets.type === 'co64'
  const cursor = new Cursor(source)
  const count = await cursor.u32(offsets.body + 4)
  if (offsets.body + 8 + count * (wide ? 8 : 4) > offsets.end)
    throw new Malformed(`the ${offsets.type} box is too small`)
  let furthest = 0
  let sample = 0
  for (let chunk = 1; chunk <= count && sample < track.samples; chunk++) {
    const at = offsets.body + 8 + (chunk - 1) * (wide ? 8 : 4)
    const offset = wide ? u64(await cursor.at(at, 8), 0) : await cursor.u32(at)
    const samples = Math.min(await perChunk(chunk), track.samples - sample)
    furthest = Math.max(furthest, offset + (await sizeOf(sample, samples)))
    sample += samples
  }
  if (sample < track.samples)
    throw new Malformed(`track ${track.id} counts ${track.samples} samples and places ${sample}`)
  return furthest
}

/** Sum of the sizes of `count` samples from `first` on; asked for in ascending order. */
async function sampleSizes(
  source: ByteSource,
  box: Box,
  total: number,
): Promise<(first: number, count: number) => number | Promise<number>> {
  const cursor = new Cursor(source)
  const head = await cursor.at(box.body, 12)
  if (box.type === 'stsz') {
    const uniform = await cursor.u32(box.body + 4)
    if (uniform > 0) return (_first, count) => uniform * count
  }
  const bits = box.type === 'stsz' ? 32 : head[7]!
  if (![4, 8, 16, 32].includes(bits)) throw new Malformed(`sample sizes of ${bits} bits`)
  const table = box.body + 12
  if (table + Math.ceil((total * bits) / 8) > box.end) throw new Malformed(`the ${box.type} box is too small`)
  return async (first, count) => {
    let sum = 0
    for (let i = first; i < first + count; i++) {
      if (bits === 32) sum += await cursor.u32(table + i * 4)
      else if (bits === 16) {
        const [high, low] = await cursor.at(table + i * 2, 2)
        sum += high! * 256 + low!
      } else if (bits === 8) sum += (await cursor.at(table + i, 1))[0]!
      else {
        const pair = (await cursor.at(table + (i >> 1), 1))[0]!
        sum += i % 2 === 0 ? pair >> 4 : pair & 15
      }
    }
    return sum
  }
}

/** How many samples a chunk has; asked for in ascending order, chunks count from 1. */
async function samplesPerChunk(source: ByteSource, box: Box): Promise<(chunk: number) => Promise<number>> {
  const cursor = new Cursor(source)
  const entries = await cursor.u32(box.body + 4)
  if (entries === 0 || box.body + 8 + entries * 12 > box.end) throw new Malformed('the stsc box is too small')
  const at = (entry: number) => box.body + 8 + entry * 12
  let entry = 0
  let next = entries > 1 ? await cursor.u32(at(1)) : Number.POSITIVE_INFINITY
  let samples = await cursor.u32(at(0) + 4)
  return async (chunk) => {
    while (chunk >= next) {
      entry++
      samples = await cursor.u32(at(entry) + 4)
      next = entry + 1 < entries ? await cursor.u32(at(entry + 1)) : Number.POSITIVE_INFINITY
    }
    if (samples === 0) throw new Malformed('a chunk without samples')
    return samples
  }
}
