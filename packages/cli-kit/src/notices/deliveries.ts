import type { Notice, Notifier } from '@cam/notify'
import { NotNotedError } from './memory.ts'

/** Notices on their way, one after the other, so that no end overtakes its start. */
export interface Deliveries {
  /** Does it after everything before it. Resolves when it is done; never rejects. */
  next(work: () => Promise<void>): Promise<void>
  /**
   * Sends one now, and resolves with whether it reached anybody who wanted it. Belongs into `next`. Never rejects: what was not
   * delivered is a warning.
   */
  send(notice: Notice, signal: AbortSignal): Promise<boolean>
}

/** `say` gets what was delivered, `warn` what was not. */
export function createDeliveries(
  notifier: Notifier,
  say: (text: string) => void,
  warn: (text: string) => void,
): Deliveries {
  let last: Promise<void> = Promise.resolve()
  return {
    next(work) {
      last = last.then(work).catch((error: unknown) => {
        const words = error instanceof Error ? error.message : String(error)
        warn(error instanceof NotNotedError ? words : `A notice was not sent: ${words}`)
      })
      return last
    },
    async send(notice, signal) {
      // Nobody is there who could miss it.
      if (!notifier.wants(notice.event)) return true
      const deliveries = await notifier.send(notice, { signal })
      for (const { ok, target, reason } of deliveries) {
        if (ok) say(`Told ${notice.event}: ${target}`)
        else warn(`Not told ${notice.event}: ${reason ?? target}`)
      }
      return deliveries.some(({ ok, reachedSome }) => ok || reachedSome)
    },
  }
}
