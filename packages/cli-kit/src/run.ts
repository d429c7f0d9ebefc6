import { emptySummary, systemClock } from '@cam/download-core'
import { type Action, actionOf } from './command-table.ts'
import { cameras } from './commands/cameras.ts'
import { coverage } from './commands/coverage.ts'
import { download } from './commands/download.ts'
import { list } from './commands/list.ts'
import { plan } from './commands/plan.ts'
import { program } from './commands/program.ts'
import { verify } from './commands/verify.ts'
import type { CliDefinition } from './definition.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { explain } from './explain.ts'
import { listenForSignals } from './interruption.ts'
import { helpText, type Invocation, parse } from './parse.ts'
import { PromptInterrupted } from './prompt.ts'
import { openReports } from './report/open-reports.ts'
import { openScreen } from './screen.ts'
import type { Session } from './session.ts'
import type { Surroundings } from './surroundings.ts'
import { UsageError } from './usage-error.ts'

const run: Readonly<Record<Action, (session: Session) => Promise<ExitCode>>> = {
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

/** Runs one command line from its flags to its exit code. Never throws, and leaves nothing open that keeps a process alive. */
export async function runCli(definition: CliDefinition, surroundings: Surroundings): Promise<ExitCode> {
  const clock = surroundings.clock ?? systemClock
  const screen = openScreen(surroundings)
  const about = {
    cli: definition.name,
    version: definition.version,
    ...(definition.advice ? { advice: definition.advice } : {}),
  }
  try {
    const invocation = read(definition, surroundings)
    if ('error' in invocation) {
      const asJson = surroundings.argv.includes('--json')
      const { report } = await openReports({ definition, screen, clock, asJson, address: '' })
      report.error(explain(invocation.error, about))
      report.end(emptySummary(), 'not-begun')
      return exitCodes.usage
    }
    const { command, flags, wants } = invocation
    if (wants !== 'run') {
      screen.out(wants === 'help' ? helpText(definition, command).trimEnd() : definition.version)
      return exitCodes.done
    }
    return await inSession({ definition, surroundings, clock, screen, command, flags, about })
  } finally {
    screen.close()
    await screen.flush()
  }
}

function read(definition: CliDefinition, { argv }: Surroundings): Invocation | { readonly error: unknown } {
  try {
    const invocation = parse(definition, argv)
    const { command, flags, wants } = invocation
    const fetches = ['download', 'sync', 'plan'].includes(actionOf(command, flags))
    if (wants === 'run' && flags.on('dry-run') && !fetches) {
      throw new UsageError(`--dry-run: ${command.name} has nothing to leave out; it belongs to download.`)
    }
    return invocation
  } catch (error) {
    return { error }
  }
}

type Start = Pick<Session, 'definition' | 'surroundings' | 'clock' | 'screen' | 'command' | 'flags' | 'about'>

async function inSession(start: Start): Promise<ExitCode> {
  const { definition, surroundings, clock, screen, flags } = start
  const asJson = flags.on('json')
  const address = start.command.needs === 'source' ? definition.address(flags) : ''
  const about = { ...start.about, address }
  const interruption = listenForSignals(
    surroundings.signals,
    (text) => (flags.on('quiet') ? undefined : screen.err(text)),
    surroundings.exit,
  )
  screen.broken.addEventListener('abort', () => interruption.end('Nobody reads the output any more.'))
  let reports: Awaited<ReturnType<typeof openReports>> | undefined
  try {
    reports = await openReports({ definition, screen, clock, asJson, address, flags })
    const action = actionOf(start.command, flags)
    const session = { ...start, action, about, interruption, report: reports.report, startedAt: clock.monotonic() }
    const code = await run[action](session)
    return interruption.exitCode ?? (screen.broken.aborted ? exitCodes.incomplete : code)
  } catch (error) {
    const report = reports?.report ?? (await openReports({ definition, screen, clock, asJson, address })).report
    const wasAsked = interruption.abort.aborted || error instanceof PromptInterrupted
    const explained = explain(error, about)
    if (!wasAsked) report.error(explained)
    report.end(emptySummary(), wasAsked ? 'interrupted' : 'not-begun')
    if (error instanceof PromptInterrupted) return exitCodes.interrupted
    return interruption.exitCode ?? (wasAsked ? exitCodes.incomplete : explained.exitCode)
  } finally {
    await reports?.close()
    interruption.close()
  }
}
