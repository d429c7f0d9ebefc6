import { commandTools } from '../command-tools.ts'
import type { VendorProgram } from '../definition.ts'
import type { ExitCode } from '../exit-codes.ts'
import { openContext, ownContext } from '../open-source.ts'
import type { Session } from '../session.ts'
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
