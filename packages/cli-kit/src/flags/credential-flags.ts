import type { CliDefinition, CredentialName, CredentialNames } from '../definition.ts'
import { UsageError } from '../usage-error.ts'
import type { Flag, Flags } from './flag.ts'
import { nonEmpty } from './values.ts'

const group = 'Trust and passwords'

/** Every kind of account a CLI knows. */
function credentialKinds({ credentials }: Pick<CliDefinition, 'credentials'>): readonly CredentialNames[] {
  return isList(credentials) ? credentials : [credentials]
}

/** The kind that the flags choose. Throws UsageError where another kind's flags are given, which would do nothing. */
export function credentialsFor(definition: Pick<CliDefinition, 'credentials'>, flags: Flags): CredentialNames {
  const kinds = credentialKinds(definition)
  const chosen = kinds.find((kind) => kind.when?.(flags) ?? true)
  if (chosen === undefined) throw new TypeError('none of the kinds of credentials is for these flags')
  const own = new Set(flagNames(chosen))
  for (const stray of kinds.flatMap(flagNames)) {
    if (own.has(stray) || !flags.given(stray)) continue
    throw new UsageError(`--${stray} means nothing here; this kind of account has ${list([...own], 'and')}.`)
  }
  return chosen
}

/** The flags of all kinds, each once, and those that say where a secret is read from. */
export function credentialFlags(definition: Pick<CliDefinition, 'credentials'>): readonly Flag[] {
  const kinds = credentialKinds(definition)
  const secret = list(unique(kinds.map(({ password }) => labelOf(password, 'password'))), 'or')
  const others = kinds.flatMap(({ others = [] }) => others)
  const own = kinds.flatMap(({ username, password }): Flag[] => [
    ...(username ? [accountFlag(username)] : []),
    {
      ...names(password),
      value: password.value ?? 'PASSWORD',
      secret: true,
      group,
      help:
        `${password.help ?? labelOf(password, 'password')}; other users of this machine can see it, so better ${password.env} in the environment, ` +
        'or --password-file, --password-stdin or --env-file',
    },
  ])
  return byName([
    ...own,
    ...others.map(
      ({ flag, env, help, value = 'SECRET' }): Flag => ({
        name: flag,
        value,
        secret: true,
        read: nonEmpty,
        group,
        help: `${help}; better ${env} in the environment or in --env-file, because others can see it here`,
      }),
    ),
    {
      name: 'password-file',
      value: 'FILE',
      read: nonEmpty,
      group,
      help: `read the ${secret} from the first line of a file`,
    },
    { name: 'password-stdin', group, help: `read the ${secret} from the first line of standard input` },
    {
      name: 'env-file',
      value: 'FILE',
      read: nonEmpty,
      group,
      help: 'read credentials from a file of NAME=value lines',
    },
  ])
}

function accountFlag(name: CredentialName): Flag {
  const help = `${name.help ?? labelOf(name, 'account')}; also ${name.env} in the environment`
  return { ...names(name), value: name.value ?? 'NAME', read: nonEmpty, group, help }
}

/** What messages call an account or a password. */
export function labelOf({ label }: CredentialName, byDefault: string): string {
  return label ?? byDefault
}

function names({ flag, alias }: CredentialName): Pick<Flag, 'name' | 'alias'> {
  return alias === undefined ? { name: flag } : { name: flag, alias }
}

function flagNames({ username, password, others = [] }: CredentialNames): readonly string[] {
  return [...(username ? [username] : []), password, ...others].map(({ flag }) => flag)
}

/** Two kinds may share a flag: its help then says both. */
function byName(flags: readonly Flag[]): readonly Flag[] {
  const found = new Map<string, Flag>()
  for (const flag of flags) {
    const known = found.get(flag.name)
    const help = known && known.help !== flag.help ? `${known.help}; or ${flag.help}` : flag.help
    found.set(flag.name, known ? { ...known, help } : flag)
  }
  return [...found.values()]
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)]
}

/** `a, b and c`, with dashes where they are flags. */
function list(words: readonly string[], word: 'and' | 'or'): string {
  const shown = word === 'and' ? words.map((name) => `--${name}`) : words
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`
}

function isList(value: CliDefinition['credentials']): value is readonly CredentialNames[] {
  return Array.isArray(value)
}
