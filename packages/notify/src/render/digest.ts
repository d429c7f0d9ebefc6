import type { DigestDay, DigestNotice, DigestSource, RunCounts } from '../digest/digest.ts'
import type { Content, Table } from './content.ts'
import { bytesText, counted, momentText } from './measures.ts'

/** A digest for people. */
export function digestContent(notice: DigestNotice, o: { prefix: string; host: string }): Content {
  const { total, days, daysWithoutRun, timeZone } = notice
  const at = (moment: number) => momentText(moment, timeZone)
  const short = [
    `${total.kept} kept`,
    counted(total.failures, 'failure'),
    bytesText(total.bytes),
    counted(total.runs, 'run'),
    ...(total.interrupted > 0 ? [`${total.interrupted} interrupted`] : []),
    ...(daysWithoutRun > 0 ? [`${daysWithoutRun} of ${counted(days, 'day')} without a run`] : []),
  ].join(', ')
  return {
    subject: `${o.prefix} DIGEST ${short} — ${o.host}`,
    headline: `DIGEST: ${short}`,
    facts: [
      ['From', at(notice.from)],
      ['To', at(notice.to)],
      ['Runs', runsInWords(total)],
      ['Fetched', fetchedInWords(total)],
      ['Failures', `${total.failures} (what failed in two runs counts twice)`],
      ['Machine', o.host],
    ],
    tables: notice.sources.map(sourceTable),
  }
}

/** A run that died left no sum behind; what it kept is in the ledger, and its successors found it there. */
function fetchedInWords({ kept, bytes, interrupted, unfinished }: RunCounts): string {
  const sum = `${counted(kept, 'recording')}, ${bytesText(bytes)}`
  return interrupted + unfinished > 0 ? `${sum}, without those of runs that did not end` : sum
}

function runsInWords(counts: RunCounts): string {
  const kinds = [
    [counts.complete, 'complete'],
    [counts.partial, 'with failures'],
    [counts.failed, 'failed'],
    [counts.stopped, 'stopped'],
    [counts.interrupted, 'interrupted'],
    [counts.unfinished, 'without an end yet'],
  ] as const
  const named = kinds.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`)
  return named.length === 0 ? 'none' : `${counts.runs}: ${named.join(', ')}`
}

function sourceTable({ source, vendor, days, daysWithoutRun }: DigestSource): Table {
  return {
    title: vendor ? `${source} (${vendor})` : source,
    list: true,
    head: ['Day', 'Runs', 'Kept', 'Failures', 'Size'],
    rows: days.map((day: DigestDay) =>
      day.runs === 0
        ? [day.date, day.notYet ? 'before the first run' : 'NO RUN', '', '', '']
        : [day.date, runsInWords(day), String(day.kept), String(day.failures), bytesText(day.bytes)],
    ),
    ...(daysWithoutRun > 0 ? { foot: `${counted(daysWithoutRun, 'day')} without a run` } : {}),
  }
}
