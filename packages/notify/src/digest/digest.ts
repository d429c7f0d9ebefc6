import type { EpochMs, Run } from '@cam/download-core'
import { dateFormat, dateOf, datesBetween } from './days.ts'

/** How the runs of a day, a source or a week ended. */
export interface RunCounts {
  readonly runs: number
  /** Went through, and nothing failed. */
  readonly complete: number
  /** Went through, and something failed. */
  readonly partial: number
  /** Could not begin or go on. */
  readonly failed: number
  /** Ended early, by its user or a signal. */
  readonly stopped: number
  /** Died without a word: killed, or the power failed. */
  readonly interrupted: number
  /** No end is known and no later run of the source says that it died: it may still be running. */
  readonly unfinished: number
  /** Recordings newly kept. */
  readonly kept: number
  /** Recordings that failed; one that failed in two runs counts twice. */
  readonly failures: number
  readonly bytes: number
}

/** One calendar day of one source; a run belongs to the day on which it began. */
export interface DigestDay extends RunCounts {
  /** `2026-05-04`, in the digest's zone. */
  readonly date: string
  /** Before the first run of this source: without a run, but not for want of one. */
  readonly notYet?: true
}

/** One source in a digest. */
export interface DigestSource {
  readonly sourceId: string
  readonly source: string
  readonly vendor: string
  /** Every day of the digest, those without a run included. */
  readonly days: readonly DigestDay[]
  /** Without those before its first run. */
  readonly daysWithoutRun: number
  readonly total: RunCounts
}

/** What happened in a stretch of days. */
export interface DigestNotice {
  readonly event: 'digest'
  readonly from: EpochMs
  readonly to: EpochMs
  readonly timeZone: string
  readonly days: number
  /** Days on which at least one source had no run, though it had run before. */
  readonly daysWithoutRun: number
  readonly sources: readonly DigestSource[]
  readonly total: RunCounts
}

/** What a digest is made from. */
export interface DigestOptions {
  /** As `ledger.runs()` gives them, in any order; those outside the window only tell which sources there are. */
  readonly runs: readonly Run[]
  readonly from: EpochMs
  /** Not included. */
  readonly to: EpochMs
  /** IANA name of the zone whose calendar days are counted. */
  readonly timeZone: string
  /** Sources that must be in it though no run of theirs is known. `ledger.sources()` will do. */
  readonly sources?: readonly KnownSource[]
}

type Named = Pick<Run, 'sourceId' | 'sourceName' | 'vendor'>

/** `firstRunAt`: when it ran for the first time ever; no run is missed on the days before. Default: every day counts. */
type KnownSource = Named & { readonly firstRunAt?: EpochMs }

const longestDays = 400

/** Counts runs by day and source. Throws a RangeError for a window that is none or longer than 400 days, and for an unknown zone. */
export function digest({ runs, from, to, timeZone, sources = [] }: DigestOptions): DigestNotice {
  if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to || to - from > longestDays * 86_400_000) {
    throw new RangeError(
      `A digest needs from before to, at most ${longestDays} days apart; received ${from} and ${to}.`,
    )
  }
  const format = dateFormat(timeZone)
  const dates = datesBetween(dateOf(from, format), dateOf(to - 1, format))
  const newestFirst = [...runs].sort((a, b) => b.startedAt - a.startedAt)
  const known = new Map<string, Named>()
  for (const one of [...newestFirst, ...sources]) if (!known.has(one.sourceId)) known.set(one.sourceId, one)

  const firstRuns = new Map(sources.map(({ sourceId, firstRunAt }) => [sourceId, firstRunAt]))
  const counted = [...known.values()].map(({ sourceId, sourceName, vendor }): DigestSource => {
    const first = firstRuns.get(sourceId)
    const firstDate = first === undefined ? '' : dateOf(first, format)
    const own = newestFirst.filter((run) => run.sourceId === sourceId)
    const counts = own
      .map((run, index) => ({ startedAt: run.startedAt, counts: countsOf(run, index > 0) }))
      .filter(({ startedAt }) => startedAt >= from && startedAt < to)
      .map((one) => ({ ...one, on: dateOf(one.startedAt, format) }))
    const days = dates.map((date) => {
      const today = counts.filter(({ on }) => on === date)
      const notYet = today.length === 0 && date < firstDate ? ({ notYet: true } as const) : {}
      return { date, ...notYet, ...sum(today.map((one) => one.counts)) }
    })
    const daysWithoutRun = days.filter(isMissed).length
    return { sourceId, source: sourceName, vendor, days, daysWithoutRun, total: sum(days) }
  })
  counted.sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))
  const missed = dates.filter((_, day) => counted.length === 0 || counted.some(({ days }) => isMissed(days[day]!)))
  return {
    event: 'digest',
    from,
    to,
    timeZone,
    days: dates.length,
    daysWithoutRun: missed.length,
    sources: counted,
    total: sum(counted.map(({ total }) => total)),
  }
}

function isMissed({ runs, notYet }: DigestDay): boolean {
  return runs === 0 && !notYet
}

const none: RunCounts = {
  runs: 0,
  complete: 0,
  partial: 0,
  failed: 0,
  stopped: 0,
  interrupted: 0,
  unfinished: 0,
  kept: 0,
  failures: 0,
  bytes: 0,
}

/** `later`: the source ran again since. It cannot have done so while this run lived. */
function countsOf({ ending, summary }: Run, later: boolean): RunCounts {
  const kinds = {
    finished: (summary?.failed ?? 0) > 0 ? 'partial' : 'complete',
    stopped: 'stopped',
    failed: 'failed',
    interrupted: 'interrupted',
  } as const
  const kind = ending ? kinds[ending] : later ? 'interrupted' : 'unfinished'
  const { kept = 0, failed: failures = 0, bytes = 0 } = summary ?? {}
  return { ...none, runs: 1, [kind]: 1, kept, failures, bytes }
}

function sum(all: readonly RunCounts[]): RunCounts {
  const total: Record<keyof RunCounts, number> = { ...none }
  for (const one of all) for (const name of Object.keys(none) as (keyof RunCounts)[]) total[name] += one[name]
  return total
}
