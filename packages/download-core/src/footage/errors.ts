import { redact } from './redact.ts'

const marker = Symbol.for('@cam/error')

/** What is known of a failure besides its words. */
export interface CamErrorOptions {
  readonly vendor?: string
  /** The vendor's own number or word for it. */
  readonly vendorCode?: string | number
  /** What led to it. Of foreign errors only name, message, code and stack are kept: others carry whole requests with them. */
  readonly cause?: unknown
  /** Values that must not appear in the message. Patterns that look like secrets are removed in any case. */
  readonly secrets?: Iterable<string>
  readonly httpStatus?: number
}

/** Everything that can go wrong with footage. The message says what was tried and what came back, without secrets. */
export abstract class CamError extends Error {
  /** Stable: part of the interface, stored in ledgers. */
  abstract readonly code: string
  /** Whether the same call may succeed later without anybody changing anything. */
  abstract readonly retryable: boolean
  /** `run`: going on with other recordings would fail in the same way, or do harm. */
  readonly stops: 'recording' | 'run' = 'recording'
  readonly vendor?: string
  readonly vendorCode?: string | number
  readonly httpStatus?: number

  constructor(message: string, options: CamErrorOptions = {}) {
    super(redact(message, options.secrets), options.cause === undefined ? undefined : { cause: harmless(options) })
    this.name = new.target.name
    if (options.vendor !== undefined) this.vendor = options.vendor
    if (options.vendorCode !== undefined) this.vendorCode = options.vendorCode
    if (options.httpStatus !== undefined) this.httpStatus = options.httpStatus
    Object.defineProperty(this, marker, { value: true })
  }
}

function harmless({ cause, secrets }: CamErrorOptions): unknown {
  if (isCamError(cause)) return cause
  if (!(cause instanceof Error)) return redact(String(cause), secrets)
  const { name, message, stack, code } = cause as NodeJS.ErrnoException
  const copy = new Error(redact(message, secrets))
  Object.defineProperties(copy, {
    name: { value: name, configurable: true },
    stack: { value: redact(stack ?? '', secrets), configurable: true },
  })
  return code === undefined ? copy : Object.assign(copy, { code })
}

/** Recognises our errors across copies of this package. */
export function isCamError(error: unknown): error is CamError {
  return typeof error === 'object' && error !== null && marker in error
}

/** Try again later: nobody has to change anything. */
export abstract class RetryableError extends CamError {
  readonly retryable = true
  /** The wait the other side asked for. */
  readonly retryAfterMs?: number

  constructor(message: string, options: CamErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options)
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
  }
}

/** Give up: somebody has to change something first. */
export abstract class FatalError extends CamError {
  readonly retryable = false
}

/** No connection, or it broke. */
export class NetworkError extends RetryableError {
  readonly code = 'NETWORK'
  /** The system's word: ECONNREFUSED, EHOSTUNREACH … */
  readonly reason: string
  constructor(message: string, options: CamErrorOptions & { readonly reason: string }) {
    super(message, options)
    this.reason = options.reason
  }
}

/** Nothing happened for too long; `phase` says during what. */
export class TimeoutError extends RetryableError {
  readonly code = 'TIMEOUT'
  readonly phase: 'connect' | 'tls' | 'first-byte' | 'idle' | 'slow'
  readonly limitMs: number
  constructor(
    message: string,
    options: CamErrorOptions & { readonly phase: TimeoutError['phase']; readonly limitMs: number },
  ) {
    super(message, options)
    this.phase = options.phase
    this.limitMs = options.limitMs
  }
}

/** The other side asked for fewer requests. */
export class RateLimitError extends RetryableError {
  readonly code = 'RATE_LIMITED'
}

/** The other side failed (HTTP 5xx, 408, 425). */
export class ServerError extends RetryableError {
  readonly code = 'SERVER'
}

/** Fewer bytes arrived than belong to the recording. */
export class IncompleteError extends RetryableError {
  readonly code = 'INCOMPLETE'
  readonly receivedBytes: number
  readonly expectedBytes?: number
  constructor(
    message: string,
    options: CamErrorOptions & { readonly receivedBytes: number; readonly expectedBytes?: number },
  ) {
    super(message, options)
    this.receivedBytes = options.receivedBytes
    if (options.expectedBytes !== undefined) this.expectedBytes = options.expectedBytes
  }
}

/** The device is doing something else. */
export class BusyError extends RetryableError {
  readonly code = 'BUSY'
}

/** The source changed the recording while we read it. */
export class UnstableError extends RetryableError {
  readonly code = 'UNSTABLE'
}

/** The run was ended by its user; the recording is planned again next time. */
export class InterruptedError extends RetryableError {
  readonly code = 'INTERRUPTED'
}

/** Name or password refused. Trying again may lock the account, so nothing does. */
export class AuthenticationError extends FatalError {
  readonly code = 'AUTHENTICATION'
  override readonly stops = 'run'
}

/** Known, but not allowed. */
export class PermissionError extends FatalError {
  readonly code = 'PERMISSION'
}

/** The other side knows no such thing (HTTP 404). Says nothing about whether it ever existed. */
export class NotFoundError extends FatalError {
  readonly code = 'NOT_FOUND'
}

/** The source says it no longer has it (HTTP 410, retention passed). */
export class ExpiredError extends FatalError {
  readonly code = 'EXPIRED'
}

/** The other side refuses the request as such. */
export class RequestError extends FatalError {
  readonly code = 'REQUEST'
}

/** The reply is not what the protocol says: an HTML page for a video, JSON that does not parse. */
export class ProtocolError extends FatalError {
  readonly code = 'PROTOCOL'
}

/** A paid or counted allowance is used up. */
export class QuotaError extends FatalError {
  readonly code = 'QUOTA'
}

/** The device cannot do this (card missing, feature not licensed). */
export class UnavailableError extends FatalError {
  readonly code = 'UNAVAILABLE'
}

/** The server's certificate is not trusted. */
export class UntrustedCertificateError extends FatalError {
  readonly code = 'TLS_UNTRUSTED'
  override readonly stops = 'run'
  /** SHA-256 of the certificate the server showed, as `AA:BB:…`. */
  readonly fingerprint256?: string
  constructor(message: string, options: CamErrorOptions & { readonly fingerprint256?: string } = {}) {
    super(message, options)
    if (options.fingerprint256 !== undefined) this.fingerprint256 = options.fingerprint256
  }
}

/** The archive's own disk. Stops the run: every other recording would meet the same. */
export class DiskError extends FatalError {
  readonly code: 'DISK_FULL' | 'DISK_READ_ONLY' | 'DISK_DENIED' | 'DISK_IO'
  override readonly stops = 'run'
  constructor(message: string, options: CamErrorOptions & { readonly code: DiskError['code'] }) {
    super(message, options)
    this.code = options.code
  }
}

/** The archive a previous run wrote here is gone: most often a disk that is not mounted. */
export class ArchiveMissingError extends FatalError {
  readonly code = 'ARCHIVE_MISSING'
  override readonly stops = 'run'
}

/** Another run works on this archive and source. */
export class LockedError extends FatalError {
  readonly code = 'LOCKED'
  override readonly stops = 'run'
}

/** The moment a picture was due passed without one. No later picture is that one, so nobody tries again. */
export class SlotMissedError extends FatalError {
  readonly code = 'SLOT_MISSED'
}

/** The bytes arrived but are not, or cannot be shown to be, the whole recording; WORSE: not as good as what is kept of it already. */
export class ProofError extends FatalError {
  readonly code: 'UNPROVABLE' | 'CORRUPT' | 'TOO_SHORT' | 'WRONG_LENGTH' | 'WRONG_CHECKSUM' | 'WORSE'
  constructor(message: string, options: CamErrorOptions & { readonly code: ProofError['code'] }) {
    super(message, options)
    this.code = options.code
  }
}
