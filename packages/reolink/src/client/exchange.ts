import type { Clock } from '@cam/download-core/source'
import { type Asked, noShortSessions, refused } from '../failures.ts'
import type { Settings } from '../options.ts'
import type { Session, Standing } from '../session/index.ts'
import type { Heard, Line } from '../session/line.ts'
import { bodyOf, type Command, type Refusal } from '../wire/envelope.ts'
import { kindOfCode } from '../wire/error-table.ts'
import type { Parameter } from '../wire/query.ts'

/** What everything that is asked of a device shares. */
export interface Parts {
  readonly line: Line
  readonly session: Session
  readonly settings: Settings
  readonly asked: Asked
}

/** What one reply is worth. `lost`: the device does not know the session, or what came cannot be read. */
export type Verdict<T> = { readonly value: T } | { readonly lost: Refusal | Error }

/** A token may be unknown for so long after the login that gave it. PROTOCOL.md §1.2. */
const settlesMs = 2000
const settleWaitMs = 500
const mostSettles = 4

/** Whoever is let in by what: a session, or name and password in short mode. */
export type Pass = Standing | 'short'

/**
 * Asks once with the login as it stands; where the device knows nothing of it, waits for a young one to settle, renews it once and
 * asks again. Throws what `explain` makes of what is lost for good.
 */
export async function withLogin<T>(
  parts: Parts,
  attempt: (pass: Pass) => Promise<Verdict<T>>,
  signal: AbortSignal,
  explain: (lost: Refusal | Error) => Error,
): Promise<T> {
  const { session, settings } = parts
  const { clock } = settings
  session.check()
  if (settings.login === 'short') return shortly(parts, attempt, explain)
  for (let renewed = false; ; renewed = true) {
    const standing = await session.login(signal)
    let verdict = await attempt(standing)
    for (let waits = 0; 'lost' in verdict && waits < mostSettles && isYoung(standing, verdict.lost, clock); waits++) {
      await clock.wait(settleWaitMs, signal)
      verdict = await attempt(standing)
    }
    if ('value' in verdict) return verdict.value
    if (renewed) throw explain(verdict.lost)
    await session.renew(standing, signal)
  }
}

async function shortly<T>(
  { session, asked }: Parts,
  attempt: (pass: Pass) => Promise<Verdict<T>>,
  explain: (lost: Refusal | Error) => Error,
): Promise<T> {
  const verdict = await attempt('short')
  if ('value' in verdict) {
    session.short.worked = true
    return verdict.value
  }
  if (verdict.lost instanceof Error || session.short.worked) throw explain(verdict.lost)
  const error = noShortSessions(asked, 'the first request', verdict.lost)
  session.bar(error, Number.POSITIVE_INFINITY)
  throw error
}

function isYoung(standing: Standing, lost: Refusal | Error, clock: Clock): boolean {
  return !(lost instanceof Error) && lost.code === -6 && clock.monotonic() - standing.since < settlesMs
}

/** A device that has forgotten an encrypted session cannot read what is asked in it. */
const cannotRead = -10

/** Whether the device says with this that it does not know the session. */
export function isLost({ code }: Refusal, pass: Pass): boolean {
  return kindOfCode(code) === 'session' || (code === cannotRead && pass !== 'short' && pass.seals !== undefined)
}

/** Sends commands with the pass. The answer is decrypted where it was encrypted. */
export async function putCommands(
  { line, settings }: Parts,
  pass: Pass,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<Heard> {
  const cmd = commands[0]?.cmd ?? ''
  const what = commands.length > 1 ? `${cmd} and ${commands.length - 1} more` : cmd
  const plain = bodyOf(commands)
  const seals = pass === 'short' ? undefined : pass.seals
  const parameters: Parameter[] = [...(seals ? [] : [['cmd', cmd] as const]), ...passParameters(settings, pass)]
  if (seals) parameters.push(['encrypt', seals.stamp(cmd)])
  const body = seals ? seals.cipher.encrypt(plain) : plain
  return line.ask({ parameters, body, signal, what })
}

/** What lets a request in. */
export function passParameters({ username, password }: Settings, pass: Pass): readonly Parameter[] {
  if (pass !== 'short') return [['token', pass.name]]
  return [
    ['user', username],
    ['password', password],
  ]
}

/**
 * The text of a reply; devices answer errors in plain words in an encrypted session, too. Undefined where it is no UTF-8, which
 * comes from devices under load; `lenient` makes the best of that.
 */
export function plainText(heard: Pick<Heard, 'text' | 'bytes'>, pass: Pass, lenient: boolean): string | undefined {
  const text = lenient ? heard.text() : decoded(heard.bytes)
  if (text === undefined || pass === 'short' || !pass.seals || /^\s*[[{]/.test(text)) return text
  return pass.seals.cipher.decrypt(text) ?? text
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What is lost for good, in words. */
export function lostForGood(asked: Asked, what: string): (lost: Refusal | Error) => Error {
  return (lost) => (lost instanceof Error ? lost : refused(asked, what, lost))
}
