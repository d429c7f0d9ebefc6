import type { CommandTools, SourceContext, VendorProgram } from '../definition.ts'
import type { ExitCode } from '../exit-codes.ts'
import { openContext, ownContext } from '../open-source.ts'
import { askLine } from '../prompt.ts'
import { type Session, zoneOfPeople } from '../session.ts'
import { knownArchives } from '../state/known-archives.ts'
import { stateFolder } from '../state/state-folder.ts'
import { UsageError } from '../usage-error.ts'
import { isAboutFlags } from './archive-options.ts'

/** Runs a vendor's own command. Opens no archive. */
export async function program(session: Session): Promise<ExitCode> {
  const { command, flags } = session
  const vendor = command.does as VendorProgram
  vendor.check?.(flags)
  session.interruption.gentle = command.stays === true
  const nobody = { username: '', password: '', secrets: {}, tls: {} }
  const context = command.needs === 'source' ? await openContext(session) : ownContext(session, nobody)
  try {
    return await vendor.run(commandTools(session, context))
  } catch (error) {
    throw isAboutFlags(error) ? new UsageError(error.message) : error
  }
}

/** What a program, and what follows a run, works with. */
export function commandTools(session: Session, context: SourceContext): CommandTools {
  const { flags, operand, report, interruption, surroundings } = session
  const { stdin, stderr } = surroundings
  const { info, warning, item } = report
  return {
    flags,
    ...(operand === undefined ? {} : { operand }),
    context,
    report: { info, warning, item },
    signal: interruption.abort,
    stop: interruption.stop,
    registry: knownArchives(stateFolder(surroundings.env), session.clock, warning),
    timeZone: zoneOfPeople(session),
    interactive: Boolean(stdin.isTTY),
    ask: (question, signal) =>
      askLine(question, stdin, stderr, signal ? AbortSignal.any([interruption.abort, signal]) : interruption.abort),
  }
}
