import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { isCamError, ProtocolError } from '../footage/errors.ts'
import type { Headers } from './headers.ts'

/** The encodings a body was sent in, outermost last; empty for none. */
export function encodingsOf(headers: Headers): string[] {
  const words = (headers['content-encoding'] ?? '').split(',').map((word) => word.trim().toLowerCase())
  return words.filter((word) => word !== '' && word !== 'identity').map((word) => word.replace(/^x-/, ''))
}

/** Undoes what a server encoded unasked (gzip, deflate, br). Throws ProtocolError for other encodings and broken data. */
export async function* decode(
  body: AsyncIterable<Uint8Array>,
  encodings: readonly string[],
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (encodings.length > 2) throw new ProtocolError(`${what}: encoded ${encodings.length} times over.`)
  let decoded = body
  for (const encoding of encodings.toReversed()) decoded = decodeOnce(decoded, encoding, what)
  yield* decoded
}

async function* decodeOnce(body: AsyncIterable<Uint8Array>, encoding: string, what: string) {
  const iterator = body[Symbol.asyncIterator]()
  const first = await iterator.next()
  const decoder = first.done ? undefined : decoderFor(encoding, first.value)
  if (!first.done && !decoder) {
    await iterator.return?.()
    throw new ProtocolError(`${what}: sent with an encoding nobody asked for (${encoding.slice(0, 40)}).`)
  }
  if (first.done || !decoder) return
  let broken: unknown
  const feed = async () => {
    try {
      for (let result: IteratorResult<Uint8Array> = first; !result.done; result = await iterator.next()) {
        if (decoder.destroyed) return
        if (!decoder.write(result.value)) await drained(decoder)
      }
      decoder.end()
    } catch (error) {
      broken = error
      decoder.destroy()
    }
  }
  const feeding = feed()
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array
  } catch (error) {
    if (broken === undefined && !isCamError(error)) {
      throw new ProtocolError(`${what}: the ${encoding} encoding is broken.`, { cause: error })
    }
    throw broken ?? error
  } finally {
    decoder.destroy()
    // The feeder may be waiting for the network; closing that wait ends it.
    await iterator.return?.()
    await feeding
  }
  if (broken !== undefined) throw broken
}

function drained(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

function decoderFor(encoding: string, first: Uint8Array) {
  if (encoding === 'gzip') return createGunzip()
  if (encoding === 'br') return createBrotliDecompress()
  // `deflate` means zlib, but some servers send the raw form.
  if (encoding === 'deflate') return (first[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw()
  return undefined
}
