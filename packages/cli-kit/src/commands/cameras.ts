import { type Camera, selectCameras } from '@cam/download-core'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { openSource } from '../open-source.ts'
import { loggedInText, printable } from '../report/measures.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage-error.ts'
import { isAboutFlags } from './archive-options.ts'

/** Lists the cameras, or those that are asked for. Contacts the source, writes nothing. */
export async function cameras(session: Session): Promise<ExitCode> {
  const { report, interruption, flags } = session
  await using open = await openSource(session)
  const call = { signal: interruption.abort }
  const { id, name } = await open.source.identify(call)
  report.info(loggedInText(session.about.account ?? '', name || open.source.vendor, id))
  const all: Camera[] = []
  for await (const camera of open.source.cameras(call)) all.push(camera)
  const shown = chosen(all, flags.list('cameras'))
  for (const camera of shown) {
    report.item('camera', { ...camera }, printable(cameraText(camera, flags.on('verbose'))))
  }
  const count = shown.length
  report.item('cameras-ended', { cameras: count }, `${count} camera${count === 1 ? '' : 's'}.`)
  return exitCodes.done
}

function chosen(all: readonly Camera[], wanted: readonly string[]): readonly Camera[] {
  try {
    return selectCameras(all, wanted)
  } catch (error) {
    throw isAboutFlags(error) ? new UsageError(error.message) : error
  }
}

function cameraText({ id, name, state, timeZone, views, facts }: Camera, verbose: boolean): string {
  const parts = [id, name, state, timeZone, views?.join('+')].filter((part) => part !== undefined && part !== '')
  const more = verbose ? Object.entries(facts ?? {}).map(([key, value]) => `${key}=${value}`) : []
  return [...parts, ...more].join('  ')
}
