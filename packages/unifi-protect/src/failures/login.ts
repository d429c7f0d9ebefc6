import {
  AuthenticationError,
  type CamError,
  type CamErrorOptions,
  NetworkError,
  ProtocolError,
  RateLimitError,
  ServerError,
} from '@cam/download-core/source'
import { vendor } from './vendor.ts'

/** Who was asked, and as whom. */
export interface Asked {
  readonly address: string
  readonly username: string
}

/** What a console said when it let nobody in. */
export interface Refusal {
  readonly status: number
  /** The console's own word for it. */
  readonly code?: string
  /** Its explanation, without secrets. */
  readonly said?: string
}

const localAccount =
  'An account of the console itself is needed (Settings > Admins & Users > add one restricted to local access only, with a role that has Playback and Playback Download)'

/** Without a stated wait. Longer than the core waits inside a run: what is left then is for the next run. */
const limitLastsMs = 15 * 60_000

/**
 * The console counts logins, and these were too many. Nothing is wrong with the account, and nothing helps but waiting: the
 * run ends, and what it left is taken up by the next one.
 */
export class LoginLimitError extends RateLimitError {
  override readonly stops = 'run'
}

/** PROTOCOL.md §1.4: five ways of saying so. */
export function badCredentials(asked: Asked, refusal: Refusal): AuthenticationError {
  return new AuthenticationError(
    `${did(asked)} not let in the account ${JSON.stringify(asked.username)}${words(refusal)}. Check name and password. A blocked account and one that exists only in the cloud (ui.com) are answered in the same way. ${localAccount}.`,
    facts(refusal),
  )
}

/** PROTOCOL.md §1.4, status 499. */
export function secondFactor(asked: Asked, refusal: Refusal): AuthenticationError {
  return new AuthenticationError(
    `The console at ${asked.address} wants a second factor for the account ${JSON.stringify(asked.username)}${words(refusal)}. ${localAccount}: it has no second factor. Or give the six digits of its authenticator as the option otp.`,
    { ...facts(refusal), vendorCode: 'mfa' },
  )
}

/** A code is taken once, and for half a minute. */
export function wrongCode(asked: Asked, refusal: Refusal): AuthenticationError {
  return new AuthenticationError(
    `${did(asked)} not take the code in the option otp for the account ${JSON.stringify(asked.username)}${words(refusal)}. A code lasts half a minute and is taken once, so a login cannot be renewed with it either. Give a new one, or better: ${localAccount.replace('An', 'an')}: it has no second factor.`,
    { ...facts(refusal), vendorCode: 'otp' },
  )
}

/** PROTOCOL.md §1.4, status 429. `waitMs`: as the console stated it. */
export function loginLimit(asked: Asked, refusal: Refusal, waitMs: number | undefined): LoginLimitError {
  const wait =
    waitMs === undefined
      ? 'Wait about ten to fifteen minutes'
      : `The console asks to wait ${Math.ceil(waitMs / 1000)} seconds; wait that long`
  return new LoginLimitError(
    `The console at ${asked.address} takes no more logins for now${words(refusal)}. Nothing is wrong with name or password: it counts successful logins too, those of other programs included. ${wait} and run again; a login that is kept between runs avoids this.`,
    { ...facts(refusal), vendorCode: 'login-limit', retryAfterMs: waitMs ?? limitLastsMs },
  )
}

/** It let us in but gave nothing to prove it with. */
export function noSession({ address }: Asked, status: number, wanted: string): ProtocolError {
  return new ProtocolError(
    `The console at ${address} answered the login with ${status} but without ${wanted}, so there is no session to go on with. Is this the console itself, and not a proxy in front of it?`,
    { vendor, httpStatus: status },
  )
}

/** A page, a redirect or 405 where a login was expected. */
export function noLogin({ address }: Asked, got: string, status: number): ProtocolError {
  return new ProtocolError(
    `What answers at ${address} looks like a UniFi console but takes no login (${got}). Is this the console's own address? A proxy or another console may answer in its place.`,
    { vendor, httpStatus: status },
  )
}

/** PROTOCOL.md §3.1: while a console starts, its web server answers for it with a page. */
export function notUpYet(what: string, address: string, status: number): ServerError {
  return new ServerError(
    `${what}: ${status} with a page of the web server. UniFi Protect does not answer on the console at ${address}: it is still starting, was stopped, or is not installed.`,
    { vendor, httpStatus: status },
  )
}

/** A fresh login was let in and is refused at once. */
export function refusedAgain({ address, username }: Asked, what: string): AuthenticationError {
  return new AuthenticationError(
    `The console at ${address} let in the account ${JSON.stringify(username)} and then refused it: ${what} was answered with 401 right after a new login. Does the account have a role for UniFi Protect? ${localAccount}.`,
    { vendor, vendorCode: 'session', httpStatus: 401 },
  )
}

/** A page or a redirect in place of an answer, and no new login changes that. */
export function bounced({ address }: Asked, what: string, got: string, status: number): ProtocolError {
  return new ProtocolError(
    `${what} was answered with ${got}, and a new login does not change that. Is ${address} the console's own address, and is UniFi Protect installed on it?`,
    { vendor, httpStatus: status },
  )
}

/** What one origin did when it was asked who it is. */
export type Silence =
  | { readonly origin: string; readonly got: string }
  | { readonly origin: string; readonly error: CamError }

/** No origin turned out to be a console. One that answers matters more than one that does not. */
export function noConsole(address: string, tried: readonly Silence[]): CamError {
  const strangers = tried.flatMap((each) => ('got' in each ? [each] : []))
  const silent = tried.flatMap((each) => ('error' in each ? [each.error] : []))
  const busy = silent.find(({ code }) => code === 'SERVER' || code === 'RATE_LIMITED')
  if (busy) return busy
  if (strangers.length > 0) {
    const found = strangers.map(
      ({ origin, got }) => `something answered at ${origin}, but it is no UniFi Protect console (${got})`,
    )
    const rest = silent.map(({ message }) => ` ${message}`).join('')
    const sentence = found.join('; ')
    return new ProtocolError(
      `${sentence[0]!.toUpperCase()}${sentence.slice(1)}. The password was not sent.${rest} Check address and port.`,
      { vendor },
    )
  }
  const [first] = silent
  if (silent.length === 1) return first!
  return new NetworkError(`No console answers at ${address}. ${silent.map(({ message }) => message).join(' ')}`, {
    vendor,
    cause: first,
    reason: first instanceof NetworkError ? first.reason : 'ETIMEDOUT',
  })
}

function did({ address }: Asked): string {
  return `The console at ${address} did`
}

function words({ status, code, said }: Refusal): string {
  const heard = [code, said && said !== code ? JSON.stringify(said) : undefined].filter(Boolean).join(', ')
  return ` (HTTP ${status}${heard ? `: ${heard}` : ''})`
}

function facts({ status, code }: Refusal): CamErrorOptions {
  return { vendor, httpStatus: status, ...(code !== undefined && { vendorCode: code }) }
}
