import type { CliDefinition, SeedLayout, VendorAction, VendorProgram } from './definition.ts'
import { everywhereFlags } from './flags/everywhere.ts'
import type { Flag, Flags } from './flags/flag.ts'
import { serviceFlags } from './service/service-flags.ts'
import { UsageError } from './usage-error.ts'

/** The code that runs a command. */
export type Action = VendorAction | 'cameras' | 'plan' | 'retry' | 'verify' | 'coverage' | 'program' | 'service'

/** What a command is called, what it is for, and which flags its help shows. */
export interface Command {
  readonly name: string
  readonly summary: string
  readonly does: Action | ((flags: Flags) => Action) | VendorProgram
  /** `source`: the camera is contacted. `archive`: only the archive on disk is read. */
  readonly needs: 'source' | 'archive'
  /** Names of the flags it looks at; `undefined`: all of them. */
  readonly flags?: readonly string[]
  /** What its own help says of flags. */
  readonly flagHelp?: Readonly<Record<string, string>>
  /** Names of flags that it refuses. */
  readonly without?: readonly string[]
  readonly layout?: SeedLayout
  readonly operand?: string
  readonly stays?: true
}

const output = ['json', 'no-progress', 'quiet', 'verbose', 'log-file']
const asking = ['timeout', 'max-retries', 'retry-delay']
const look = ['start', 'end', 'timezone', 'cameras', 'dest']

const fetching: readonly Command[] = [
  { name: 'download', does: 'download', summary: 'fetch what is not kept yet (the default)', needs: 'source' },
  {
    name: 'cameras',
    does: 'cameras',
    summary: 'list the cameras',
    needs: 'source',
    flags: ['cameras', ...asking, ...output],
  },
  {
    name: 'plan',
    does: 'plan',
    summary: 'show what download would fetch, and write nothing (the same as --dry-run)',
    needs: 'source',
    without: ['every'],
  },
  {
    name: 'retry',
    does: 'retry',
    summary: 'fetch again only what failed and may be retried',
    needs: 'source',
    without: ['look-back'],
  },
]

const reading: readonly Command[] = [
  {
    name: 'verify',
    does: 'verify',
    summary: 'check that every kept file is still there and unchanged; needs no connection',
    needs: 'archive',
    flags: ['dest', 'deep', 'handed-over', ...output],
  },
  {
    name: 'coverage',
    does: 'coverage',
    summary: 'show from when to when there is footage, and the gaps; needs no connection',
    needs: 'archive',
    flags: [...look, ...output],
  },
]

/** It takes any line, so it is looked for before the line is read. */
const service: Command = {
  name: 'service',
  does: 'service',
  summary: 'service print LINE: print a systemd service (and timer) that runs this line',
  needs: 'archive',
  operand: 'print',
  flags: serviceFlags.map(({ name }) => name),
}

/** Dispatch and help both come from here. The first is the default: a bare line of flags runs it. */
export function commandsOf({ commands = [] }: CliDefinition): readonly [Command, ...Command[]] {
  const own = commands.map(({ flags = [], ...command }): Command => {
    const { needs = 'source' } = command
    const shown = isProgram(command) ? { flags: [...flags, ...(needs === 'source' ? asking : []), ...output] } : {}
    return { ...command, ...shown, needs }
  })
  const [first, ...others] = fetching
  return [first!, ...others, ...own, ...reading, service]
}

/** What a command does with these flags. */
export function actionOf({ does }: Command, flags: Flags): Action {
  if (typeof does === 'object') return 'program'
  return typeof does === 'function' ? does(flags) : does
}

function isProgram({ does }: Pick<Command, 'does'>): boolean {
  return typeof does === 'object'
}

/** The whole flag table of one CLI. */
export function flagTable(definition: CliDefinition): readonly Flag[] {
  const own: Flag[] = [
    { name: 'deep', group: 'How', help: 'verify: read every file and compare its SHA-256, not only its size' },
  ]
  const all = [...definition.connection, ...everywhereFlags(definition), ...(definition.download ?? []), ...own]
  return all.map((flag) => {
    const alias = definition.seedAliases[flag.name]
    const help = definition.flagHelp?.[flag.name] ?? flag.help
    return alias === undefined ? { ...flag, help } : { ...flag, help, alias }
  })
}

/** The flags that belong in the help of one command. */
export function flagsOf(command: Command, definition: CliDefinition): readonly Flag[] {
  if (command.does === 'service') return serviceFlags
  const table = flagTable(definition)
  if (command.flags === undefined) {
    return table.filter(({ name }) => name !== 'deep' && takes(command, name, definition))
  }
  const connection = new Set(definition.connection.map(({ name }) => name))
  const shown = new Set(command.flags)
  return table.filter(
    ({ name, group }) =>
      !command.without?.includes(name) &&
      (shown.has(name) || (command.needs === 'source' && (connection.has(name) || group === 'Trust and passwords'))),
  )
}

/** Throws UsageError where a flag was given that means nothing to this command, though it does to another. */
export function checkFlags(command: Command, flags: Flags, definition: CliDefinition): void {
  for (const { name } of flagTable(definition)) {
    if (!flags.given(name) || takes(command, name, definition)) continue
    const owners = ownersOf(name, definition).filter((owner) => owner !== command.name)
    throw new UsageError(
      `--${name} means nothing to ${command.name}${owners.length > 0 ? `; it belongs to ${owners.join(' and ')}` : ''}.`,
    )
  }
}

function takes(command: Command, flag: string, definition: CliDefinition): boolean {
  if (command.without?.includes(flag)) return false
  if (isProgram(command)) return flagsOf(command, definition).some(({ name }) => name === flag)
  const owners = ownersOf(flag, definition)
  return owners.length === 0 || owners.includes(command.name)
}

/** The commands that name a flag as theirs; those that only read an archive share theirs with others, and so do flags of all CLIs. */
function ownersOf(flag: string, definition: CliDefinition): readonly string[] {
  const { commands = [], download = [] } = definition
  if (!download.some(({ name }) => name === flag) && everywhereFlags(definition).some(({ name }) => name === flag))
    return []
  return commands.filter(({ flags, needs }) => needs !== 'archive' && flags?.includes(flag)).map(({ name }) => name)
}
