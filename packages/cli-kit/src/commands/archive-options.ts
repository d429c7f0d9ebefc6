import type { Layout, Ledger } from '@cam/download-core'
import type { OpenSource } from '../open-source.ts'
import type { Session } from '../session.ts'

/** What the flags mean for the core. */
export async function archiveOptions(session: Session, open: OpenSource, ledger: Ledger) {
  const { flags, definition, clock, interruption, action } = session
  const concurrency = flags.number('concurrency')
  const timeZone = flags.text('timezone')
  const pendingDeadlineMs = definition.pendingDeadlineMs?.(flags)
  // Whoever asks for what failed does not want it left out.
  const skip = action === 'retry' ? undefined : await definition.skip?.(flags, ledger)
  return {
    source: open.source,
    ledger,
    into: flags.text('dest')!,
    clock,
    cameras: flags.list('cameras'),
    layout: layoutOf(session),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(skip === undefined ? {} : { skip }),
    ...(pendingDeadlineMs === undefined ? {} : { pendingDeadlineMs }),
    rateLimitMbps: flags.number('rate-limit')!,
    retry: open.retry,
    idleMs: open.timeouts.idleMs,
    // Opening may take a login, a redirect and a first byte; the source's own limits are tighter.
    openMs: Math.max(120_000, open.timeouts.firstByteMs * 2 + 30_000, open.source.patience?.openMs ?? 0),
    overwrite: flags.on('overwrite'),
    handedOver: flags.on('handed-over'),
    acceptNewArchive: flags.on('new-archive'),
    signal: interruption.abort,
    stop: interruption.stop,
  }
}

/** `seed` is what the command's files are called by default. */
function layoutOf({ flags, command, definition }: Session): string | Layout {
  const layout = flags.text('layout')!
  if (layout !== 'seed') return layout
  const own = command.layout ?? definition.defaults.seedLayout
  return typeof own === 'function' ? own(flags) : own
}

/** A camera that is not there or a template that cannot be: the user's to mend. */
export function isAboutFlags(error: unknown): error is RangeError {
  return (
    error instanceof RangeError &&
    /^(cameras|vehicles|layout|timeZone|window|concurrency|[a-z]+Mbps|[a-z]+Ms)\b/i.test(error.message)
  )
}
