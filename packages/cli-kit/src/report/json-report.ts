import type { Summary } from '@cam/download-core'
import { plainJson } from './plain-json.ts'
import type { Report } from './report.ts'

export interface JsonReportOptions {
  /** Leave progress events out. */
  readonly withoutProgress?: boolean
}

/** One object a line; the last one is the summary. */
export function jsonReport(write: (line: string) => void, options: JsonReportOptions = {}): Report {
  const say = (fields: object) => write(JSON.stringify(plainJson(fields)))
  return {
    begin: () => {},
    event(event) {
      // The generator's own summary comes again as its return value; `end` is where it is said, once.
      if (event.type === 'archive-ended' || (event.type === 'progress' && options.withoutProgress)) return
      say(event)
    },
    info: () => {},
    warning: (text) => say({ type: 'warning', text }),
    error: ({ code, message, advice }) => say({ type: 'error', code, message, ...(advice ? { advice } : {}) }),
    end: (summary) => say(endLine(summary)),
    item: (type, fields) => say({ type, ...fields }),
  }
}

/** The contract of the last line, field by field. */
function endLine(summary: Summary) {
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped, bytes, durationMs } = summary
  return {
    type: 'archive-ended',
    planned,
    kept,
    alreadyKept,
    absent,
    expired,
    pending,
    failed,
    skipped,
    bytes,
    durationMs: Math.round(durationMs),
  }
}
