import type { Summary } from '@cam/download-core'
import type { CameraCounts, RunNotice } from '../notice.ts'
import type { Content, Table } from './content.ts'
import { bytesText, clipped, counted, durationText, momentText } from './measures.ts'

const rowsShown = { cameras: 200, failures: 50 } as const

/** What else a planned recording can be, in the order of how much it matters. */
const others = ['failed', 'expired', 'pending', 'absent', 'skipped'] as const

/** A run for people. `prefix` begins the subject, `host` ends it. */
export function runContent(notice: RunNotice, o: { prefix: string; host: string; timeZone: string }): Content {
  const { event, summary, error, window } = notice
  const at = (moment: number) => momentText(moment, o.timeZone)
  const word = event.toUpperCase()
  const facts: [string, string][] = [['Source', `${notice.source} (${notice.vendor})`]]
  if (window) facts.push(['Footage', `${at(window.start)} to ${at(window.end)}`])
  facts.push(['Started', at(notice.startedAt)])
  if (notice.endedAt !== undefined) {
    facts.push(['Ended', `${at(notice.endedAt)}, after ${durationText(notice.endedAt - notice.startedAt)}`])
  }
  if (summary) facts.push(['Recordings', `${summary.planned} planned: ${inWords(summary)}`])
  if (summary) facts.push(['Fetched', bytesText(summary.bytes)])
  if (error) facts.push([event === 'auth-expiring' || event === 'expiring' ? 'Notice' : 'Error', errorText(error)])
  if (notice.nextAction) facts.push(['To do', notice.nextAction])
  if (notice.exitCode !== undefined) facts.push(['Exit code', String(notice.exitCode)])
  if (notice.runId) facts.push(['Run', notice.runId])
  facts.push(['Machine', o.host])

  return {
    subject: `${o.prefix} ${word} ${inShort(notice)} — ${o.host}`,
    headline: `${word}: ${notice.source}: ${inShort(notice)}`,
    facts,
    tables: [cameraTable(notice.perCamera ?? []), failureTable(notice)].filter((table) => !!table),
  }
}

/** `118/120 kept (10 new), 2 failed, 31.2 GB`; without counts, what is known instead. */
function inShort({ event, summary, error, source }: RunNotice): string {
  if (summary) {
    const { planned, kept, alreadyKept, bytes } = summary
    const fresh = alreadyKept > 0 ? ` (${kept} new)` : ''
    const rest = others.filter((name) => summary[name] > 0).map((name) => `, ${summary[name]} ${name}`)
    return `${kept + alreadyKept}/${planned} kept${fresh}${rest.join('')}, ${bytesText(bytes)}`
  }
  const why = error ? clipped(error.message, 100) : undefined
  if (event === 'fail') return why ? `0 kept: ${why}` : '0 kept'
  if (event === 'interrupted') return why ? `counts unknown: ${why}` : 'counts unknown'
  return why ?? source
}

function inWords(summary: Summary): string {
  const parts = [`${summary.kept} fetched now`, `${summary.alreadyKept} already kept`]
  return [...parts, ...others.filter((name) => summary[name] > 0).map((name) => `${summary[name]} ${name}`)].join(', ')
}

function errorText({ code, message }: NonNullable<RunNotice['error']>): string {
  return code ? `${message} (${code})` : message
}

function cameraTable(cameras: readonly CameraCounts[]): Table | undefined {
  if (cameras.length === 0) return undefined
  // Those with failures first: they must not be among the rows left out.
  const sorted = [...cameras.filter(({ failed }) => failed > 0), ...cameras.filter(({ failed }) => failed === 0)]
  const left = sorted.length - rowsShown.cameras
  return {
    title: 'Cameras',
    head: ['Camera', 'planned', 'new', 'kept before', 'failed', 'other', 'size'],
    rows: sorted.slice(0, rowsShown.cameras).map((one) => {
      const { expired = 0, pending = 0, absent = 0, skipped = 0, alreadyKept = 0 } = one
      const counts = [one.planned, one.kept, alreadyKept, one.failed, expired + pending + absent + skipped]
      return [one.camera, ...counts.map(String), bytesText(one.bytes)]
    }),
    ...(left > 0 ? { foot: `and ${counted(left, 'more camera')}` } : {}),
  }
}

/** Those that are handed in, and those that are only counted. */
export function failuresInAll({ failures = [], failuresInAll: all = 0 }: RunNotice): number {
  return Math.max(failures.length, all)
}

function failureTable(notice: RunNotice): Table | undefined {
  const { failures = [] } = notice
  if (failures.length === 0) return undefined
  const left = failuresInAll(notice) - Math.min(failures.length, rowsShown.failures)
  return {
    title: 'Failures',
    list: true,
    head: ['Camera', 'Recording', 'Reason'],
    rows: failures.slice(0, rowsShown.failures).map(({ camera, recording, code, message, httpStatus }) => {
      const status = httpStatus === undefined ? '' : `, HTTP ${httpStatus}`
      return [camera, recording ?? '(the listing)', `${message} (${code}${status})`]
    }),
    ...(left > 0 ? { foot: `and ${left} more` } : {}),
  }
}
