import type { ArchiveEvent, Summary } from '@cam/download-core'
import type { Explained } from '../explain.ts'

/** How a run is told: as text, as NDJSON, into a log file, or several of them. */
export interface Report {
  /** Before anything is contacted. */
  begin(account: string): void
  event(event: ArchiveEvent): void
  /** Something to know that is no event of the archive. */
  info(text: string): void
  warning(text: string): void
  /** The run could not begin, or ended early. */
  error(error: Explained): void
  /** The last call for a run. People are not told the sum of what never began, or was only planned. */
  end(summary: Summary, ending: 'done' | 'interrupted' | 'not-begun' | 'dry-run'): void
  /** One object of a command that lists things: a camera, a gap. `text` is its line for people, if it is worth one. */
  item(type: string, fields: Readonly<Record<string, unknown>>, text?: string, to?: 'out' | 'err'): void
}

/** Tells all of them. */
export function tellAll(reports: readonly Report[]): Report {
  const each =
    <Args extends unknown[]>(tell: (report: Report, ...args: Args) => void) =>
    (...args: Args) => {
      for (const report of reports) tell(report, ...args)
    }
  return {
    begin: each((report, account: string) => report.begin(account)),
    event: each((report, event: ArchiveEvent) => report.event(event)),
    info: each((report, text: string) => report.info(text)),
    warning: each((report, text: string) => report.warning(text)),
    error: each((report, error: Explained) => report.error(error)),
    end: each((report, ...sum: Parameters<Report['end']>) => report.end(...sum)),
    item: each((report, ...item: Parameters<Report['item']>) => report.item(...item)),
  }
}
