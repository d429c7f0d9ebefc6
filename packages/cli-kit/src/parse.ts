import { Command as CommanderCommand, CommanderError, Option } from 'commander'
import { type Command, checkFlags, commandsOf, flagsOf, flagTable } from './command-table.ts'
import type { CliDefinition } from './definition.ts'
import type { Flag, Flags, FlagValue } from './flags/flag.ts'
import { UsageError } from './usage-error.ts'

/** A command line that makes sense so far. */
export interface Invocation {
  readonly command: Command
  readonly operand?: string
  readonly flags: Flags
  readonly wants: 'run' | 'help' | 'version'
}

/** Throws UsageError. */
export function parse(definition: CliDefinition, argv: readonly string[]): Invocation {
  const table = flagTable(definition)
  const parser = new CommanderCommand(definition.name)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .helpOption(false)
    .argument('[words...]')
    .option('-h, --help')
    .option('-V, --version')
  for (const flag of table) parser.addOption(optionOf(flag))
  try {
    parser.parse([...argv], { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? new UsageError(plain(error, table)) : error
  }
  const words = [...parser.args]
  const wantsHelp = words[0] === 'help' && Boolean(words.shift())
  const flags = flagsFrom(parser, table)
  const { command, operand } = commandFor(words, argv, commandsOf(definition))
  const wants = wantsHelp || flags.on('help') ? 'help' : flags.on('version') ? 'version' : 'run'
  if (wants === 'run') checkFlags(command, flags, definition)
  return { command, ...(operand === undefined ? {} : { operand }), flags, wants }
}

/** The text of `--help`. */
export function helpText(definition: CliDefinition, command: Command): string {
  const commands = commandsOf(definition)
  const isDefault = command.name === commands[0].name
  const help = new CommanderCommand(isDefault ? definition.name : `${definition.name} ${command.name}`)
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ helpWidth: 110 })
    .description(isDefault ? definition.summary : command.summary)
    .usage(
      isDefault
        ? '[command] [flags]'
        : [command.operand && `[${command.operand}]`, '[flags]'].filter(Boolean).join(' '),
    )
  if (isDefault) {
    help.helpCommand(false)
    for (const { name, summary } of commands) help.command(name).summary(summary).description(summary).usage(' ')
    help.configureHelp({ helpWidth: 110, subcommandTerm: (sub) => sub.name() })
    help.version(definition.version, '-V, --version', 'show the version')
    help.addHelpText('after', `\n${definition.helpNotes.join('\n\n')}`)
  }
  const goesOn = typeof command.does === 'function' || command.does === 'download' || command.does === 'plan'
  for (const flag of flagsOf(command, definition)) {
    const own = command.flagHelp?.[flag.name] ?? flag.help
    const shown = { ...flag, help: goesOn && flag.helpSinceLastRun ? own + flag.helpSinceLastRun : own }
    help.addOption(optionOf(shown).helpGroup(`${flag.group}:`))
  }
  let text = ''
  help.configureOutput({ writeOut: (part) => (text += part) })
  help.outputHelp()
  return text
}

function optionOf(flag: Flag): Option {
  const names = `${flag.alias ? `--${flag.alias}, ` : ''}--${flag.name}`
  const option = new Option(flag.value === undefined ? names : `${names} <${flag.value}>`, flag.help)
  if (flag.byDefault !== undefined) option.default(flag.byDefault)
  if (flag.repeated)
    option.argParser((text: string, before: string[] | undefined) => [
      ...(before ?? []),
      String(flag.read?.(text, flag.name) ?? text),
    ])
  else if (flag.list)
    option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), ...commaSeparated(text, flag)])
  else if (flag.read) option.argParser((text: string) => flag.read!(text, flag.name))
  return option
}

function commaSeparated(text: string, flag: Flag): string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.some((item) => item === ''))
    throw new UsageError(`--${flag.name}: "${text}" has an empty place in its list.`)
  return items.map((item) => String(flag.read?.(item, flag.name) ?? item))
}

function flagsFrom(parser: CommanderCommand, table: readonly Flag[]): Flags {
  const values = new Map<string, { value: FlagValue | undefined; given: boolean }>()
  for (const option of parser.options) {
    const key = option.attributeName()
    const name = option.long!.slice(2)
    const value = parser.getOptionValue(key) as FlagValue | undefined
    const isGiven = parser.getOptionValueSource(key) === 'cli'
    // --wait 2d and --no-wait are one thing for the parser: the last one counts.
    const isNo = value === false
    if (option.negate) values.set(name, { value: isNo, given: isGiven && isNo })
    else values.set(name, { value: isNo ? undefined : value, given: isGiven && !isNo })
  }
  const look = (name: string) => {
    const found = values.get(name)
    if (found === undefined) throw new TypeError(`no flag is called ${name}; there are ${table.map((f) => f.name)}`)
    return found
  }
  return {
    given: (name) => look(name).given,
    knows: (name) => values.has(name),
    text: (name) => look(name).value as string | undefined,
    number: (name) => look(name).value as number | undefined,
    on: (name) => look(name).value === true,
    list: (name) => (look(name).value as readonly string[] | undefined) ?? [],
  }
}

function commandFor(
  words: readonly string[],
  argv: readonly string[],
  commands: readonly [Command, ...Command[]],
): { readonly command: Command; readonly operand?: string | undefined } {
  const [word, operand, extra] = words
  if (word === undefined) return { command: commands[0] }
  const command = commands.find(({ name }) => name === word)
  if (command === undefined || extra !== undefined || (operand !== undefined && command.operand === undefined)) {
    // Only a word in first place is repeated: any other may be the rest of a password that was not quoted.
    const shown = command === undefined && argv[0] === word
    throw new UsageError(
      shown
        ? `"${word}" is no command; there are ${commands.map(({ name }) => name).join(', ')}.`
        : 'There is a word too many on the command line (not shown here: it may be part of a password). Values with spaces need quotes.',
    )
  }
  return { command, operand }
}

function plain(error: CommanderError, table: readonly Flag[]): string {
  const flag = /'(-[^'=]*)/.exec(error.message)?.[1]?.split(/[ ,<]/)[0] ?? ''
  if (error.code === 'commander.unknownOption') {
    // `-psecret`: what stands behind the letter may be a password.
    if (!flag.startsWith('--')) return `There is no flag ${flag.slice(0, 2)}; flags have two dashes.`
    const near = /Did you mean (?:one of )?([^)]*)\?/.exec(error.message)?.[1]
    return `There is no flag ${flag}${near ? `; perhaps ${near}` : ''}.`
  }
  if (error.code === 'commander.optionMissingArgument') {
    const known = table.find(({ name, alias }) => [`--${name}`, `--${alias}`].includes(flag))
    const name = known ? `--${known.name}` : flag
    return `${name} needs a value${known?.value ? ` (${known.value})` : ''}.`
  }
  return error.message.replace(/^error: /, '')
}
