import type { ArchiveEvent, Clock } from '@cam/download-core'
import { eventLines, type Line, type LineOptions } from './event-lines.ts'
import { failureCount } from './failure-count.ts'
import { bytesText, durationText, printable } from './measures.ts'
import { pictureCount } from './picture-count.ts'
import { progressLine, type TransferProgress } from './progress-line.ts'
import type { Report } from './report.ts'

/** Where lines go, and how much is said. */
export interface TextReportOptions extends LineOptions {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Absent: no progress line. */
  readonly status?: (line: string | undefined) => void
  readonly columns?: () => number | undefined
  readonly colour?: { readonly out: boolean; readonly err: boolean }
  readonly clock: Clock
  readonly address: string
}

const redrawMs = 250
const indent = '      '

/** Lines for people, and a progress line while something is transferred. */
export function textReport(options: TextReportOptions): Report {
  const transfers = new Map<string, TransferProgress>()
  let drawnAt = Number.NEGATIVE_INFINITY
  let account = ''
  let found: number | undefined
  let notTried = 0
  let lastError: string | undefined
  const pictures = pictureCount()
  // Held back unless everything is wanted: where it ends the run, the error that follows says the same.
  let unlisted: Extract<ArchiveEvent, { type: 'listing-failed' }> | undefined

  const say = ({ to, word, text }: Line) => {
    const front = word === undefined ? '' : painted(word.padEnd(6), options.colour?.[to])
    options[to](`${front}${printable(text)}`)
  }
  const failures = failureCount(options.words, (text) => say({ to: 'err', word: 'FAIL', text }))
  const sayEvent = (event: ArchiveEvent) => {
    for (const line of eventLines(event, { ...options, account, found })) {
      if (line.to === 'err' && line.text === lastError) continue
      const below = line.word === undefined && event.type !== 'planned'
      say(below ? { ...line, text: `${indent}${line.text}` } : line)
    }
  }
  const sayUnlisted = () => {
    if (unlisted) sayEvent(unlisted)
    unlisted = undefined
  }
  const clear = () => {
    transfers.clear()
    drawnAt = Number.NEGATIVE_INFINITY
    options.status?.(undefined)
  }
  const draw = () => {
    const columns = options.columns?.()
    if (!options.status || columns === undefined) return
    if (transfers.size === 0) return clear()
    if (options.clock.monotonic() - drawnAt < redrawMs) return
    drawnAt = options.clock.monotonic()
    options.status(progressLine([...transfers.values()], columns))
  }

  return {
    begin(name) {
      account = name
      say({ to: 'out', text: options.words.fetching(options.address) })
      // Four tries at a wrong address take most of a minute.
      const columns = options.columns?.()
      if (columns !== undefined) options.status?.(`${indent}Waiting for an answer…`.slice(0, columns - 1))
    },
    event(event) {
      if (event.type === 'archive-started' || event.type === 'camera-listed') options.status?.(undefined)
      if (event.type === 'progress') {
        transfers.set(keyOf(event), event)
        draw()
        return
      }
      if (event.type !== 'planned' && event.type !== 'archive-ended') sayUnlisted()
      if (event.type === 'listing-failed' && !options.verbose) {
        unlisted = event
        return
      }
      if (event.type === 'camera-listed') found = (found ?? 0) + event.recordings
      if (event.type === 'recording-ended') {
        transfers.delete(keyOf(event))
        if (transfers.size === 0) clear()
        // Thousands of them may follow one full disk: they are counted, not listed.
        if (event.outcome.outcome === 'failed' && event.outcome.attempts === 0) {
          notTried++
          return
        }
        pictures.see(event.outcome)
        if (!options.verbose && failures.isCounted(event)) return
      }
      sayEvent(event)
    },
    info: (text) => say({ to: 'out', word: 'INFO', text }),
    warning: (text) => say({ to: 'err', word: 'WARN', text }),
    error({ message, advice, stack }) {
      clear()
      if (unlisted?.error.message === message) unlisted = undefined
      sayUnlisted()
      lastError = message
      const [first = '', ...rest] = message.split('\n')
      options.err(`${painted('ERROR:', options.colour?.err)} ${printable(first)}`)
      for (const line of [...rest, ...(advice?.split('\n') ?? [])]) options.err(`${indent}${printable(line)}`)
      if (stack) options.err(stack)
    },
    end(summary, ending) {
      clear()
      sayUnlisted()
      failures.end()
      if (ending === 'not-begun' || ending === 'dry-run') return
      const { kept, alreadyKept, skipped, failed, absent, expired, pending, planned } = summary
      if (notTried > 0) {
        say({ to: 'err', word: 'FAIL', text: `${notTried} more not tried; the next run takes them up` })
      }
      const word = ending === 'interrupted' ? 'Interrupted.' : 'Done.'
      options.out('')
      options.out(`${word} downloaded=${kept} skipped=${alreadyKept + skipped} failed=${failed}`)
      const others = Object.entries({ absent, expired, pending }).filter(([, count]) => count > 0)
      if (others.length > 0) {
        options.out(`${indent}${others.map(([name, count]) => `${name}=${count}`).join(' ')}, of planned=${planned}`)
      }
      const small = pictures.text()
      if (small !== undefined) options.out(`${indent}${small}`)
      if (options.verbose) {
        options.out(`${indent}${bytesText(summary.bytes)} in ${durationText(summary.durationMs)}`)
      }
    },
    item(_type, _fields, text, to = 'out') {
      if (text !== undefined) options[to](text)
    },
  }
}

function keyOf({ camera, recording }: Extract<ArchiveEvent, { recording: object }>): string {
  return JSON.stringify([camera.id, recording.view ?? '', recording.id])
}

const paints: Readonly<Record<string, string>> = { FAIL: '31', 'ERROR:': '31', WARN: '33', SAVE: '32', SKIP: '2' }

function painted(word: string, colour = false): string {
  const paint = paints[word.trim()]
  return colour && paint ? `\u001b[${paint}m${word}\u001b[0m` : word
}
