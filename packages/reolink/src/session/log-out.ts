import type { Clock } from '@cam/download-core/source'
import { bodyOf, readAnswers } from '../wire/envelope.ts'
import type { Parameter } from '../wire/query.ts'
import type { Line } from './line.ts'

const limitMs = 5000
/** As many counters as a request may have lost: an encrypted session that nobody ends stays for an hour. */
const mostTries = 4

const wrongCounter = -301

/** What a Logout is sent with. */
export interface Farewell {
  readonly parameters: readonly Parameter[]
  readonly body: string
}

/** In a plain session. Without a token it would poison the tokens of others: PROTOCOL.md §1.2. */
export function plainFarewell(token: string): Farewell {
  return {
    parameters: [
      ['cmd', 'Logout'],
      ['token', token],
    ],
    body: bodyOf([{ cmd: 'Logout' }]),
  }
}

/** Ends a session, as far as the device lets us within five seconds; what it answers is not always JSON. Never throws. */
export async function logOut(line: Line, farewell: () => Farewell, clock: Clock, unordered: boolean): Promise<void> {
  const late = new AbortController()
  const done = new AbortController()
  // From its turn on: what is under way before it may well take longer, and whoever logs in anew has to wait for that, too.
  let timed = false
  const begins = () => {
    if (timed) return
    timed = true
    void clock.wait(limitMs, done.signal).then(
      () => late.abort(),
      () => {},
    )
  }
  try {
    for (let tries = 0; tries < mostTries; tries++) {
      const { text } = await line.ask({
        ...{ ...farewell(), signal: late.signal, unordered, lasting: true, begins, what: 'Logout' },
      })
      if (readAnswers(text())?.[0]?.refusal?.code !== wrongCounter) break
    }
  } catch {
    // It ends by itself when its lease is over.
  } finally {
    done.abort()
  }
}
