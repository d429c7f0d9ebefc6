import {
  AuthenticationError,
  BusyError,
  type CamError,
  type CamErrorOptions,
  PermissionError,
  ProtocolError,
  RateLimitError,
  RequestError,
  ServerError,
} from '@cam/download-core/source'
import { vendor } from './vendor.ts'

/** Who was asked, and as whom. */
export interface Asked {
  readonly host: string
  readonly username: string
}

/** A login that was refused. */
export interface Refusal {
  readonly step: 'authenticate' | 'authorize'
  readonly status: number
  /** The vendor's explanation, without secrets. */
  readonly said?: string
  /** As the vendor stated it. */
  readonly retryAfterMs?: number
}

/** PROTOCOL.md §1.2: what each status of a login means, and what to do about it. */
const refusals: Readonly<Record<number, readonly [what: string, advice: string]>> = {
  401: ['did not let in the account', 'Check name and password; they are those of the web page, not of a bridge'],
  402: ['says that the customer account is suspended', 'The vendor or the reseller has to reinstate it'],
  406: ['did not take the code of the second factor', 'Codes last 15 minutes, and three wrong ones lock the user'],
  412: [
    'says that the user is disabled',
    'Too many wrong codes do that too; an administrator of the account can enable the user again',
  ],
  460: ['says that the customer account is not active', 'The vendor or the reseller has to activate it'],
  461: [
    'says that the customer account is still pending',
    'It has to be confirmed first, by the mail sent to its owner',
  ],
  462: ['says that the user is still pending', 'The user has to follow the link in the mail of invitation first'],
  465: [
    'does not take logins from this IP address',
    "Add this machine's public address to those that the account allows, or log in from one of them",
  ],
}

/** The login as such was refused, or is not possible now. */
export function loginRefused(asked: Asked, refusal: Refusal): CamError {
  const { step, status, said, retryAfterMs } = refusal
  const heard = ` (${step}: HTTP ${status}${said ? `, ${JSON.stringify(said)}` : ''})`
  const facts: CamErrorOptions = { vendor, httpStatus: status, vendorCode: status }
  const later = { ...facts, ...(retryAfterMs !== undefined && { retryAfterMs }) }
  const user = JSON.stringify(asked.username)
  const known = refusals[status]
  if (known) return new AuthenticationError(`${asked.host} ${known[0]} (user ${user})${heard}. ${known[1]}.`, facts)
  if (status === 429 && step === 'authorize') {
    return new AuthenticationError(
      `${asked.host} has locked the user ${user} after more than three wrong codes${heard}. An administrator of the account can enable the user again.`,
      facts,
    )
  }
  if (status === 429) {
    return new RateLimitError(
      `${asked.host} takes no more logins for now${heard}. Nothing is wrong with the account.`,
      later,
    )
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new ServerError(`The login at ${asked.host} did not work${heard}.`, later)
  }
  if (status >= 300 && status < 400) return noLogin(asked, `a redirect (${status})`, status)
  return new RequestError(
    `${asked.host} does not understand the login of the user ${user}${heard}. Is it an account of the classic interface, and is an API key needed?`,
    facts,
  )
}

/** What answered is no login of the vendor's. */
export function noLogin({ host }: Asked, got: string, status: number): ProtocolError {
  return new ProtocolError(
    `${host} answered the login with ${got}, so there is no session to go on with. Is a proxy answering in its place?`,
    { vendor, httpStatus: status },
  )
}

/** Nobody is there to type in a code. PROTOCOL.md §1.2. */
export function secondFactor({ host, username }: Asked): AuthenticationError {
  return new AuthenticationError(
    `${host} wants a second factor for the user ${JSON.stringify(username)}, and an archive runs without anybody who could type in a code. Either use a user without one (best: a user of its own that may only view and download video), or log in once with a browser, trust that device, and give its cookie tfa_key as the option classic.tfaKey; it is kept with the session from then on.`,
    { vendor, vendorCode: 'two-factor' },
  )
}

/** A fresh login was let in and is refused at once. */
export function refusedAgain({ host, username }: Asked, what: string): AuthenticationError {
  return new AuthenticationError(
    `${host} let in the user ${JSON.stringify(username)} and then refused it: ${what} was answered with 401 right after a new login. Does this interface want an API key (option classic.apiKey)?`,
    { vendor, vendorCode: 'session', httpStatus: 401 },
  )
}

/** 401 for one thing, while the session is good for others. */
export function notForThisUser({ username }: Asked, what: string): PermissionError {
  return new PermissionError(
    `${what} was answered with 401, although the session of the user ${JSON.stringify(username)} is good. Other cameras are not affected.`,
    { vendor, httpStatus: 401 },
  )
}

/** The session goes to the vendor's own hosts alone. */
export function sentElsewhere(what: string, origin: string): RequestError {
  return new RequestError(
    `${what} was redirected to ${origin}, which is none of the vendor's hosts. It was not followed. If it is one, add it to the option hosts.trusted.`,
    { vendor, vendorCode: 'untrusted-host' },
  )
}

/** More redirects than any way has. */
export function sentAround(what: string): ProtocolError {
  return new ProtocolError(`${what} was redirected again and again.`, { vendor })
}

/** No reply of the vendor's that a list can be read from. */
export function unreadableList(what: string, problem: string, cause?: unknown): ProtocolError {
  return new ProtocolError(`The ${what} cannot be read: ${problem}. Nothing was concluded from it.`, {
    vendor,
    ...(cause !== undefined && { cause }),
  })
}

/** An entry of the device list that names nothing to ask for. */
export function unreadableCamera(position: number, problem: string): ProtocolError {
  return new ProtocolError(
    `Entry ${position + 1} of the device list ${problem}, so none of its footage can be asked for.`,
    { vendor },
  )
}

/** The user sees the camera, but may not have its footage. */
export function notAllowed(cameraId: string, what: string): PermissionError {
  return new PermissionError(
    `The user may not have ${what} of camera ${cameraId} (HTTP 403). The permissions to view and to download recorded video are needed for this camera. Other cameras are not affected.`,
    { vendor, httpStatus: 403 },
  )
}

/** PROTOCOL.md §1.5: says nothing about whether the footage exists, and often passes. */
export function notThere(cameraId: string, what: string): ServerError {
  return new ServerError(
    `${what} of camera ${cameraId} was answered with 404: the camera is not provisioned there, or the recording is not found. It was listed a moment ago.`,
    { vendor, httpStatus: 404 },
  )
}

/** Status 200, and JSON, a page or nothing in place of the film. */
export function noFilmYet(id: string, error: CamError): ServerError {
  return new ServerError(`The recording ${id} was answered with status 200 and no film. ${error.message}`, {
    vendor,
    httpStatus: 200,
    cause: error,
  })
}

/** PROTOCOL.md §1.5, statuses 423 and 463. */
export function outOfReach(cameraId: string, what: string, status: number): BusyError {
  const why = status === 463 ? 'the cloud cannot talk to the camera or its bridge' : 'it is locked'
  return new BusyError(`${what} of camera ${cameraId} is not to be had now: ${why} (HTTP ${status}).`, {
    vendor,
    httpStatus: status,
  })
}

/** The film was to be made, and was not. */
export function notRendered(cameraId: string, what: string, said: string, status: number): ServerError {
  return new ServerError(`${what} of camera ${cameraId} could not be rendered: ${said}.`, {
    vendor,
    httpStatus: status,
  })
}

/** A recording that this package did not list. */
export function foreignRecording(id: string): RequestError {
  return new RequestError(`Recording ${JSON.stringify(id.slice(0, 200))} was not listed by this source.`, { vendor })
}
