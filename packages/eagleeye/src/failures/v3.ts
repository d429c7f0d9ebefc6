import {
  AuthenticationError,
  BusyError,
  type CamError,
  type Clock,
  DiskError,
  ExpiredError,
  errorForStatus,
  type HttpAnswer,
  NetworkError,
  PermissionError,
  ProtocolError,
  QuotaError,
  RateLimitError,
  RequestError,
  retryAfterMs,
  ServerError,
  UnavailableError,
} from '@cam/download-core/source'
import { readRefusal } from '../wire/v3/refusal.ts'
import { vendor } from './vendor.ts'

const loginCommand = 'Log in again in a browser: eagleeye-cli login.'

/** Nobody has given a consent yet, or it is stored elsewhere. */
export function notLoggedIn(clientId: string): AuthenticationError {
  return new AuthenticationError(
    `No login is stored for the client ${JSON.stringify(clientId)}. Log in once in a browser: eagleeye-cli login.`,
    {
      vendor,
      vendorCode: 'no-login',
    },
  )
}

/** The refresh token is not taken any more. `lost`: the reply to an earlier refresh may never have arrived. */
export function loginOver(status: number, said: string | undefined, lost: boolean): AuthenticationError {
  const why = lost
    ? 'The reply to an earlier renewal may have been lost on its way, and with it the only tokens that are still good.'
    : 'It was revoked, was not used for 14 days, is older than 90 days, or was renewed by a program that keeps its tokens elsewhere.'
  return new AuthenticationError(
    `The stored login is over (HTTP ${status}${said ? `: ${said}` : ''}). ${why} ${loginCommand}`,
    { vendor, vendorCode: said ?? 'login-over', httpStatus: status },
  )
}

/** Not the login, but the application itself is refused. */
export function clientRefused(clientId: string, status: number): AuthenticationError {
  return new AuthenticationError(
    `The vendor does not take the client ${JSON.stringify(clientId)} with this secret (HTTP ${status}: invalid_client). Check client id and client secret.`,
    { vendor, vendorCode: 'invalid_client', httpStatus: status },
  )
}

/** The code from the browser. */
export function codeRefused(status: number, said: string | undefined): AuthenticationError {
  return new AuthenticationError(
    `The code is not taken (HTTP ${status}${said ? `: ${said}` : ''}). A code is good once and for five minutes, and only with the redirect address it was asked for with. ${loginCommand}`,
    { vendor, vendorCode: said ?? 'code', httpStatus: status },
  )
}

/** A token without a refresh token has ended. */
export function tokenEnded(): AuthenticationError {
  return new AuthenticationError(
    `The login has ended, and a client without a secret gets nothing to renew it with. ${loginCommand}`,
    { vendor, vendorCode: 'login-over' },
  )
}

/** Fresh tokens, and no request is let in with them. */
export function refusedAgain(what: string): AuthenticationError {
  return new AuthenticationError(`${what} was answered with 401 right after the login was renewed. ${loginCommand}`, {
    vendor,
    vendorCode: 'session',
    httpStatus: 401,
  })
}

/** 200 without a token in it. */
export function noToken(status: number): ProtocolError {
  return new ProtocolError(
    `The vendor's login server answered ${status} without a token. The stored login may be used up: if the next run is refused, log in again with eagleeye-cli login.`,
    { vendor, httpStatus: status },
  )
}

/** The `vendorCode` of a renewal that nothing was heard of. */
export const brokeOff = 'renewal-broke-off'

/** The connection broke off twice while new tokens were on their way. */
export function renewalBrokeOff(cause: CamError): NetworkError {
  return new NetworkError(
    `The login could not be renewed: the connection broke off twice before the reply (${cause.message}) The reply may have held the only tokens that are still good: if the next run is not let in, log in again with eagleeye-cli login.`,
    { vendor, vendorCode: brokeOff, cause, reason: cause instanceof NetworkError ? cause.reason : 'ETIMEDOUT' },
  )
}

/** Tokens that cannot be stored are not used: the old ones die with the first renewal. */
export function notStored(cause: unknown): DiskError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DiskError(`The login cannot be stored, so it was not used: ${why}`, { vendor, code: 'DISK_IO', cause })
}

/** A reply names a host that must not see the token. */
export function untrustedHost(what: string, address: string): ProtocolError {
  const host = URL.canParse(address) ? new URL(address).origin : 'something that is no address'
  return new ProtocolError(
    `${what} is at ${host}, which is neither below eagleeyenetworks.com or een.cloud (over https) nor declared as trusted. The token was not sent there.`,
    { vendor, vendorCode: 'untrusted-host' },
  )
}

/** A reply that is no list, or an entry that is no recording: nothing is concluded from either. */
export function unreadable(what: string, problem: string): ProtocolError {
  return new ProtocolError(`${what}: ${problem}. Nothing was concluded from it.`, { vendor })
}

/** A recording that this package did not list. */
export function foreignRecording(id: string): RequestError {
  return new RequestError(`Recording ${JSON.stringify(id.slice(0, 200))} was not listed by this source.`, { vendor })
}

/** An export that cannot become the one file a recording is. */
export function exportFailed(what: string, problem: string, code?: string): UnavailableError {
  return new UnavailableError(`${what}: ${problem}.`, { vendor, ...(code !== undefined && { vendorCode: code }) })
}

/** The same, where another export may do better. */
export function exportToRepeat(what: string, problem: string, code?: string): ServerError {
  return new ServerError(`${what}: ${problem}.`, { vendor, ...(code !== undefined && { vendorCode: code }) })
}

/** What is known of a failed request besides its words. */
interface Failed {
  readonly what: string
  /** 0 where no reply is at hand, as for a job. */
  readonly status: number
  readonly headers?: HttpAnswer['headers']
  readonly clock: Clock
  readonly redact: (text: string) => string
}

const gone = ['outOfRetention', 'purged']
const later = ['deviceUnavailable', 'serviceUnavailable', 'deadlineExpired', 'deadlineExceeded', 'unavailable']
const tooMany = ['tooManyRequests', 'userTemporarilyBlocked']
const forbidden = ['permissionDenied', 'invalidPermission', 'wrongEdition', 'wrongAccountType']

/** The error that the vendor's own reasons stand for; without any, the one of the status. PROTOCOL.md §2.3. */
export function errorForApi(failed: Failed, body: unknown): CamError {
  const { what, status, clock, redact } = failed
  const headers = failed.headers ?? {}
  const refusal = readRefusal(typeof body === 'string' ? redact(body.slice(0, 4096)) : body)
  const { reasons } = refusal
  const words = [...reasons, ...(refusal.status === undefined ? [] : [refusal.status])]
  const text = [...new Set(words), refusal.said].filter(Boolean).join(', ')
  const message = redact(`${what}: ${status > 0 ? `HTTP ${status}` : 'failed'}${text ? `: ${text}` : ''}`)
  const code = words[0]
  const wait = retryAfterMs(headers, clock.now())
  const facts = {
    vendor,
    ...(status > 0 && { httpStatus: status }),
    ...(code !== undefined && { vendorCode: code }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  }
  const said = (known: readonly string[]) => words.some((one) => known.includes(one))
  if (said(gone)) return new ExpiredError(message, facts)
  if (status === 429 || said(tooMany)) return new RateLimitError(message, facts)
  if (said(['quotaExceeded', 'resourceExhausted'])) return new QuotaError(message, facts)
  if (said(['userBlocked'])) return new AuthenticationError(message, facts)
  if (said(['resourceLocked'])) return new BusyError(message, facts)
  if (said(later)) return new ServerError(message, facts)
  if (said(forbidden)) return new PermissionError(message, facts)
  if (status > 0) return errorForStatus({ status, headers, text }, what, { ...facts, clock, redact })
  return said(['internal', 'internalError', 'unknown', 'aborted'])
    ? new ServerError(message, facts)
    : new UnavailableError(message, facts)
}
