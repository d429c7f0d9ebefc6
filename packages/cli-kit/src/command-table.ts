import type { CliDefinition } from './definition.ts'
import { everywhereFlags } from './flags/everywhere.ts'
import type { Flag } from './flags/flag.ts'

/** What a command is called, what it is for, and which flags its help shows. */
export interface Command {
  readonly name: 'download' | 'cameras' | 'plan' | 'retry' | 'verify' | 'coverage'
  readonly summary: string
  /** `source`: the camera is contacted. `archive`: only the archive on disk is read. */
  readonly needs: 'source' | 'archive'
  /** Names of the flags it looks at; `undefined`: all of them. */
  readonly flags?: readonly string[]
}

const output = ['json', 'no-progress', 'quiet', 'verbose', 'log-file']
const look = ['start', 'end', 'timezone', 'cameras', 'dest']

/** Dispatch and help both come from here. The first is the default: a bare line of flags runs it. */
export const commands: readonly Command[] = [
  { name: 'download', summary: 'fetch what is not kept yet (the default)', needs: 'source' },
  {
    name: 'cameras',
    summary: 'list the cameras',
    needs: 'source',
    flags: ['timeout', 'max-retries', 'retry-delay', ...output],
  },
  {
    name: 'plan',
    summary: 'show what download would fetch, and write nothing (the same as --dry-run)',
    needs: 'source',
  },
  { name: 'retry', summary: 'fetch again only what failed and may be retried', needs: 'source' },
  {
    name: 'verify',
    summary: 'check that every kept file is still there and unchanged; needs no connection',
    needs: 'archive',
    flags: ['dest', 'deep', 'handed-over', ...output],
  },
  {
    name: 'coverage',
    summary: 'show from when to when there is footage, and the gaps; needs no connection',
    needs: 'archive',
    flags: [...look, ...output],
  },
]

/** The whole flag table of one CLI. */
export function flagTable(definition: CliDefinition): readonly Flag[] {
  const own: Flag[] = [
    { name: 'deep', group: 'How', help: 'verify: read every file and compare its SHA-256, not only its size' },
  ]
  const all = [...definition.connection, ...everywhereFlags(definition), ...(definition.download ?? []), ...own]
  return all.map((flag) => {
    const alias = definition.seedAliases[flag.name]
    return alias === undefined ? flag : { ...flag, alias }
  })
}

/** The flags that belong in the help of one command. */
export function flagsOf(command: Command, definition: CliDefinition): readonly Flag[] {
  const table = flagTable(definition)
  if (command.flags === undefined) return table.filter(({ name }) => name !== 'deep')
  const connection = new Set(definition.connection.map(({ name }) => name))
  const shown = new Set(command.flags)
  return table.filter(
    ({ name, group }) =>
      shown.has(name) || (command.needs === 'source' && (connection.has(name) || group === 'Trust and passwords')),
  )
}
