import { emptySummary } from '@cam/download-core'
import { type Action, actionOf } from './command-table.ts'
import { cameras } from './commands/cameras.ts'
import { coverage } from './commands/coverage.ts'
import { download } from './commands/download.ts'
import { list } from './commands/list.ts'
import { plan } from './commands/plan.ts'
import { program } from './commands/program.ts'
import { verify } from './commands/verify.ts'
import { completeFlags } from './complete-flags.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { explain } from './explain.ts'
import { type Interruption, listenForSignals } from './interruption.ts'
import { openNotices, type RunNotices } from './notices/notices.ts'
import { readTargets } from './notices/targets.ts'
import { PromptInterrupted } from './prompt.ts'
import { openReports, type Reports } from './report/open-reports.ts'
import type { Report } from './report/report.ts'
import type { DayLog } from './report/run-log.ts'
import { type Session, zoneOfPeople } from './session.ts'
import { isFetching } from './unattended.ts'

const run: Readonly<Record<Exclude<Action, 'service'>, (session: Session) => Promise<ExitCode>>> = {
  download: planOr(download),
  sync: planOr(download),
  list,
  cameras,
  plan,
  retry: (session) => download(session, { onlyFailed: true }),
  verify,
  coverage,
  program,
}

function planOr(fetch: (session: Session) => Promise<ExitCode>): (session: Session) => Promise<ExitCode> {
  return (session) => (session.flags.on('dry-run') ? plan(session) : fetch(session))
}

/** What a command line brings to each of its runs. */
export type Start = Pick<
  Session,
  'definition' | 'surroundings' | 'clock' | 'screen' | 'command' | 'operand' | 'flags' | 'about' | 'typed'
>

/** How one run ended. */
export interface RunEnd {
  readonly code: ExitCode
  /** By a signal, or because nobody reads the output any more. */
  readonly interrupted: boolean
  /** The login was refused, now or in its middle. */
  readonly refused: boolean
}

/** With the exit code of whoever asked for an end, also where the run was over by then and only its notices were not. */
export type Ended = RunEnd & { readonly asked: ExitCode | undefined }

/** What whoever repeats runs has to add to one. */
export interface Between {
  /** Whose files the logs of a day share. */
  readonly day: DayLog
  /** A sentence where this was the last run, although nobody asked for an end. */
  lastBecause(end: RunEnd): string | undefined
  /** After the last line of the run, while its reports are still open. */
  afterwards(end: Ended, report: Report): void
}

/** One run of a command line, with a report, a source and notices of its own. Leaves no listener and no file open. Never throws. */
export async function runOnce(start: Start, between?: Between): Promise<Ended> {
  const { definition, surroundings, clock, screen, flags } = start
  const action = actionOf(start.command, flags)
  const asJson = flags.on('json')
  const address = start.command.needs === 'source' ? definition.address(flags) : ''
  const about = { ...start.about, address }
  let reports: Reports | undefined
  let notices: RunNotices | undefined
  const interruption = listenForSignals(
    surroundings.signals,
    (text) => (flags.on('quiet') ? undefined : screen.err(text)),
    (code) => {
      reports?.release()
      surroundings.exit(code)
    },
    isFetching(action, flags),
  )
  const onBroken = () => interruption.end('Nobody reads the output any more.')
  screen.broken.addEventListener('abort', onBroken)
  if (screen.broken.aborted) onBroken()
  const opening = { definition, screen, clock, asJson, address }
  try {
    let end: RunEnd
    try {
      const targets = await readTargets(flags, surroundings.env)
      const say = {
        info: (text: string) => reports?.report.info(text),
        warning: (text: string) => reports?.report.warning(text),
      }
      const surrounding = { definition, flags, env: surroundings.env, clock, address, interruption }
      const timeZone = zoneOfPeople(start)
      if (isFetching(action, flags)) notices = openNotices({ ...surrounding, timeZone, targets, say })
      const also = notices ? [notices.report] : []
      reports = await openReports({
        ...opening,
        flags,
        also,
        ...(isFetching(action, flags) ? { log: { zone: timeZone, ...(between ? { day: between.day } : {}) } } : {}),
      })
      for (const warning of targets.warnings) reports.report.warning(warning)
      const { report } = reports
      const own = { action, about, interruption, report, startedAt: clock.monotonic(), ...(notices ? { notices } : {}) }
      const session = { ...start, ...own }
      const complete = { ...session, flags: await completeFlags(session) }
      end = endOf(await run[action as keyof typeof run](complete), interruption, notices)
    } catch (error) {
      reports ??= await openReports({ ...opening, also: notices ? [notices.report] : [] })
      end = failed(error, { interruption, notices, report: reports.report, about, fetches: isFetching(action, flags) })
    }
    const why = between?.lastBecause(end)
    if (why) reports.report.warning(why)
    await notices?.end({ ...end, ...(why ? { nextAction: why } : {}) })
    reports.release()
    const asked = interruption.stop.aborted ? (interruption.exitCode ?? exitCodes.incomplete) : undefined
    const ended = { ...end, asked: end.interrupted ? end.code : asked }
    between?.afterwards(ended, reports.report)
    return ended
  } finally {
    reports?.release()
    await reports?.close()
    interruption.close()
    screen.broken.removeEventListener('abort', onBroken)
  }
}

function endOf(code: ExitCode, interruption: Interruption, notices: RunNotices | undefined): RunEnd {
  const { stop, exitCode } = interruption
  const refused = notices?.facts.error?.code === 'AUTHENTICATION'
  // Asked by something else than a signal: nobody reads the output.
  return { code: exitCode ?? (stop.aborted ? exitCodes.incomplete : code), interrupted: stop.aborted, refused }
}

interface Failing extends Pick<Session, 'interruption' | 'report' | 'about'> {
  readonly notices: RunNotices | undefined
  readonly fetches: boolean
}

/** Says what kept a run from beginning. */
function failed(error: unknown, { interruption, notices, report, about, fetches }: Failing): RunEnd {
  const wasAsked = interruption.abort.aborted || error instanceof PromptInterrupted
  const explained = explain(error, about)
  if (!wasAsked) report.error(explained)
  report.end(emptySummary(), wasAsked && fetches ? 'interrupted' : 'not-begun')
  const end = endOf(explained.exitCode, interruption, notices)
  return error instanceof PromptInterrupted ? { ...end, code: exitCodes.interrupted, interrupted: true } : end
}
