import { readFile, stat } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import type { CredentialName, CredentialNames } from './definition.ts'
import { labelOf } from './flags/credential-flags.ts'
import type { Flags } from './flags/flag.ts'
import { askSecret, firstLine, lineOf } from './prompt.ts'
import type { Surroundings } from './surroundings.ts'
import { UsageError } from './usage-error.ts'

/** Name and password, and what the user should know about how they came. */
export interface Credentials {
  readonly username: string
  /** '' where there is none and none is needed. */
  readonly password: string
  /** Those of `others` that were found, by the name of their flag. */
  readonly secrets: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

/** Where credentials are looked for. */
export interface CredentialPlaces extends Pick<Surroundings, 'env' | 'stdin' | 'stderr'> {
  /** What was typed or read from standard input by an earlier run of this process; grows. Default: nothing. */
  readonly typed?: Map<string, string>
}

/** Looks where the user said, then in the environment, then asks on a terminal. Throws UsageError. */
export async function findCredentials(
  names: CredentialNames,
  flags: Flags,
  { env, stdin, stderr, typed }: CredentialPlaces,
  signal: AbortSignal,
): Promise<Credentials> {
  const warnings: string[] = []
  const { others = [], settingsFile: named } = names
  const secret = labelOf(names.password, 'password')
  const ways = [names.password.flag, 'password-file', 'password-stdin'].filter((name) => flags.given(name))
  if (ways.length > 1) {
    throw new UsageError(`${ways.map((way) => `--${way}`).join(' and ')} both give a ${secret}; use one of them.`)
  }
  const looked = [
    names.username?.env,
    names.password.env,
    named?.username,
    named?.password,
    ...others.flatMap((o) => [o.env, o.settingsFile]),
  ]
  const settings = await settingsFile(flags.text('env-file'), looked, warnings)
  const username = names.username === undefined ? '' : findUsername(names.username)
  const of = username === '' ? '' : ` of ${username}`
  const password = await findPassword()
  return { username, password, secrets: findOthers(), warnings }

  function findUsername(name: CredentialName): string {
    const found =
      flags.text(name.flag) || settings[name.env] || (named?.username && settings[named.username]) || env[name.env]
    if (found) return found
    throw new UsageError(
      `No ${labelOf(name, 'account')}: add --${name.flag} NAME, or set ${name.env} in the environment or in --env-file.`,
      'CREDENTIALS',
    )
  }

  async function findPassword(): Promise<string> {
    if (flags.given(names.password.flag)) {
      warnings.push(
        `--${names.password.flag} shows the ${secret} to everybody who can list processes on this machine; ` +
          `${names.password.env}, --password-file and --password-stdin do not.`,
      )
      return flags.text(names.password.flag)!
    }
    const once = async (read: () => Promise<string>) => {
      const found = typed?.get(username) ?? (await read())
      typed?.set(username, found)
      return found
    }
    const ask = () => once(() => askSecret(`${capital(secret)}${of}: `, stdin, stderr, signal, secret))
    const file = flags.text('password-file')
    if (file !== undefined)
      return notEmpty(lineOf(await readSecretFile(file, 'password-file', warnings)), '--password-file', secret)
    if (flags.on('password-stdin')) {
      if (stdin.isTTY) return ask()
      return once(async () => notEmpty(await firstLine(stdin, signal), '--password-stdin', secret))
    }
    const found =
      settings[names.password.env] ?? (named?.password && settings[named.password]) ?? env[names.password.env]
    if (found) return found
    if (names.password.optional) return ''
    if (stdin.isTTY && stderr.isTTY) return ask()
    throw new UsageError(
      `No ${secret}${username === '' ? '' : ` for "${username}"`}: set ${names.password.env} in the environment or in --env-file, or add ` +
        `--password-file FILE or --password-stdin (or --${names.password.flag}, which other users of this machine can see).`,
      'CREDENTIALS',
    )
  }

  function findOthers(): Readonly<Record<string, string>> {
    const found = others.flatMap(({ flag, env: name, settingsFile: seeds }): readonly [string, string][] => {
      const given = flags.text(flag)
      if (given !== undefined) {
        warnings.push(
          `--${flag} shows it to everybody who can list processes on this machine; ${name} in the environment or in --env-file does not.`,
        )
      }
      const value = given || settings[name] || (seeds && settings[seeds]) || env[name]
      return value ? [[flag, value]] : []
    })
    return Object.fromEntries(found)
  }
}

async function settingsFile(
  path: string | undefined,
  looked: readonly (string | undefined)[],
  warnings: string[],
): Promise<NodeJS.Dict<string>> {
  if (path === undefined) return {}
  const text = await readSecretFile(path, 'env-file', warnings)
  warnings.push(...cutByComment(path, text, looked))
  return parseEnv(text)
}

/** Says of each of these names whose value a comment seems to cut off that it does. */
export function cutByComment(path: string, text: string, looked: readonly (string | undefined)[]): string[] {
  const warnings: string[] = []
  for (const [, name] of text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=\s*[^\s'"`#][^\n#]*[^\s#]#/gm)) {
    if (!looked.includes(name)) continue
    warnings.push(
      `"${path}": what follows the # in ${name} is taken for a comment; if it belongs to it, put the value in quotes.`,
    )
  }
  return warnings
}

/** A small text file; says where others can read it. Throws UsageError. */
export async function readSecretFile(path: string, flag: string, warnings: string[]): Promise<string> {
  try {
    const { mode, size } = await stat(path)
    if (size > 65_536) throw new UsageError(`--${flag}: "${path}" is ${size} bytes long; that is no such file.`)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      warnings.push(`"${path}" can be read by other users of this machine; chmod 600 changes that.`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `--${flag}: "${path}" cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'CREDENTIALS',
    )
  }
}

function notEmpty(text: string, from: string, what: string): string {
  if (text !== '') return text
  throw new UsageError(`${from} gave an empty ${what}.`, 'CREDENTIALS')
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
