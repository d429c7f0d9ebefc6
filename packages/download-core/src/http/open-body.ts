import type { Clock } from '../clock.ts'
import { type CamError, IncompleteError, isCamError, ProtocolError } from '../footage/errors.ts'
import type { ResumePolicy } from '../footage/recording.ts'
import type { OpenedRecording, OpenFrom } from '../footage/source.ts'
import { strongCondition } from '../footage/validator.ts'
import { type ContentRange, parseContentRange, parseUnsatisfied } from './content-range.ts'
import { decode, encodingsOf } from './decode.ts'
import type { Http, HttpReply, HttpRequest } from './exchange.ts'
import { contentLength } from './headers.ts'
import { sniff } from './sniff.ts'
import { errorForReply } from './status.ts'
import { confirms, contradicts, validatorOf } from './validator.ts'

/** `T`: what a vendor answers in place of a body, most often `NotReady | Gap`. */
export interface OpenBodyOptions<T extends object = never> {
  /** Which rendering this is; a part of another one is never continued. */
  readonly representation: string
  readonly extension?: string
  /** The recording's own policy. */
  readonly resume: ResumePolicy
  /** Looks at the beginning of a body; an answer is the reason for refusing it. HTML, JSON and empty bodies are refused anyway. */
  accept?(contentType: string, firstBytes: Uint8Array): string | undefined
  /**
   * The vendor's own meaning of a reply that is neither 200 nor 206: an error is thrown, anything else is handed to the caller
   * of `openBody`, `undefined` leaves it to `errorForStatus`. May read the body; need not end it.
   */
  refuse?(reply: HttpReply): Promise<CamError | T | undefined>
  /** For `Retry-After`. Default: the machine's. */
  readonly clock?: Clock
}

type Common = Omit<OpenBodyOptions, 'refuse'>

type Asking = { readonly as: 'whole' } | { readonly as: 'range'; readonly condition?: string }

/**
 * Starts the transfer of one file: asks for the rest where policy and validator allow it, for the whole otherwise, and
 * believes a partial reply only where all that it says fits. Asks at most three times; never retries. May start before
 * `from.byte`, never after it, unless the file turns out to be complete (then the body is empty).
 * Throws what `http.send` throws, the error of a status, and ProtocolError for a body that is no media.
 */
export function openBody(
  http: Http,
  request: HttpRequest,
  from: OpenFrom,
  options: OpenBodyOptions,
): Promise<OpenedRecording>
export function openBody<T extends object>(
  http: Http,
  request: HttpRequest,
  from: OpenFrom,
  options: OpenBodyOptions<T>,
): Promise<OpenedRecording | T>
export async function openBody<T extends object>(
  http: Http,
  request: HttpRequest,
  from: OpenFrom,
  options: OpenBodyOptions<T>,
): Promise<OpenedRecording | T> {
  let asking = firstQuestion(from, options)
  for (let questions = 1; questions <= 3; questions++) {
    const reply = await http.send({ ...request, headers: { ...request.headers, ...rangeHeaders(asking, from) } })
    const answer = judge(reply, asking, from)
    if (answer === 'error') return await refused(http, reply, request, options)
    if ('ask' in answer) {
      await reply.discard()
      asking = answer.ask
    } else if ('completeAt' in answer) {
      await reply.discard()
      return complete(answer.completeAt, reply, options)
    } else {
      return await deliver(http, reply, answer.range, options)
    }
  }
  throw new ProtocolError(
    `${request.method ?? 'GET'} ${http.redact(String(request.url))}: answers neither part nor whole.`,
  )
}

function firstQuestion(from: OpenFrom, { resume, representation }: Common): Asking {
  const sameKind = from.representation === undefined || from.representation === representation
  if (from.byte <= 0 || resume === 'never' || !sameKind) return { as: 'whole' }
  if (resume === 'overlap') return { as: 'range' }
  const condition = strongCondition(from.validator)
  return condition === undefined ? { as: 'whole' } : { as: 'range', condition }
}

function rangeHeaders(asking: Asking, from: OpenFrom): Record<string, string> {
  if (asking.as === 'whole') return {}
  return {
    range: `bytes=${from.byte}-`,
    ...(asking.condition === undefined ? {} : { 'if-range': asking.condition }),
  }
}

type Answer =
  | 'error'
  | { readonly ask: Asking }
  | { readonly completeAt: number }
  /** Take this reply; without a range it is the whole file. */
  | { readonly range?: ContentRange }

const askWhole: Answer = { ask: { as: 'whole' } }

function judge(reply: HttpReply, asking: Asking, from: OpenFrom): Answer {
  const { status, headers } = reply
  const part = status === 206 || (status === 200 && headers['content-range'] !== undefined)
  if (asking.as === 'whole') {
    if (!part) return status === 200 ? {} : 'error'
    const range = parseContentRange(headers['content-range'])
    return range?.start === 0 && range.end + 1 === range.total && fits(headers, range) ? { range } : 'error'
  }
  if (part) {
    const range = parseContentRange(headers['content-range'])
    const usable =
      range !== undefined &&
      range.start <= from.byte &&
      fits(headers, range) &&
      (from.totalBytes === undefined || range.total === undefined || range.total === from.totalBytes) &&
      sameVersion(headers, asking, from)
    return usable ? { range } : askWhole
  }
  if (status === 200) {
    // Some servers compare If-Range with dates only and call an unchanged file changed (they send its very ETag with it).
    const unchanged =
      asking.condition !== undefined &&
      from.totalBytes !== undefined &&
      strongCondition(validatorOf(reply)) === asking.condition &&
      headers['content-length'] === String(from.totalBytes)
    if (!unchanged) return {}
    // Apache answers a range that begins at the end of the file in this way, too.
    return from.byte === from.totalBytes ? { completeAt: from.byte } : { ask: { as: 'range' } }
  }
  if (status === 416) {
    const total = parseUnsatisfied(headers['content-range'])
    const complete =
      total === from.byte && (from.totalBytes ?? total) === total && !contradicts(headers, from.validator)
    return complete ? { completeAt: total } : askWhole
  }
  return status === 412 ? askWhole : 'error'
}

/** What else the head of a part says has to fit its range. */
function fits(headers: HttpReply['headers'], range: ContentRange): boolean {
  const length = headers['content-length']
  return (
    encodingsOf(headers).length === 0 &&
    !/^\s*multipart\//i.test(headers['content-type'] ?? '') &&
    (length === undefined || length === String(range.end - range.start + 1))
  )
}

function sameVersion(headers: HttpReply['headers'], asking: Asking, from: OpenFrom): boolean {
  const condition = asking.as === 'range' ? asking.condition : undefined
  if (condition !== undefined) return confirms(headers, condition)
  return !contradicts(headers, from.validator)
}

function complete(total: number, reply: HttpReply, options: Common): OpenedRecording {
  const validator = validatorOf(reply)
  return {
    body: (async function* () {})(),
    startsAtByte: total,
    totalBytes: total,
    representation: options.representation,
    ...(validator ? { validator } : {}),
    ...(options.extension === undefined ? {} : { extension: options.extension }),
  }
}

async function deliver(
  http: Http,
  reply: HttpReply,
  range: ContentRange | undefined,
  options: Common,
): Promise<OpenedRecording> {
  const { headers } = reply
  const what = http.redact(reply.url)
  const encodings = encodingsOf(headers)
  const bytes = range ? limited(reply.body, range.end - range.start + 1, what) : reply.body
  // What is decoded here has no byte positions the server knows of: it cannot be continued, and its length is not stated.
  const encoded = encodings.length > 0
  const plain = encoded ? decode(bytes, encodings, what) : bytes
  const body = await sniff(plain, headers['content-type'] ?? '', {
    what,
    fromStart: (range?.start ?? 0) === 0,
    redact: http.redact,
    ...(options.accept ? { accept: options.accept } : {}),
  })
  const totalBytes = encoded ? undefined : range ? range.total : contentLength(headers, what)
  const validator = encoded ? undefined : validatorOf(reply)
  return {
    body,
    startsAtByte: range?.start ?? 0,
    representation: options.representation,
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(validator ? { validator } : {}),
    ...(options.extension === undefined ? {} : { extension: options.extension }),
  }
}

/** Exactly as many bytes as the range has: the rest of a longer body is not read, a shorter one is an IncompleteError. */
function limited(body: AsyncIterable<Uint8Array>, expectedBytes: number, what: string): AsyncIterable<Uint8Array> {
  const inner = body[Symbol.asyncIterator]()
  let left = expectedBytes
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    await inner.return?.()
    return { done: true, value: undefined }
  }
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    if (left === 0) {
      // One more look lets a well-behaved exchange end, which keeps its connection.
      const rest = await inner.next()
      return rest.done ? rest : close()
    }
    const result = await inner.next()
    if (result.done) {
      const receivedBytes = expectedBytes - left
      throw new IncompleteError(`${what}: ended after ${receivedBytes} of ${expectedBytes} bytes.`, {
        receivedBytes,
        expectedBytes,
      })
    }
    const chunk = result.value.byteLength > left ? result.value.subarray(0, left) : result.value
    left -= chunk.byteLength
    return { done: false, value: chunk }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) }
}

async function refused<T extends object>(
  http: Http,
  reply: HttpReply,
  request: HttpRequest,
  options: OpenBodyOptions<T>,
): Promise<T> {
  let own: CamError | T | undefined
  try {
    own = await options.refuse?.(reply)
  } catch (error) {
    await reply.discard()
    throw error
  }
  if (own !== undefined) {
    await reply.discard()
    if (isCamError(own)) throw own
    return own
  }
  throw await errorForReply(reply, `${request.method ?? 'GET'} ${reply.url}`, {
    redact: http.redact,
    ...(options.clock ? { clock: options.clock } : {}),
  })
}
