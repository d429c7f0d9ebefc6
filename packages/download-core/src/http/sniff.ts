import { ProtocolError } from '../footage/errors.ts'
import { excerpt } from './status.ts'

const lookAtBytes = 64

/** How the beginning of a body is judged. */
export interface SniffOptions {
  readonly what: string
  /** Whether the body begins with the file's first byte. */
  readonly fromStart: boolean
  redact(text: string): string
  accept?(contentType: string, firstBytes: Uint8Array): string | undefined
}

/**
 * Looks at the beginning of a body before anybody writes it down. Throws ProtocolError with an excerpt where it is empty, a
 * page or a message instead of media; otherwise returns the same bytes.
 */
export async function sniff(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  options: SniffOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const inner = body[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let ended = false
  const holdUntil = async (bytes: number) => {
    while (!ended && held.reduce((sum, chunk) => sum + chunk.byteLength, 0) < bytes) {
      const result = await inner.next()
      if (result.done) ended = true
      else held.push(result.value)
    }
  }
  await holdUntil(lookAtBytes)
  const first = Buffer.concat(held).subarray(0, 512)
  const why = first.length === 0 ? 'an empty body' : wordsInsteadOfMedia(first, contentType, options.fromStart)
  const refused = why ?? (options.fromStart ? options.accept?.(contentType, first) : undefined)
  if (refused !== undefined) {
    await holdUntil(2048).catch(() => {})
    await inner.return?.()
    const all = Buffer.concat(held)
    const said = looksTextual(all) ? excerpt(options.redact(all.toString('utf8'))) : ''
    throw new ProtocolError(`${options.what}: expected media, received ${refused}${said ? `: ${said}` : '.'}`)
  }
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const chunk = held.shift()
    if (chunk) return { done: false, value: chunk }
    return ended ? { done: true, value: undefined } : inner.next()
  }
  // Not a generator: one that was never started would not close the connection when it is returned.
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    held.length = 0
    ended = true
    await inner.return?.()
    return { done: true, value: undefined }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) }
}

/** The bytes decide, the type only helps: cameras call anything anything. */
function wordsInsteadOfMedia(first: Uint8Array, contentType: string, fromStart: boolean): string | undefined {
  if (!looksTextual(first)) return undefined
  const type = contentType.split(';')[0]!.trim().toLowerCase()
  const start = fromStart
    ? Buffer.from(first)
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .trimStart()
    : ''
  if (/[/+]json$/.test(type) || /^[{[]\s*(["{[\d\]}]|$)/.test(start)) return 'JSON'
  if (/html/.test(type) || /^<(!doctype|html|head|body|!--)/i.test(start)) return 'an HTML page'
  if (/[/+]xml$/.test(type) || /^<[?a-z]/i.test(start)) return 'XML'
  if (type.startsWith('text/')) return `text (${type})`
  return undefined
}

function looksTextual(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, 512)) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d) return false
    if (byte === 0x7f || byte === 0xff || byte === 0xfe) return false
  }
  return bytes.length > 0
}
