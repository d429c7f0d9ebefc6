import type { Clock } from '@cam/download-core'
import type { CliDefinition } from '../definition.ts'
import type { Flags } from '../flags/flag.ts'
import type { Screen } from '../screen.ts'
import { endLast } from './end-last.ts'
import { jsonReport } from './json-report.ts'
import { openLogFile } from './log-file.ts'
import { logFolder } from './log-folder.ts'
import { type Report, tellAll } from './report.ts'
import { type DayLog, openRunLog } from './run-log.ts'
import { textReport } from './text-report.ts'

export interface ReportsOptions {
  readonly definition: CliDefinition
  readonly screen: Screen
  readonly clock: Clock
  readonly asJson: boolean
  readonly address: string
  /** Absent when the command line could not be read. */
  readonly flags?: Flags
  /** Where the run leaves a log: the zone of its name, and the day whose files it shares. */
  readonly log?: { readonly zone: string; readonly day?: DayLog }
  /** Told the same as everybody. */
  readonly also?: readonly Report[]
}

/** Where a run is told. */
export interface Reports {
  readonly report: Report
  /** Lets the last line out, which is held back with --json so that nothing follows it. */
  release(): void
  /** Releases, too. */
  close(): Promise<void>
}

/** The reports a command line asks for. */
export async function openReports(options: ReportsOptions): Promise<Reports> {
  const { definition, screen, clock, asJson, address, flags, also = [] } = options
  const quiet = flags?.on('quiet') ?? false
  const nothing = () => {}
  const text = {
    clock,
    address,
    words: definition.words,
    dest: flags?.text('dest') ?? '',
    verbose: flags?.on('verbose') ?? false,
    inWindow: flags?.given('start') || flags?.given('end') || definition.sinceLastRun !== undefined,
    sinceLastRun: definition.sinceLastRun !== undefined,
    checkSize: flags?.knows('check-size') ? flags.on('check-size') : false,
  }
  const withoutProgress = flags?.on('no-progress') ?? false
  const bar = withoutProgress || quiet ? {} : { status: screen.status, columns: screen.columns }
  const json = asJson ? endLast(jsonReport(screen.out, { withoutProgress })) : undefined
  const reports = [
    json?.report ??
      textReport({ ...text, ...bar, out: quiet ? nothing : screen.out, err: screen.err, colour: screen.colour }),
    ...also,
  ]
  const path = flags?.text('log-file')
  const logFile = path === undefined ? undefined : await openLogFile(path, clock, screen.err)
  if (logFile) reports.push(textReport({ ...text, verbose: true, out: logFile.line, err: logFile.line }))
  const { log } = options
  const folder = flags && log ? logFolder(definition, flags) : undefined
  const warn = (message: string) => reports[0]!.warning(message)
  const cli = (flags && definition.logName?.(flags)) ?? definition.name
  const day = log?.day ? { day: log.day } : {}
  const runLog = folder && (await openRunLog({ folder, cli, clock, timeZone: log!.zone, text, warn, ...day }))
  if (runLog) reports.push(runLog.report)
  const release = () => {
    json?.release()
    runLog?.release()
  }
  return {
    report: tellAll(reports),
    release,
    async close() {
      release()
      await logFile?.close()
      await runLog?.close()
    },
  }
}
