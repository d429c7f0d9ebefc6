import { sendBody } from '../kit/send-body.ts'
import { type Call, retryAfter, sendHtml } from './call.ts'
import type { StoredFilm } from './films.ts'
import { footageOf } from './footage.ts'
import { xmlError } from './s3-errors.ts'

/** Answers as S3 does to signed URLs. */
export async function mediaHost(call: Call): Promise<void> {
  const { exchange, cloud, query } = call
  const { path, method, entry } = exchange
  const asked = cloud.signatures.object(path)
  entry.node = asked ? 'media' : 'other'
  if (exchange.request.headers.authorization !== undefined) {
    cloud.violation(`credentials sent to the media host: ${path}`)
    return xmlError(call, 400, 'InvalidArgument', 'Only one auth mechanism allowed')
  }
  const { switches } = cloud
  if (switches.redirectMedia !== '') return exchange.reply(307, { headers: { Location: switches.redirectMedia } })
  if (method !== 'GET') {
    if (method !== 'HEAD') cloud.violation(`${method} ${path}`)
    // What was signed is a GET.
    return xmlError(call, 403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match')
  }
  if (!asked) return xmlError(call, 403, 'AccessDenied', 'Access Denied')
  const signed = cloud.signatures.check(path, query)
  if (signed === 'wrong')
    return xmlError(call, 403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match')
  if (signed === 'expired') return expired(call)
  const suffers = cloud.suffers(asked.vehicle, asked.input, asked.window.start)
  if (switches.mediaFailN > 0 && suffers && cloud.countedBefore(`fail ${path}`) < switches.mediaFailN) return fail(call)
  const footage = footageOf(asked, cloud.means, true)
  if (footage.is === 'missing') return xmlError(call, 404, 'NoSuchKey', 'The specified key does not exist.')
  const bodies = cloud.countedBefore(`body ${path}`)
  const film = cloud.films.film(asked, footage, bodies >= switches.replaceAfter)
  return deliver(call, film, suffers && bodies < switches.faultTimes)
}

function expired(call: Call): Promise<void> {
  const { urlExpired } = call.cloud.switches
  const status = Number(urlExpired.slice(0, 3))
  if (urlExpired === '403') return xmlError(call, status, 'AccessDenied', 'Request has expired')
  return xmlError(call, status, 'ExpiredToken', 'The provided token has expired.')
}

async function fail(call: Call): Promise<void> {
  const { exchange, cloud } = call
  const how = cloud.switches.mediaFailStatus
  const video = { 'Content-Type': 'video/mp4' }
  if (how === 'reset') return exchange.drop()
  if (how === '200-html') return sendHtml(call, 200, 'Blocked by your network')
  if (how === '200-empty') return exchange.reply(200, { headers: video })
  if (how === '200-xml') return exchange.reply(200, { headers: video, body: '<?xml version="1.0"?><Error/>\n' })
  if (how === '403') return xmlError(call, 403, 'AccessDenied', 'Access Denied')
  if (how === '403-signature')
    return xmlError(call, 403, 'SignatureDoesNotMatch', 'The request signature does not match')
  const codes = {
    503: 'SlowDown',
    404: 'NoSuchKey',
    400: 'BadRequest',
    416: 'InvalidRange',
    429: 'TooManyRequests',
    500: 'InternalError',
  }
  const headers = how === '503' || how === '429' ? retryAfter(call, 402) : {}
  return xmlError(call, Number(how), codes[how], 'Please reduce your request rate.', headers)
}

async function deliver(call: Call, film: StoredFilm, faulty: boolean): Promise<void> {
  const { cloud, exchange } = call
  const { truncateAt, truncate, stallAt, stallMs, rate, contentLength, contentType, ranges, firstByteMs } =
    cloud.switches
  if (firstByteMs > 0) {
    await cloud.clock.wait(firstByteMs, exchange.gone).catch(() => {})
    if (exchange.gone.aborted) return
  }
  const etag = etagOf(call, film)
  const match = exchange.header('if-match')
  if (match !== undefined && match !== etag && match !== '*')
    return xmlError(call, 412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
  const part = partOf(call, film, etag)
  if (part === 'refused') {
    const range = { 'Content-Range': `bytes */${film.bytes}` }
    return xmlError(call, 416, 'InvalidRange', 'The requested range is not satisfiable', range)
  }
  const short = faulty && truncate === 'short' && truncateAt !== undefined
  const from = part?.from ?? 0
  const to = short ? Math.min(part?.to ?? film.bytes, from + truncateAt) : (part?.to ?? film.bytes)
  const wrongBy = contentLength === 'wrong' ? 1000 : 0
  exchange.head(part ? 206 : 200, {
    headers: {
      ...{ 'Content-Type': contentType === '' ? film.type : contentType, 'Last-Modified': lastModified },
      ...(contentLength === 'none' ? {} : { 'Content-Length': String(to - from + wrongBy) }),
      ...(ranges === 'ignore' ? {} : { 'Accept-Ranges': 'bytes' }),
      ...(etag === undefined ? {} : { ETag: etag }),
      ...(part ? { 'Content-Range': `bytes ${from}-${to - 1}/${film.bytes}` } : {}),
      ...{ 'x-amz-request-id': requestId(call), 'x-amz-server-side-encryption': 'AES256', Server: 'AmazonS3' },
    },
  })
  await sendBody(exchange, film.file, {
    ...{ from, to, rate, lengthStated: contentLength !== 'none' },
    ...(faulty ? { stallAt, stallMs } : {}),
    ...(faulty && !short ? { cutAt: truncateAt, cut: truncate === 'clean' ? 'clean' : 'destroy' } : {}),
  })
  // What was stated and not sent never comes.
  if (wrongBy > 0) exchange.drop()
}

const lastModified = 'Thu, 17 Apr 2025 03:04:05 GMT'
const requestId = ({ exchange }: Call) => `TX${String(exchange.entry.number).padStart(14, '0')}`

function etagOf({ cloud }: Call, { sha256 }: StoredFilm): string | undefined {
  const { etag } = cloud.switches
  return etag === 'none' ? undefined : `"${sha256.slice(0, 32)}${etag === 'multipart' ? '-2' : ''}"`
}

/** What of the file was asked for; undefined for all of it. */
function partOf({ cloud, exchange }: Call, film: StoredFilm, etag: string | undefined) {
  const asked = exchange.header('range')
  const { ranges } = cloud.switches
  if (asked === undefined || ranges === 'ignore') return undefined
  if (ranges === '416') return 'refused'
  const condition = exchange.header('if-range')
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(asked) ?? []
  if (first === undefined || (condition !== undefined && condition !== etag && condition !== lastModified))
    return undefined
  const to = last ? Math.min(Number(last) + 1, film.bytes) : film.bytes
  return Number(first) < to ? { from: Number(first), to } : 'refused'
}
