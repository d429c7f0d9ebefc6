import { Authenticator, type AuthRules } from '../kit/authenticate.ts'
import type { Exchange } from '../kit/exchange.ts'
import type { Camera } from './camera.ts'

const blockedForMs = 10_000
const wrongPerSecond = 20

/** The camera's own web server in front of the application: logins, and the brake on wrong ones. */
export class Gate {
  readonly #camera: Camera
  readonly #authenticator: Authenticator
  #wrongAt: number[] = []
  #blockedUntil = Number.NEGATIVE_INFINITY
  badLogins = 0

  constructor(camera: Camera, user: string, password: string) {
    this.#camera = camera
    this.#authenticator = new Authenticator({ realm: `AXIS_${camera.serial}`, user, password, clock: camera.clock })
  }

  /** Whether the request may go on; if not, it has been answered. */
  async letsIn(exchange: Exchange): Promise<boolean> {
    const { switches, clock } = this.#camera
    if (switches.throttle && clock.now() < this.#blockedUntil) {
      await exchange.reply(403, { headers: htmlType, body: page(403, 'Forbidden') })
      return false
    }
    const rules: AuthRules = {
      kind: switches.auth,
      ttlMs: switches.nonceTtl,
      oneTime: switches.oneTime,
      ncCheck: switches.ncCheck,
      staleOnNth: switches.staleOnNth,
    }
    const { method, target } = exchange
    let verdict = this.#authenticator.check({ method, target, authorization: exchange.header('authorization') }, rules)
    if (verdict.outcome === 'in' && switches.role === 'operator' && switches.auth !== 'none')
      verdict = this.#authenticator.refuse(rules)
    if (verdict.outcome === 'in') {
      Object.assign(exchange.commonHeaders, verdict.headers)
      exchange.entry.authenticated = true
      return true
    }
    if (verdict.outcome === 'bad-request') {
      await exchange.reply(400, { headers: htmlType, body: page(400, 'Bad Request') })
      return false
    }
    if (verdict.wrong) this.#countWrong()
    const headers = { 'WWW-Authenticate': verdict.challenges, ...htmlType }
    await exchange.reply(401, { headers, body: page(401, 'Unauthorized') })
    return false
  }

  #countWrong(): void {
    const now = this.#camera.clock.now()
    this.badLogins++
    this.#wrongAt = [...this.#wrongAt.filter((time) => now - time < 1000), now]
    if (this.#wrongAt.length > wrongPerSecond) this.#blockedUntil = now + blockedForMs
  }
}

export const htmlType = { 'Content-Type': 'text/html; charset=iso-8859-1' }

const explanations: Readonly<Record<number, string>> = {
  400: 'Your browser sent a request that this server could not understand.<br />',
  401: `This server could not verify that you
are authorized to access the document
requested.  Either you supplied the wrong
credentials (e.g., bad password), or your
browser doesn't understand how to supply
the credentials required.`,
  403: "You don't have permission to access this resource.",
  404: 'The requested URL was not found on this server.',
  503: 'The server is temporarily unable to service your\nrequest due to maintenance downtime or capacity\nproblems. Please try again later.',
}

/** An error page as Apache writes it. */
export function page(status: number, words: string): string {
  return `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>${status} ${words}</title>
</head><body>
<h1>${words}</h1>
<p>${explanations[status] ?? ''}</p>
</body></html>
`
}
