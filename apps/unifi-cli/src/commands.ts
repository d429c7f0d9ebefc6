import type { SourceContext, VendorCommand } from '@cam/cli-kit'
import type { UnifiProtectOptions } from '@cam/unifi-protect'

/** What a console can be asked for besides everything that was recorded. */
export const commands: readonly VendorCommand[] = [
  {
    name: 'sync',
    does: 'sync',
    summary: 'fetch everything from where the archive of each camera begins to now, holes included',
  },
  {
    name: 'events',
    does: (flags) => (flags.on('download') ? 'download' : 'list'),
    summary: 'list events; with --download fetch a clip of each',
    flags: ['event-types', 'smart-types', 'padding', 'download'],
    without: ['segment', 'use-subfolders'],
    layout: 'events/{camera}/{start:yyyy-MM-dd}/{start:HH-mm-ssxx} {stem}.{ext}',
  },
  {
    name: 'snapshot',
    does: 'download',
    summary: 'fetch one picture of each camera, from now or from --at',
    flags: ['at'],
    without: ['start', 'end', 'segment', 'use-subfolders'],
    layout: 'snapshots/{camera}/{start:yyyy-MM-dd}/{start:HH-mm-ssxx}.{ext}',
  },
  {
    name: 'timelapse',
    does: 'download',
    summary: 'fetch a time lapse of each day',
    flags: ['speed'],
    without: ['segment', 'use-subfolders'],
    layout: (flags) => `timelapse/{camera}/{start:yyyy-MM-dd_HH-mm-ssxx}_${flags.text('speed')}x.{ext}`,
  },
]

/** Which of a console's footage a command is about. */
export function footageOf({ command }: SourceContext): UnifiProtectOptions['footage'] {
  if (command === 'events' || command === 'timelapse') return command
  return command === 'snapshot' ? 'snapshots' : 'continuous'
}

/** By the end of a source's id: clips, pictures and time lapses have rows of their own. */
export function isContinuous(sourceId: string): boolean {
  return !/\/(events|snapshots|timelapse-\d+x)(\/|$)/.test(sourceId)
}
