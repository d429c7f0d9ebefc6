import type { VendorProgram } from '../definition.ts'
import type { ExitCode } from '../exit-codes.ts'
import { openContext } from '../open-source.ts'
import { askLine } from '../prompt.ts'
import type { Session } from '../session.ts'

/** Runs a vendor's own command. Opens no archive. */
export async function program(session: Session): Promise<ExitCode> {
  const { command, flags, report, interruption, surroundings } = session
  const { stdin, stderr } = surroundings
  const vendor = command.does as VendorProgram
  vendor.check?.(flags)
  const context = await openContext(session)
  const { info, warning, item } = report
  return await vendor.run({
    flags,
    context,
    report: { info, warning, item },
    signal: interruption.abort,
    interactive: Boolean(stdin.isTTY),
    ask: (question, signal) =>
      askLine(question, stdin, stderr, signal ? AbortSignal.any([interruption.abort, signal]) : interruption.abort),
  })
}
