import { type CommandTools, exitCodes, type VendorCommand } from '@cam/cli-kit'
import { sourceOf } from './source.ts'

/** `reolink-cli sessions [--kick ID]`: who is logged in; a device has few places. */
export const sessionsCommand: VendorCommand = {
  name: 'sessions',
  summary: 'who is logged in on the device; --kick ID ends one of them',
  flags: ['kick'],
  does: {
    async run({ flags, context, report, signal }: CommandTools) {
      await using source = sourceOf(flags, context)
      const kick = flags.text('kick')
      if (kick !== undefined) {
        await source.endSession(kick, { signal })
        report.info(`Session ${kick} was ended.`)
      }
      const sessions = await source.sessions({ signal })
      for (const session of sessions) {
        const { id, user, address, level, canEnd } = session
        const words = [id, user, address, level, canEnd ? undefined : 'cannot be ended'].filter(Boolean)
        report.item('session', { ...session }, words.join('  '))
      }
      report.item(
        'sessions-ended',
        { sessions: sessions.length },
        sessions.length === 0 ? 'Nobody is logged in.' : undefined,
      )
      return exitCodes.done
    },
  },
}
