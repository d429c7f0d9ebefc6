import type { EpochMs } from '@cam/download-core'
import type { RunNotice } from '@cam/notify'
import type { CliDefinition, SourceContext } from '../definition.ts'
import type { Flags } from '../flags/flag.ts'
import { localTime } from '../report/local-time.ts'
import { durationText } from '../report/measures.ts'
import { type MemoryPlace, rememberWhat } from './memory.ts'

const dayMs = 86_400_000
/** A login that lapses unless it is used was used by the run: what is left at its end is short only where somebody has to act. */
const warnBeforeMs = 7 * dayMs

/** What is to be said of a login that lapses soon. */
export interface ExpiringLogin {
  readonly text: string
  readonly nextAction?: string
}

/** Asked at the end of a run. Never throws: a store that cannot be read has failed the run already. */
export async function expiringLogin(
  { loginExpires, renewLogin }: Pick<CliDefinition, 'loginExpires' | 'renewLogin'>,
  flags: Flags,
  context: SourceContext,
  now: EpochMs,
  timeZone: string,
): Promise<ExpiringLogin | undefined> {
  const expires = await loginExpires?.(flags, context).catch(() => undefined)
  if (expires === undefined || !Number.isFinite(expires) || expires - now >= warnBeforeMs) return undefined
  const at = localTime(expires, timeZone)
  const text =
    expires > now
      ? `The login of ${context.username} ends at ${at}, in ${durationText(expires - now)}.`
      : `The login of ${context.username} ended at ${at}.`
  return { text, ...(renewLogin ? { nextAction: `Renew it: ${renewLogin}` } : {}) }
}

/** Tells it, at most once a day. */
export async function tellExpiring(
  place: MemoryPlace,
  notice: RunNotice,
  send: (notice: RunNotice) => Promise<boolean>,
): Promise<void> {
  await rememberWhat(place, async ({ authExpiringAt }) => {
    const now = place.clock.now()
    if (authExpiringAt !== undefined && authExpiringAt <= now && now - authExpiringAt < dayMs) return undefined
    return (await send(notice)) ? { authExpiringAt: now } : undefined
  })
}
