import { type CamError, type Clock, type Http, type HttpReply, isCamError } from '@cam/download-core/source'
import { type Asked, notUpYet, refused, unreadable } from '../../failures.ts'
import { type Refusal, readAnswers } from '../../wire/envelope.ts'
import { kindOfCode } from '../../wire/error-table.ts'
import type { Device, Target } from '../device.ts'

/** What one way of asking for media needs. */
export interface MediaRequest {
  readonly device: Pick<Device, 'http' | 'renew'>
  readonly asked: Asked
  readonly clock: Clock
  /** What is asked for, in words. */
  readonly what: string
  /** Whether a session lets it in, which may be over. */
  readonly inSession: boolean
  /** Anew for each request: a token may have been renewed, and a counter is good for one. */
  target(signal: AbortSignal): Promise<Target>
}

const mostRefusalBytes = 65_536
/** A new token is not known everywhere at once. PROTOCOL.md §1.2. */
const settleMs = 500

/**
 * The way to one recording, for `openBody`: devices refuse with HTTP 200 and JSON, which is read here and thrown as what it means. A
 * session that is not known is waited for, then renewed, once each; so is a page that is not there. PROTOCOL.md §4.2.
 */
export function mediaHttp({ device, asked, clock, what, inSession, target }: MediaRequest): Http {
  const { http } = device
  return {
    ...http,
    redact: http.redact,
    async send(request) {
      const { signal } = request
      for (let tries = 1; ; tries++) {
        const reply = await http.send({
          ...request,
          ...(await target(signal)),
          maxRedirects: 0,
          // A line without a name in the head is common, and a second request would cost the device a second preparation.
          lenientHead: true,
        })
        const outcome = await judge(reply, asked, what)
        if ('reply' in outcome) return outcome.reply
        if (!outcome.lost || !inSession || tries === 3) throw outcome.error
        if (tries === 1 && isCamError(outcome.error) && outcome.error.vendorCode === -6)
          await clock.wait(settleMs, signal)
        else {
          await device.renew(signal)
          tries = 2
        }
      }
    },
  }
}

type Judged = { readonly reply: HttpReply } | { readonly error: CamError; readonly lost: boolean }

async function judge(reply: HttpReply, asked: Asked, what: string): Promise<Judged> {
  const { status } = reply
  if (status === 404 || status === 502) {
    await reply.discard()
    return { error: notUpYet(asked, what, status), lost: true }
  }
  if ((status !== 200 && status !== 206) || !isWords(reply)) return { reply }
  const { head, whole, rest } = await beginning(reply)
  if (!/^\s*[[{]/.test(head)) return { reply: { ...reply, body: rest } }
  await reply.discard()
  const refusal = whole ? readAnswers(head)?.find((answer) => answer.refusal)?.refusal : undefined
  if (!refusal) return { error: unreadable(asked, what, head), lost: false }
  return { error: refused(asked, what, refusal), lost: isLost(refusal) }
}

function isLost({ code }: Refusal): boolean {
  return kindOfCode(code) === 'session'
}

/** Words have the type of a page; nothing that is media has it. */
function isWords({ headers }: HttpReply): boolean {
  return /^\s*(text\/|application\/json)/i.test(headers['content-type'] ?? 'text/html')
}

/** The first bytes of a body as text, and all of it for whoever reads on. */
async function beginning({ body }: HttpReply) {
  const inner = body[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let bytes = 0
  let done = false
  while (!done && bytes < mostRefusalBytes) {
    const result = await inner.next()
    if (result.done) done = true
    else {
      chunks.push(result.value)
      bytes += result.value.byteLength
      // What does not begin as JSON is not looked at any further.
      if (!/^\s*([[{]|$)/.test(Buffer.concat(chunks).subarray(0, 64).toString('latin1'))) break
    }
  }
  const head = Buffer.concat(chunks).toString('utf8')
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const chunk = chunks.shift()
    if (chunk) return { done: false, value: chunk }
    return done ? { done: true, value: undefined } : inner.next()
  }
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    chunks.length = 0
    done = true
    await inner.return?.()
    return { done: true, value: undefined }
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next, return: close }) }
  return { head, whole: done, rest }
}
