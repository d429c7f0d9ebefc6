import { commandTools } from '../command-tools.ts'
import type { VendorProgram } from '../definition.ts'
import type { ExitCode } from '../exit-codes.ts'
import { openContext, ownContext } from '../open-source.ts'
import type { Session } from '../session.ts'

/** Runs a vendor's own command. Opens no archive. */
export async function program(session: Session): Promise<ExitCode> {
  const { command, flags } = session
  const vendor = command.does as VendorProgram
  vendor.check?.(flags)
  const nobody = { username: '', password: '', secrets: {}, tls: {} }
  const context = command.needs === 'source' ? await openContext(session) : ownContext(session, nobody)
  return await vendor.run(commandTools(session, context))
}
