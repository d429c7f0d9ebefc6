import type { CamError } from '@cam/download-core/source'
import type { Settings } from './options.ts'

/** The token of one organisation, and whether it is taken. */
export interface Session {
  /**
   * Sends one request with the token. The first one goes alone, so that a token that is refused costs one request; once refused,
   * nothing is sent any more and the same error is thrown.
   */
  speak<T>(send: (headers: Readonly<Record<string, string>>) => Promise<T>, signal: AbortSignal): Promise<T>
  /** Remembers that the token was not taken. */
  refused(error: CamError): void
}

/** Contacts nobody. */
export function createSession({ token }: Settings): Session {
  const headers = { authorization: `Bearer ${token}` }
  let refusal: CamError | undefined
  let taken = false
  let first: Promise<unknown> | undefined

  return {
    async speak(send, signal) {
      for (;;) {
        signal.throwIfAborted()
        if (refusal) throw refusal
        if (taken) return send(headers)
        if (first) {
          await first
          continue
        }
        const sent = send(headers)
        first = sent.then(
          () => {
            taken = true
          },
          () => {
            first = undefined
          },
        )
        return sent
      }
    },
    refused(error) {
      refusal = error
    },
  }
}
