import { excerpt, type Http, type HttpAnswer, type HttpReply, isCamError, readAnswer } from '@cam/download-core/source'
import type { Settings } from '../options.ts'

/** Far above any reply to a probe or a login. */
const limitBytes = 1024 * 1024
const limitMs = 60_000

/** A question to a console that has no session yet: asked once, no redirect followed. */
export interface Question {
  readonly url: string
  readonly signal: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** Makes it a POST. */
  readonly body?: string
}

/** Sends it. An export is rendered first, a question is not: it waits a minute at most. */
export function put(http: Http, { url, signal, headers, body }: Question, settings: Settings): Promise<HttpReply> {
  return http.send({
    url,
    signal,
    maxRedirects: 0,
    timeouts: { firstByteMs: Math.min(settings.timeouts.firstByteMs ?? limitMs, limitMs) },
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { method: 'POST', body }),
  })
}

/** Reads a small reply whole. */
export function readSmall(http: Http, reply: HttpReply, settings: Settings): Promise<HttpAnswer> {
  const { clock, password, otp } = settings
  const secrets = otp === undefined ? [password] : [password, otp]
  return readAnswer(reply, { limitBytes, limitMs, clock, what: http.redact(reply.url), secrets })
}

/** The reply's JSON object, or undefined where it is anything else. */
export function objectIn(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = answer.json()
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch (error) {
    if (isCamError(error)) return undefined
    throw error
  }
}

/** Whether it is a page for people: a login form, a start page. */
export function isPage({ headers }: Pick<HttpReply, 'headers'>): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')
}

/** Whether it sends us elsewhere. */
export function isRedirect({ status }: Pick<HttpReply, 'status'>): boolean {
  return status >= 300 && status < 400 && status !== 304
}

/** A reply in a few words. What a Location says after its path may be a session. */
export function described({ status, headers, url }: Pick<HttpReply, 'status' | 'headers' | 'url'>): string {
  const { location } = headers
  if (isRedirect({ status }) && location !== undefined && URL.canParse(location, url)) {
    const { origin, pathname } = new URL(location, url)
    return `${status} to ${excerpt(origin + pathname)}`
  }
  const type = headers['content-type']?.split(';')[0]?.trim()
  return `${status} with ${type ? excerpt(type) : 'no content type'}`
}
