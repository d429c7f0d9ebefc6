import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@cam/download-core'
import { Temporal } from 'temporal-polyfill'
import { isErrno, reasonOf } from '../state/durable-file.ts'
import { type AppendedLines, appendedLines, timed } from './appended-lines.ts'
import { endLast } from './end-last.ts'
import { jsonReport } from './json-report.ts'
import type { LogFolder } from './log-folder.ts'
import { type Report, tellAll } from './report.ts'
import { type TextReportOptions, textReport } from './text-report.ts'

export interface RunLogOptions {
  readonly folder: LogFolder
  /** What the files are called, before the time. */
  readonly cli: string
  readonly clock: Clock
  /** Of the time in the names. */
  readonly timeZone: string
  readonly text: Omit<TextReportOptions, 'out' | 'err'>
  readonly warn: (text: string) => void
  /** Of a process that runs again and again: runs of one day share their files. */
  readonly day?: DayLog
}

/** Which files the runs of today are written into; empty at first. */
export interface DayLog {
  date?: string
  /** Without an ending. */
  path?: string
}

/** Everything one run said, and what became of each recording, in two files of its own. */
export interface RunLog {
  readonly report: Report
  /** Lets the summary out, which is held back so that nothing of the run follows it. */
  release(): void
  close(): Promise<void>
}

const mostNames = 1000

/**
 * Two files that only their owner can read, or what they say more in those of the day: lines with times, and the events of `--json` without progress. They are there when this
 * returns, unless they lie below an archive that is still to begin: then what is said is held back until it has. Never throws.
 */
export async function openRunLog(o: RunLogOptions): Promise<RunLog> {
  const { folder, cli, clock, timeZone, text, warn, day } = o
  const [lines, json] = [heldBack(), heldBack()]
  const files: AppendedLines[] = []
  let state: 'closed' | 'open' | 'given up' = 'closed'
  let opening: Promise<void> | undefined
  const warnOnce = (message: string) => {
    if (state !== 'given up') warn(message)
    state = 'given up'
  }
  const attempt = async () => {
    try {
      if (!(await folder.isThere())) return
      await mkdir(folder.path, { recursive: true })
      const made = await openBoth(folder.path, cli, stamp(clock.now(), timeZone), day)
      for (const [to, { file, path }] of [
        [lines, made.log],
        [json, made.json],
      ] as const) {
        const appended = appendedLines(file, path, warnOnce)
        files.push(appended)
        to.release(appended.write)
      }
      state = 'open'
    } catch (error) {
      warnOnce(`No log of this run can be written in ${folder.path} (${reasonOf(error)}).`)
      for (const each of [lines, json]) each.release(() => {})
    }
  }
  const tryOpening = async () => {
    if (state !== 'closed') return
    opening ??= attempt().finally(() => {
      opening = undefined
    })
    await opening
  }
  await tryOpening()
  const line = (message: string) => lines.write(message === '' ? '' : timed(message, clock.now()))
  const last = endLast(jsonReport((each) => json.write(`${each}\n`), { withoutProgress: true }))
  const both = tellAll([textReport({ ...text, verbose: true, out: line, err: line }), last.report])
  return {
    report: {
      ...both,
      event(event) {
        // Each run would repeat it all, many times a day; its sum counts them.
        const isOld = event.type === 'recording-ended' && event.already === true
        if (!day || !isOld) both.event(event)
        if (event.type === 'archive-started') void tryOpening()
      },
    },
    release: last.release,
    async close() {
      last.release()
      await opening
      await tryOpening()
      await Promise.all(files.map((file) => file.close()))
    },
  }
}

/** Keeps what is written until there is somewhere to write it to. */
function heldBack(): { write(text: string): void; release(to: (text: string) => void): void } {
  let held: string[] = []
  let out: ((text: string) => void) | undefined
  return {
    write(text) {
      if (out) out(text)
      else held.push(text)
    },
    release(to) {
      to(held.join(''))
      held = []
      out = to
    },
  }
}

interface Created {
  readonly file: FileHandle
  readonly path: string
}

interface Pair {
  readonly log: Created
  readonly json: Created
}

/** Files of this run's own, or those of earlier runs of this process on the same day, also where somebody took them away since. */
async function openBoth(folder: string, cli: string, at: string, day: DayLog | undefined): Promise<Pair> {
  const date = at.slice(0, 10)
  if (day?.path !== undefined && day.date === date) {
    const log = { file: await open(`${day.path}.log`, 'a', 0o600), path: `${day.path}.log` }
    try {
      return { log, json: { file: await open(`${day.path}.ndjson`, 'a', 0o600), path: `${day.path}.ndjson` } }
    } catch (error) {
      await log.file.close()
      throw error
    }
  }
  const { path, ...made } = await createBoth(folder, `${cli}_${at}`)
  if (day) Object.assign(day, { date, path })
  return made
}

/** No name is used twice, also where two runs begin in the same second or the clock is put back. */
async function createBoth(folder: string, name: string): Promise<Pair & { readonly path: string }> {
  for (let number = 1; number <= mostNames; number++) {
    const path = join(folder, number === 1 ? name : `${name}-${number}`)
    const log = await create(`${path}.log`)
    if (!log) continue
    const json = await create(`${path}.ndjson`).catch(async (error) => {
      await log.file.close()
      throw error
    })
    if (json) return { log, json, path }
    await log.file.close()
    await rm(log.path)
  }
  throw new Error(`${mostNames} names like ${name} are taken`)
}

async function create(path: string): Promise<Created | undefined> {
  try {
    return { file: await open(path, 'ax', 0o600), path }
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return undefined
    throw error
  }
}

/** `2026-03-02_12-00-00` */
function stamp(now: number, timeZone: string): string {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.round(now)).toZonedDateTimeISO(timeZone)
  return at.toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', '_').replaceAll(':', '-')
}
