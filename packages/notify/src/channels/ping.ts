import { createHash } from 'node:crypto'
import { NotFoundError, ProtocolError, RateLimitError } from '@cam/download-core/source'
import type { Notice } from '../notice.ts'
import { clippedBytes } from '../render/measures.ts'
import type { Message } from '../render/message.ts'
import type { PingTarget } from '../target.ts'
import type { Post } from './post.ts'

/** What self-hosted monitors take by default. */
const bodyBytes = 10_000

/** Pings, with the notice as the ping's text. */
export async function ping(target: PingTarget, message: Message, post: Post): Promise<void> {
  const said = await post({
    url: pingUrl(target.url, message.notice),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: clippedBytes(`${message.subject}\n\n${message.text}`, bodyBytes),
  })
  // For a UUID the status is 200 whatever happened; the words tell.
  if (/\(not found\)/i.test(said)) throw new NotFoundError(`${target.label}: knows no check with this UUID.`)
  if (/\(rate limited\)/i.test(said)) {
    throw new RateLimitError(`${target.label}: too many pings for one check.`, { retryAfterMs: 20_000 })
  }
  if (/^\s*</.test(said)) throw new ProtocolError(`${target.label}: answered with a web page, not as a monitor does.`)
}

/**
 * `/start`; the bare address for success; `/CODE` or `/fail` for everything that went wrong; `/log` for what says nothing
 * about how a run went. `rid` pairs the start of a run with its end.
 */
function pingUrl(base: string, notice: Notice): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${suffix(notice)}`
  if (notice.event !== 'digest' && notice.runId) url.searchParams.set('rid', asUuid(notice.runId))
  return url.href
}

function suffix(notice: Notice): string {
  if (notice.event === 'digest') return '/log'
  const { event, exitCode } = notice
  const code =
    exitCode !== undefined && Number.isInteger(exitCode) && exitCode > 0 && exitCode <= 255 ? exitCode : undefined
  switch (event) {
    case 'start':
      return '/start'
    case 'finish':
      return code === undefined ? '' : `/${code}`
    case 'partial':
    case 'fail':
    case 'interrupted':
      return code === undefined ? '/fail' : `/${code}`
    default:
      return '/log'
  }
}

/** Monitors refuse a run id that is no UUID: another one becomes a UUID of its own, always the same. */
function asUuid(id: string): string {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) return id.toLowerCase()
  const hex = createHash('sha256').update(id).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
