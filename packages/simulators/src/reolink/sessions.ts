import { createHash } from 'node:crypto'
import type { SimulatorClock } from '../kit/clock.ts'
import type { Cipher } from './cipher.ts'

/** One row of the device's table. */
export interface Session {
  readonly id: number
  readonly token: string
  readonly user: string
  readonly ip: string
  readonly openedAt: number
  readonly expiresAt: number
  /** Commands before this moment are refused. */
  readonly settledAt: number
  /** A token that no command takes, though the login said well. */
  readonly dead: boolean
  /** Of an encrypted login. */
  readonly cipher: Cipher | undefined
}

export type SessionEnd = 'logout' | 'expired' | 'disconnected' | 'revoked'

/** What became of a session. */
export interface SessionTruth {
  readonly id: number
  readonly openedAt: number
  readonly closedAt?: number
  /** How it ended; missing while it is in the table. */
  readonly ended?: SessionEnd
}

const historyKept = 10_000

/** The table of sessions, which is small. */
export class Sessions {
  readonly #open = new Map<string, Session>()
  readonly #history: SessionTruth[] = []
  readonly #clock: SimulatorClock
  #issued = 0
  #closed = 0
  /** The most there ever were at once. */
  maximum = 0

  constructor(clock: SimulatorClock) {
    this.#clock = clock
  }

  /** What is in the table now. */
  all(): Session[] {
    this.#expire()
    return [...this.#open.values()]
  }

  get opened(): number {
    return this.#issued
  }

  get closed(): number {
    this.#expire()
    return this.#closed
  }

  /** Every session there ever was, the oldest first; of those that ended the last 10,000. */
  history(): SessionTruth[] {
    const open = this.all().map(({ id, openedAt }): SessionTruth => ({ id, openedAt }))
    return [...this.#history, ...open].sort((a, b) => a.id - b.id)
  }

  /** Undefined where the table is full. */
  open(
    row: Pick<Session, 'user' | 'ip' | 'dead' | 'cipher'>,
    { cap, leaseMs, settlesMs }: { cap: number; leaseMs: number; settlesMs: number },
  ): Session | undefined {
    this.#expire()
    if (this.#open.size >= cap) return undefined
    const now = this.#clock.now()
    const id = ++this.#issued
    const token = createHash('sha256').update(`session ${id} ${now}`).digest('hex').slice(0, 15)
    const session = { ...row, id, token, openedAt: now, expiresAt: now + leaseMs, settledAt: now + settlesMs }
    this.#open.set(token, session)
    this.maximum = Math.max(this.maximum, this.#open.size)
    return session
  }

  of(token: string): Session | undefined {
    this.#expire()
    return this.#open.get(token)
  }

  end({ token, id, openedAt }: Session, ended: SessionEnd): void {
    if (!this.#open.delete(token)) return
    this.#closed++
    this.#history.push({ id, openedAt, closedAt: this.#clock.now(), ended })
    if (this.#history.length > historyKept) this.#history.shift()
  }

  /** Every token is over. */
  revoke(): void {
    for (const session of [...this.#open.values()]) this.end(session, 'revoked')
  }

  #expire(): void {
    const now = this.#clock.now()
    for (const session of [...this.#open.values()]) if (session.expiresAt <= now) this.end(session, 'expired')
  }
}
