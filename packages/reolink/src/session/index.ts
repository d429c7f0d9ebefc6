import { AuthenticationError, isCamError } from '@cam/download-core/source'
import { type Asked, LockedOutError } from '../failures.ts'
import type { Settings } from '../options.ts'
import { bodyOf } from '../wire/envelope.ts'
import type { Parameter } from '../wire/query.ts'
import { closed as isClosed, type Line } from './line.ts'
import { type Grant, logIn } from './log-in.ts'
import { type Farewell, logOut, plainFarewell } from './log-out.ts'
import { patiently } from './patiently.ts'
import { createSeals, type Seals } from './seals.ts'

/** Renewed so long before its lease is over, as the vendor's other clients do. */
const aheadMs = 300_000
/** Timers may ring a little early, and whoever waited as told must not be told again. */
const earlyMs = 100
/** How long disposing waits for a login that is under way. */
const leaveMs = 10_000

/** A login that stands. */
export interface Standing extends Grant {
  /** Monotonic. */
  readonly since: number
  /** Of an encrypted session. */
  readonly seals?: Seals
}

/**
 * The one login of a device, made on first use, once, whoever asks. It goes on when whoever asked gives up: a session whose
 * token nobody heard could not be ended.
 */
export interface Session extends AsyncDisposable {
  /** The login, made or renewed where needed. Asks no second time with a wrong password, nor while the account is locked. */
  login(signal: AbortSignal): Promise<Standing>
  /** Ends `stale` and logs in anew; gives the login that stands where somebody else did so already. */
  renew(stale: Standing | undefined, signal: AbortSignal): Promise<Standing>
  /** Nothing is asked any more until so many milliseconds have passed: what was refused would be refused again, and counted. */
  bar(error: Error, forMs: number): void
  /** Throws what bars it. */
  check(): void
  readonly current: Standing | undefined
  /** A device that took name and password with a request once does so; what it refuses then, it refuses for the moment. */
  readonly short: { worked: boolean }
}

/** Nothing is contacted before the first login. */
export function createSession(line: Line, settings: Settings, asked: Asked): Session {
  const { clock } = settings
  const life = new AbortController()
  let current: Standing | undefined
  let entering: Promise<Standing> | undefined
  let barred: { readonly error: Error; readonly until: number } | undefined
  let closed = false

  const lasts = ({ since, leaseMs }: Standing) =>
    clock.monotonic() - since < Math.max(leaseMs - aheadMs, Math.floor(leaseMs / 2))

  const bar = (error: Error, forMs: number) => {
    barred = { error, until: clock.monotonic() + forMs }
  }

  const check = () => {
    if (closed) throw isClosed()
    if (barred && clock.monotonic() < barred.until) throw barred.error
  }

  const enter = async (): Promise<Standing> => {
    check()
    // Before another is asked for: sessions are few, and only a logout frees one.
    if (current) await leave(current, false)
    current = undefined
    if (closed) throw isClosed()
    try {
      const grant = await logIn(line, settings, asked, life.signal)
      const seals = grant.cipher && createSeals(grant.cipher, grant.counters)
      current = { ...grant, since: clock.monotonic(), ...(seals && { seals }) }
      return current
    } catch (error) {
      if (error instanceof AuthenticationError) bar(error, Number.POSITIVE_INFINITY)
      if (error instanceof LockedOutError) bar(error, (error.retryAfterMs ?? 0) - earlyMs)
      throw error
    }
  }

  const leave = (grant: Standing, unordered: boolean) => logOut(line, () => farewellOf(grant), clock, unordered)

  const once = (signal: AbortSignal): Promise<Standing> => {
    entering ??= enter().finally(() => {
      entering = undefined
    })
    return patiently(entering, signal)
  }

  return {
    check,
    bar,
    short: { worked: false },
    async login(signal) {
      signal.throwIfAborted()
      return current && !entering && lasts(current) ? current : once(signal)
    },
    async renew(stale, signal) {
      signal.throwIfAborted()
      if (entering) return patiently(entering, signal)
      return current && current !== stale ? current : once(signal)
    },
    get current() {
      return current
    },
    async [Symbol.asyncDispose]() {
      if (closed) return
      closed = true
      line.hangUp()
      const gone = new AbortController()
      void clock.wait(leaveMs, gone.signal).then(
        () => life.abort(isClosed()),
        () => {},
      )
      try {
        await entering
      } catch (error) {
        if (!isCamError(error) && !(error instanceof TypeError)) throw error
      } finally {
        gone.abort()
      }
      if (current) await leave(current, true)
      current = undefined
    },
  }
}

function farewellOf({ name, seals }: Standing): Farewell {
  if (!seals) return plainFarewell(name)
  const parameters: Parameter[] = [
    ['token', name],
    ['encrypt', seals.stamp('Logout')],
  ]
  return { parameters, body: seals.cipher.encrypt(bodyOf([{ cmd: 'Logout' }])) }
}
