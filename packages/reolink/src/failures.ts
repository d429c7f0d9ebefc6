import {
  AuthenticationError,
  BusyError,
  type CamError,
  type CamErrorOptions,
  IncompleteError,
  NetworkError,
  NotFoundError,
  PermissionError,
  ProtocolError,
  RateLimitError,
  RequestError,
  ServerError,
  UnavailableError,
} from '@cam/download-core/source'
import type { Refusal } from './wire/envelope.ts'
import { kindOfCode, wordsOfCode } from './wire/error-table.ts'

/** Stands in every error of this package. */
export const vendor = 'reolink'

/** Who was asked, and as whom. */
export interface Asked {
  readonly address: string
  readonly username: string
  /** Never shown, whatever the device says. */
  readonly secrets?: readonly string[]
}

/** A full table of sessions is looked at again after so long: one of them may end at any moment. */
const sessionsFullMs = 15_000
/** Without a stated wait, what a device locks an account for. PROTOCOL.md §1.4. */
const lockedMs = 300_000
/** A device that says "frequent logins" says nothing of how long. */
const oftenMs = 60_000

/**
 * The device takes no login of this account for a while. Nothing inside a run helps: whoever archives ends, and whoever takes
 * pictures on the clock goes on when the time is over.
 */
export class LockedOutError extends RateLimitError {
  override readonly stops = 'run'
}

/** What one command, picture or download was refused with, by the error table. PROTOCOL.md §1.3. */
export function refused(asked: Asked, what: string, refusal: Refusal): CamError {
  const { address } = asked
  const { code, detail } = refusal
  const facts = factsOf(asked, code)
  const said = `${what} was refused by ${address}: ${detail ?? wordsOfCode(code) ?? 'no reason given'} (${code})`
  switch (kindOfCode(code)) {
    case 'session':
      return new BusyError(`${said}. It let us in and then knew nothing of it.`, facts)
    case 'credentials':
      return new AuthenticationError(`${said}.`, facts)
    case 'locked':
      return new LockedOutError(`${said}.`, { ...facts, retryAfterMs: lockedMs })
    case 'often':
      return new RateLimitError(`${said}.`, { ...facts, retryAfterMs: oftenMs })
    case 'sessions':
      return sessionsFull(asked, refusal)
    case 'busy':
      return new BusyError(`${said}.`, facts)
    case 'passing':
      return new ServerError(`${said}.`, facts)
    case 'offline':
      return new ServerError(`${said}: the camera of this channel is not connected to its recorder.`, facts)
    case 'missing':
      return new NotFoundError(`${said}.`, facts)
    case 'request':
      return new RequestError(`${said}.`, facts)
    case 'unable':
      return new UnavailableError(`${said}. This model or firmware cannot do it.`, facts)
    case 'rights':
      return new PermissionError(`${said}. Is the account an administrator of the device?`, facts)
    default:
      return new ProtocolError(`${said}, which is in no table of errors.`, facts)
  }
}

/** Name or password are wrong. The device counts, so nobody asks again. PROTOCOL.md §1.4. */
export function wrongPassword(asked: Asked, { code, detail, remaining }: Refusal): AuthenticationError {
  const left =
    remaining === undefined
      ? 'It locks the account after a few of these'
      : `It takes ${remaining} more ${remaining === 1 ? 'try' : 'tries'} before it locks the account`
  return new AuthenticationError(
    `${asked.address} did not let in the account ${JSON.stringify(asked.username)}: ${detail ?? wordsOfCode(code)} (${code}). ${left}, so it is not tried again. Check name and password; they are those of the device, not of the vendor's cloud.`,
    factsOf(asked, code),
  )
}

/** Too many wrong passwords, ours or somebody else's. */
export function lockedOut(asked: Asked, { code, detail, unlockSeconds }: Refusal): LockedOutError {
  const known = unlockSeconds !== undefined && unlockSeconds > 0
  const waitMs = known ? unlockSeconds * 1000 : lockedMs
  const howLong = known ? `for another ${duration(waitMs)}` : `for a while (most devices: ${duration(lockedMs)})`
  return new LockedOutError(
    `${asked.address} has locked the account ${JSON.stringify(asked.username)} ${howLong}, because wrong passwords were tried, by us or by another program: ${detail ?? wordsOfCode(code)} (${code}). No login is tried until then.`,
    { ...factsOf(asked, code), retryAfterMs: waitMs },
  )
}

/** Sessions are few, and those that nobody ends stay for an hour. PROTOCOL.md §1.2. */
function sessionsFull(asked: Asked, { code, detail }: Refusal): BusyError {
  return new BusyError(
    `${asked.address} has no session left: ${detail ?? wordsOfCode(code)} (${code}). Other programs or browsers are logged in, or did not log out; what nobody ends, ends by itself after an hour. End one (the vendor's app, or the list of sessions), restart the device, or take pictures with login 'short', which needs none.`,
    { ...factsOf(asked, code), retryAfterMs: sessionsFullMs },
  )
}

/** A session is wanted where name and password go along with each request. */
export function noShortSessions(asked: Asked, what: string, { code, detail }: Refusal): AuthenticationError {
  return new AuthenticationError(
    `${asked.address} does not take name and password with the request itself: ${what} was answered with ${detail ?? wordsOfCode(code)} (${code}). Some models take no short sessions; on others the account ${JSON.stringify(asked.username)} or its password are wrong. It is not tried again. Use login 'token'.`,
    factsOf(asked, code),
  )
}

/** The device lets nobody in over the login that was asked for. */
export function noEncryptedLogin({ address }: Asked): UnavailableError {
  return new UnavailableError(
    `${address} does not offer the encrypted login. Use login 'auto' or 'token', preferably over https.`,
    { vendor, vendorCode: 'encrypted-login' },
  )
}

/** It let us in, but gave nothing to prove it with. */
export function noToken({ address }: Asked, got: string): ProtocolError {
  return new ProtocolError(`${address} answered the login without a token (${got}), so there is no session.`, {
    vendor,
  })
}

/** Not the protocol's JSON: cut off, or something else. `text` holds no secrets. */
export function unreadable({ address }: Asked, what: string, text: string): CamError {
  const shown = text.slice(0, 80).replace(/[\p{C}\s]+/gu, ' ')
  if (/^\s*[[{]/.test(text)) {
    return new IncompleteError(
      `The answer of ${address} to ${what} is cut off or damaged: it begins with "${shown}".`,
      {
        vendor,
        receivedBytes: text.length,
      },
    )
  }
  if (text.trim() === '') {
    return new IncompleteError(`The answer of ${address} to ${what} is empty.`, { vendor, receivedBytes: 0 })
  }
  return new ProtocolError(
    `What answers at ${address} does not speak as a Reolink device does: ${what} was answered with "${shown}". Is this its own address?`,
    { vendor },
  )
}

/** No common ground for TLS. */
export function oldTls({ address }: Asked, cause: NetworkError): NetworkError {
  return new NetworkError(
    `${address} and we agree on no TLS (${cause.reason}). A device of before 2018 may need the option legacyTls, and newer firmware.`,
    { vendor, reason: cause.reason, cause },
  )
}

/** The address sends us elsewhere. */
export function sentElsewhere({ address }: Asked, status: number, location: string | undefined): RequestError {
  const there = location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined
  const https = status === 300 || there?.startsWith('https://')
  const advice = https
    ? `It wants https: give ${there ?? `https://${address.replace(/:\d+$/, '')}`} as the host, with its certificate's fingerprint.`
    : "Is this the device's own address?"
  return new RequestError(
    `${address} sends every request elsewhere (HTTP ${status}${there ? ` to ${there}` : ''}). ${advice}`,
    { vendor, httpStatus: status },
  )
}

/** Somebody answers, but there is no page for commands. */
export function noApi({ address }: Asked, paths: readonly string[]): ProtocolError {
  return new ProtocolError(
    `${address} answers, but has no ${paths.join(' and no ')}. Is this a Reolink device, and its own address? Battery cameras have none: they are reached through their hub.`,
    { vendor, httpStatus: 404 },
  )
}

/** 404 and 502 come from devices that start, and for sessions they have forgotten. PROTOCOL.md §1.1. */
export function notUpYet({ address }: Asked, what: string, status: number): ServerError {
  return new ServerError(`${what}: ${address} answers HTTP ${status}, as devices do while they start.`, {
    vendor,
    httpStatus: status,
  })
}

/** What came is no whole picture. `INCOMPLETE` where its end is missing; worth another try in any case. */
export function notAPicture(what: string, problem: string, receivedBytes: number, cutOff: boolean): CamError {
  const words = `${what} is no whole picture: ${problem}. Nothing of it was taken.`
  return cutOff ? new IncompleteError(words, { vendor, receivedBytes }) : new ServerError(words, { vendor })
}

/** The same picture again and again: the device shows what was, not what is. */
export function frozen(what: string, times: number): ProtocolError {
  return new ProtocolError(
    `${what} is identical to the one before, byte for byte, ${times} ${times === 1 ? 'time' : 'times'} in a row: the camera is frozen. Restart it. Where pictures may well be identical, allow it with identicalPictures.`,
    { vendor, vendorCode: 'frozen' },
  )
}

/** Addresses are handed out anew, after a power failure for instance. */
export function anotherDevice({ address }: Asked, before: string, now: string): ProtocolError {
  return new ProtocolError(
    `What answers at ${address} is another device than before: it was ${JSON.stringify(before)}, and is ${JSON.stringify(now)} by its own number. Nothing of it is taken for the other one's. Give devices addresses that do not change.`,
    { vendor, vendorCode: 'another-device' },
  )
}

/** Asked for a session that is not there. */
export function noSuchSession({ address }: Asked, id: string): NotFoundError {
  return new NotFoundError(`${address} has no session ${JSON.stringify(id)}.`, { vendor })
}

function factsOf({ secrets }: Asked, vendorCode: number): CamErrorOptions {
  return { vendor, vendorCode, ...(secrets && { secrets }) }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}
