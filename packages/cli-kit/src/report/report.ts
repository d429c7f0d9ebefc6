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
  /** The last call for a run. People are not told the sum of what never began. */
  end(summary: Summary, ending: 'done' | 'interrupted' | 'not-begun'): void
  /** One object of a command that lists things: a camera, a gap. `text` is its line for people. */
  item(type: string, fields: Readonly<Record<string, unknown>>, text: string): void
}

/** Tells all of them. */
export function tellAll(reports: readonly Report[]): Report {
  return {
    begin: (account) =>
      reports.forEach((report) => {
        report.begin(account)
      }),
    event: (event) =>
      reports.forEach((report) => {
        report.event(event)
      }),
    info: (text) =>
      reports.forEach((report) => {
        report.info(text)
      }),
    warning: (text) =>
      reports.forEach((report) => {
        report.warning(text)
      }),
    error: (error) =>
      reports.forEach((report) => {
        report.error(error)
      }),
    end: (summary, ending) =>
      reports.forEach((report) => {
        report.end(summary, ending)
      }),
    item: (type, fields, text) =>
      reports.forEach((report) => {
        report.item(type, fields, text)
      }),
  }
}
