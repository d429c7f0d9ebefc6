import { sendBody } from '../kit/send-body.ts'
import type { Media } from '../media/media.ts'
import { bearerOf, type Call, type Headers, sendText } from './call.ts'
import { fail } from './failing.ts'
import type { WorldCamera } from './world.ts'

export interface Delivery {
  readonly film: Media
  readonly camera: WorldCamera
  /** Start of the clip it is of. */
  readonly start: number
  /** The same for the same window in the same form. */
  readonly key: string
  readonly type: string
  readonly headers?: Headers
  /** So that the file is not what its sum says. */
  readonly flipped?: boolean
}

/** Whether a request for a film has been answered with a failure or a redirect. */
export async function failed(call: Call, camera: WorldCamera, start: number, key: string): Promise<boolean> {
  const { cloud } = call
  const { redirectMedia, failN } = cloud.switches
  if (redirectMedia !== '') {
    await sendText(call, 302, '', { Location: redirectMedia })
    return true
  }
  if (failN === 0 || !cloud.means('only', camera, start) || cloud.countedBefore(`fail ${key}`) >= failN) return false
  await fail(call, cloud.switches.failStatus)
  return true
}

/** Sends a film, with what the switches do to it. */
export async function deliver(
  call: Call,
  { film, camera, start, key, type, headers, flipped }: Delivery,
): Promise<void> {
  const { cloud, exchange } = call
  const { switches, clock } = cloud
  if (switches.firstByteMs > 0) {
    await clock.wait(switches.firstByteMs, exchange.gone).catch(() => {})
    if (exchange.gone.aborted) return
  }
  const part = partOf(call, film)
  if (part === 'refused') return sendText(call, 416, '', { 'Content-Range': `bytes */${film.size}` })
  const faulty = cloud.means('only', camera, start) && cloud.countedBefore(`body ${key}`) < switches.faultTimes
  const { truncateAt, truncate, stallAt, stallMs, rate, contentLength } = switches
  const short = faulty && truncate === 'short' && truncateAt !== undefined
  const from = part?.from ?? 0
  const to = short ? Math.min(part?.to ?? film.size, from + truncateAt) : (part?.to ?? film.size)
  exchange.head(part ? 206 : 200, {
    headers: {
      'Content-Type': switches.contentType === '' ? type : switches.contentType,
      ...headers,
      ...(contentLength ? { 'Content-Length': String(to - from) } : {}),
      ...(switches.ranges === '206' ? { 'Accept-Ranges': 'bytes', ETag: tagOf(film) } : {}),
      ...(part ? { 'Content-Range': `bytes ${from}-${to - 1}/${film.size}` } : {}),
    },
  })
  const ended = cloud.bodyBegins(bearerOf(call) ?? '', exchange)
  try {
    await sendBody(exchange, flipped ? flippedFile(film) : film, {
      ...{ from, to, rate, lengthStated: contentLength },
      ...(faulty ? { stallAt, stallMs } : {}),
      ...(faulty && !short ? { cutAt: truncateAt, cut: truncate === 'clean' ? 'clean' : 'destroy' } : {}),
    })
  } finally {
    ended()
  }
}

const tagOf = (film: Media) => `"${film.facts.sha256.slice(0, 32)}"`

/** What of the file was asked for; undefined for all of it. */
function partOf({ cloud, exchange }: Call, film: Media): { from: number; to: number } | 'refused' | undefined {
  const asked = exchange.header('range')
  const { ranges } = cloud.switches
  if (asked === undefined || ranges === 'ignore') return undefined
  if (ranges === '416') return 'refused'
  const condition = exchange.header('if-range')
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(asked) ?? []
  if (first === undefined || (condition !== undefined && condition !== tagOf(film))) return undefined
  const to = last ? Math.min(Number(last) + 1, film.size) : film.size
  return Number(first) < to ? { from: Number(first), to } : 'refused'
}

function flippedFile(film: Media) {
  const bytes = Uint8Array.from(film.bytes())
  // Where no container reader looks: in the middle of a picture.
  const at = Math.floor(bytes.length / 2)
  bytes[at] = bytes[at]! ^ 1
  return { size: bytes.length, read: (offset: number, length: number) => bytes.subarray(offset, offset + length) }
}
