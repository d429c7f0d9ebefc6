import { InterruptedError } from '@cam/download-core'
import { exitCodes } from './exit-codes.ts'
import type { SignalSource } from './surroundings.ts'

/** What the user's signals ask of a run. */
export interface Interruption {
  /** Finish what is under way, begin nothing new. */
  readonly stop: AbortSignal
  /** End at once. What can be resumed is resumed by the next run. */
  readonly abort: AbortSignal
  /** 130 or 143 once a signal came. */
  readonly exitCode: 130 | 143 | undefined
  /** Whether there is something to finish: until then, the first Ctrl-C ends at once. */
  gentle: boolean
  /** End at once for a reason of our own, such as that nobody reads the output any more. */
  end(reason: string): void
  close(): void
}

/** `say` gets one line at a time. The third signal does not wait for anything. `goesOn`: whether a next run has something to go on with. */
export function listenForSignals(
  signals: SignalSource,
  say: (text: string) => void,
  exit: (code: number) => void,
  goesOn = true,
): Interruption {
  const nextRun = goesOn ? '; the next run goes on from here.' : '.'
  const stop = new AbortController()
  const abort = new AbortController()
  let exitCode: 130 | 143 | undefined
  let gentle = false
  const end = (reason: string) => {
    const error = new InterruptedError(reason)
    stop.abort(error)
    abort.abort(error)
  }
  const onInterrupt = () => {
    exitCode ??= exitCodes.interrupted
    if (abort.signal.aborted) return exit(exitCode)
    if (gentle && !stop.signal.aborted) {
      say('Interrupted by user (Ctrl+C). Finishing what is being transferred; nothing new begins.')
      say('Press Ctrl+C again to stop at once.')
      return stop.abort(new InterruptedError('Interrupted by user (Ctrl+C).'))
    }
    say(`Stopping at once${nextRun}`)
    return end('Interrupted by user (Ctrl+C).')
  }
  const onTerminate = () => {
    if (abort.signal.aborted && exitCode !== undefined) return exit(exitCode)
    exitCode = exitCodes.terminated
    say(`Terminated${nextRun}`)
    return end('Terminated (SIGTERM).')
  }
  signals.on('SIGINT', onInterrupt)
  signals.on('SIGTERM', onTerminate)
  // The terminal is gone: whoever only ends leaves a login behind.
  signals.on('SIGHUP', onTerminate)
  return {
    stop: stop.signal,
    abort: abort.signal,
    get exitCode() {
      return exitCode
    },
    get gentle() {
      return gentle
    },
    set gentle(on) {
      gentle = on
    },
    end,
    close() {
      signals.off('SIGINT', onInterrupt)
      signals.off('SIGTERM', onTerminate)
      signals.off('SIGHUP', onTerminate)
    },
  }
}
