import { emptySummary, systemClock } from '@cam/download-core'
import { actionOf } from './command-table.ts'
import type { CliDefinition } from './definition.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { explain } from './explain.ts'
import { helpText, type Invocation, parse } from './parse.ts'
import { repeat } from './repeat/repeat.ts'
import { openReports } from './report/open-reports.ts'
import { runOnce } from './run-once.ts'
import { openScreen } from './screen.ts'
import { type PrintedService, printService } from './service/print-service.ts'
import type { Surroundings } from './surroundings.ts'
import { checkUnattended } from './unattended.ts'
import { UsageError } from './usage-error.ts'

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
    const printed = isService(surroundings.argv) ? service(definition, surroundings) : undefined
    if (printed && 'out' in printed) {
      for (const warning of printed.warnings) screen.err(`WARN ${warning}`)
      screen.out(printed.out.trimEnd())
      return exitCodes.done
    }
    const invocation = printed ?? read(definition, surroundings)
    if ('error' in invocation) {
      const asJson = surroundings.argv.includes('--json')
      const { report, close } = await openReports({ definition, screen, clock, asJson, address: '' })
      report.error(explain(invocation.error, about))
      report.end(emptySummary(), 'not-begun')
      await close()
      return exitCodes.usage
    }
    const { command, flags, wants } = invocation
    if (wants !== 'run') {
      screen.out(wants === 'help' ? helpText(definition, command).trimEnd() : definition.version)
      return exitCodes.done
    }
    const given = invocation.operand === undefined ? {} : { operand: invocation.operand }
    const typed = new Map<string, string>()
    const start = { definition, surroundings, clock, screen, command, ...given, flags, about, typed }
    const everyMs = flags.number('every')
    return everyMs === undefined ? (await runOnce(start)).code : await repeat(start, everyMs)
  } finally {
    screen.close()
    await screen.flush()
  }
}

/** Its line is another command line, so it is not read as one of its own. */
function isService([word, ...rest]: readonly string[]): boolean {
  return word === 'service' && !rest.some((other) => other === '--help' || other === '-h')
}

function service(definition: CliDefinition, surroundings: Surroundings): PrintedService | { readonly error: unknown } {
  try {
    return printService(definition, surroundings, surroundings.argv.slice(1))
  } catch (error) {
    return { error }
  }
}

function read(definition: CliDefinition, { argv }: Surroundings): Invocation | { readonly error: unknown } {
  try {
    const invocation = parse(definition, argv)
    const { command, flags, wants } = invocation
    if (wants === 'run' && command.does === 'service') {
      throw new UsageError(`service stands first on its line: ${definition.name} service print FLAGS.`)
    }
    const fetches = ['download', 'sync', 'plan'].includes(actionOf(command, flags))
    if (wants === 'run' && flags.on('dry-run') && !fetches) {
      throw new UsageError(`--dry-run: ${command.name} has nothing to leave out; it belongs to download.`)
    }
    if (wants === 'run') checkUnattended(command, flags)
    return invocation
  } catch (error) {
    return { error }
  }
}
