import { randomUUID } from 'node:crypto'
import type { TimeWindow } from '../world.ts'

export interface MediaUrl extends TimeWindow {
  readonly cameraId: string
  readonly issuedAt: number
}

const kept = 100_000

/** The films that were promised under an address, and the media sessions of browsers. */
export class MediaUrls {
  readonly #bySession = new Map<string, MediaUrl>()
  readonly #browsers = new Set<string>()

  add(url: MediaUrl): string {
    const session = randomUUID()
    this.#bySession.set(session, url)
    if (this.#bySession.size > kept) this.#bySession.delete(this.#bySession.keys().next().value!)
    return session
  }

  find(session: string | undefined): MediaUrl | undefined {
    return this.#bySession.get(session ?? '')
  }

  /** The value of a cookie. */
  newSession(): string {
    const cookie = randomUUID()
    this.#browsers.add(cookie)
    return cookie
  }

  isSession(cookie: string | undefined): boolean {
    return this.#browsers.has(cookie ?? '')
  }
}
