import type { CommandTools, SourceContext } from './definition.ts'
import { askLine } from './prompt.ts'
import { type Session, zoneOfPeople } from './session.ts'
import { knownArchives } from './state/known-archives.ts'
import { stateFolder } from './state/state-folder.ts'

/** What a program, and what comes before and after a run, works with. */
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
