import type { HttpReply } from '@cam/download-core/source'

/** A body whose first bytes were read. `rest` begins with them again. */
export interface Beginning {
  readonly bytes: Uint8Array
  /** The body ended within them. */
  readonly whole: boolean
  readonly rest: AsyncIterable<Uint8Array>
}

/** Reads until there are `wanted` bytes or the body ends. Throws what the body throws: one that breaks off is not a short one. */
export async function readBeginning(reply: HttpReply, wanted: number): Promise<Beginning> {
  const inner = reply.body[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let total = 0
  let ended = false
  while (total < wanted) {
    const step = await inner.next()
    if (step.done) {
      ended = true
      break
    }
    held.push(step.value)
    total += step.value.byteLength
  }
  const rest: AsyncIterator<Uint8Array> = {
    async next() {
      const chunk = held.shift()
      if (chunk) return { done: false, value: chunk }
      return ended ? { done: true, value: undefined } : inner.next()
    },
    // Not a generator: one that was never started would not close the connection when it is returned.
    async return() {
      held.length = 0
      ended = true
      await inner.return?.()
      return { done: true, value: undefined }
    },
  }
  return { bytes: Buffer.concat(held), whole: ended, rest: { [Symbol.asyncIterator]: () => rest } }
}

/** The same for words: at most `limit` bytes as text; what cannot be read is left out, the status already says enough. */
export async function readWords(reply: HttpReply, limit = 4096): Promise<string> {
  if (reply.headers['content-encoding']) return ''
  const inner = reply.body[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    while (bytes < limit) {
      const step = await inner.next()
      if (step.done) break
      chunks.push(step.value)
      bytes += step.value.byteLength
    }
  } catch {
    // Cut off in mid-sentence.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8')
}

/** Whether a body begins like a message and not like media. */
export function looksLikeWords(bytes: Uint8Array, contentType: string): boolean {
  const first = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart()
  if (first === '' || !/^[\t\n\r -~\x80-\xff]*$/.test(first)) return false
  return /^[{[<]/.test(first) || /\b(json|html|xml)\b|^\s*text\//i.test(contentType)
}

/** `ftyp` in its place: how each MP4 begins. */
export function isMp4(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'ftyp'
}
