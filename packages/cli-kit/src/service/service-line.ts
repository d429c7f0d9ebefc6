import { resolve } from 'node:path'
import { actionOf, flagTable } from '../command-table.ts'
import type { CliDefinition } from '../definition.ts'
import { credentialsFor } from '../flags/credential-flags.ts'
import type { Flag, Flags } from '../flags/flag.ts'
import { type Invocation, parse } from '../parse.ts'
import { isFetching } from '../unattended.ts'
import { UsageError } from '../usage-error.ts'

/** A line that can be run by nobody's hand. */
export interface ServiceLine {
  /** Without node and script; every path in it is absolute. */
  readonly argv: readonly string[]
  /** Where it writes. */
  readonly dest: string
  /** It runs until it is stopped; otherwise a timer has to start it again and again. */
  readonly stays: boolean
  /** Variables it reads an account from that the line itself does not tell; empty where a file of the line does. */
  readonly wantsEnv: readonly string[]
}

/** Reads the line as its run will. Throws UsageError where it would not run, or could not without a person. */
export function serviceLine(definition: CliDefinition, argv: readonly string[], cwd: string): ServiceLine {
  const invocation = parse(definition, argv)
  const { command, flags } = invocation
  const stays = command.stays === true || flags.given('every')
  if (command.stays !== true && !isFetching(actionOf(command, flags), flags)) {
    throw new UsageError(
      flags.on('dry-run')
        ? 'service print: a service with --dry-run would keep nothing.'
        : `service print: ${command.name} is nothing to run again and again; name a command that fetches, such as download.`,
    )
  }
  const table = flagTable(definition)
  refuseSecrets(flags, table)
  const names = credentialsFor(definition, flags)
  const fromFile = flags.given('env-file') || flags.given('password-file')
  const missing = [names.username, names.password].filter((name) => name !== undefined)
  return {
    argv: absolute(argv, invocation, table, cwd),
    dest: resolve(cwd, flags.text('dest')!),
    stays,
    wantsEnv: fromFile ? [] : missing.filter(({ flag }) => !flags.given(flag)).map(({ env }) => env),
  }
}

/** A unit can be read by everybody on the machine. */
function refuseSecrets(flags: Flags, table: readonly Flag[]): void {
  if (flags.given('password-stdin')) {
    throw new UsageError('service print: nobody types for a service; in place of --password-stdin: --env-file FILE.')
  }
  for (const { name, secret, repeated } of table) {
    if (!secret || !flags.given(name)) continue
    if (repeated && flags.list(name).every((text) => text.startsWith('env:'))) continue
    const way = repeated ? `--${name} env:NAME, and NAME=… in a file for --env-file` : 'a file for --env-file, mode 600'
    throw new UsageError(
      `service print: everybody on the machine can read a unit, so --${name} cannot stand in it: ${way}.`,
    )
  }
}

/** The same line for a process that starts somewhere else. */
function absolute(argv: readonly string[], { flags }: Invocation, table: readonly Flag[], cwd: string): string[] {
  const isPath = (flag: Flag | undefined) => ['DIR', 'FILE', 'PATH'].includes(flag?.value ?? '')
  const line: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const flag = name === undefined ? undefined : table.find((known) => [known.name, known.alias].includes(name))
    line.push(value === undefined || !isPath(flag) ? word : `--${name}=${whole(value, cwd)}`)
    if (flag?.value === undefined || value !== undefined) continue
    const given = argv[++at]!
    line.push(isPath(flag) ? whole(given, cwd) : given)
  }
  return flags.given('dest') ? line : [...line, '--dest', resolve(cwd, flags.text('dest')!)]
}

/** `--log-dir none` and `--ffmpeg ffmpeg` are words, not paths. */
function whole(path: string, cwd: string): string {
  return path === 'none' || path === 'ffmpeg' ? path : resolve(cwd, path)
}
