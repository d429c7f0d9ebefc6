import type { ArchiveEvent, Camera, Ledger, Summary, TimeWindow } from '@cam/download-core'
import { commandTools } from '../command-tools.ts'
import type { SourceContext } from '../definition.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import type { Session } from '../session.ts'

/** What the vendor does with what a run brought. */
export interface AfterRun {
  /** Given all events of the run. */
  see(event: ArchiveEvent): void
  /** Its exit code, where it has one to add. What it throws is told. */
  run(summary: Summary): Promise<ExitCode | undefined>
}

interface Ran {
  readonly context: SourceContext
  readonly ledger: Ledger
  readonly root: string
  readonly window?: TimeWindow | undefined
}

export function afterRun(session: Session, { context, ledger, root, window }: Ran): AfterRun {
  const cameras = new Map<string, Camera>()
  let sourceId: string | undefined
  return {
    see(event) {
      if (event.type === 'archive-started') sourceId = event.source.id
      if (event.type === 'camera-listed' || event.type === 'recording-ended') cameras.set(event.camera.id, event.camera)
    },
    async run(summary) {
      const { definition, interruption, report, about } = session
      if (!definition.afterRun || sourceId === undefined) return undefined
      const what = { ledger, root, sourceId, cameras: [...cameras.values()], summary, stop: interruption.stop }
      try {
        return await definition.afterRun({
          ...commandTools(session, context),
          ...what,
          ...(window ? { window } : {}),
        })
      } catch (error) {
        // What was fetched is kept whatever becomes of this.
        if (interruption.abort.aborted) return undefined
        const explained = explain(error, about)
        report.error(explained)
        return explained.exitCode === exitCodes.usage ? exitCodes.usage : exitCodes.incomplete
      }
    },
  }
}
