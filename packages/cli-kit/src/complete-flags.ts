import { findCredentials } from './credentials.ts'
import { credentialsFor } from './flags/credential-flags.ts'
import type { Flags, FlagValue } from './flags/flag.ts'
import { askLine } from './prompt.ts'
import { type Session, zoneOfPeople } from './session.ts'
import { UsageError } from './usage-error.ts'

const mostTries = 5

/**
 * The flags of a run with what the vendor works out from them, and with what the user was asked for because it was left out. The
 * account comes first: who has to be asked for everything is asked for the password first. Throws UsageError.
 */
export async function completeFlags(session: Session): Promise<Flags> {
  const { definition, command, action, flags, surroundings, interruption, clock, report, typed } = session
  if (!definition.complete || command.needs !== 'source' || action === 'program' || action === 'cameras') return flags
  const { stdin, stderr } = surroundings
  const signal = interruption.abort
  // What it warns of is said where the account is used.
  await findCredentials(credentialsFor(definition, flags), flags, { ...surroundings, typed }, signal)
  const interactive = Boolean(stdin.isTTY && stderr.isTTY)
  const ask = async <T>(question: string, read: (text: string) => T): Promise<T> => {
    const known = typed.get(question)
    if (known !== undefined) return read(known)
    for (let tries = 1; ; tries++) {
      try {
        const text = await askLine(question, stdin, stderr, signal)
        const answer = read(text)
        typed.set(question, text)
        return answer
      } catch (error) {
        if (!(error instanceof UsageError) || tries === mostTries || !hasMore(stdin)) throw error
        report.warning(error.message)
      }
    }
  }
  const tools = { command: command.name, clock, timeZone: zoneOfPeople(session), interactive, ask }
  return withValues(flags, await definition.complete(flags, tools))
}

function hasMore(input: NodeJS.ReadableStream & { readonly readableEnded?: boolean }): boolean {
  return input.readable && !input.readableEnded
}

function withValues(flags: Flags, values: Readonly<Record<string, FlagValue>>): Flags {
  const found = <T>(name: string, kind: (value: FlagValue) => value is T & FlagValue, otherwise: () => T): T => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value !== undefined && kind(value) ? value : otherwise()
  }
  return {
    given: (name) => Object.hasOwn(values, name) || flags.given(name),
    knows: (name) => flags.knows(name),
    text: (name) =>
      found(
        name,
        (value): value is string => typeof value === 'string',
        () => flags.text(name)!,
      ),
    number: (name) =>
      found(
        name,
        (value): value is number => typeof value === 'number',
        () => flags.number(name)!,
      ),
    on: (name) =>
      found(
        name,
        (value): value is boolean => typeof value === 'boolean',
        () => flags.on(name),
      ),
    list: (name) =>
      found(
        name,
        (value): value is readonly string[] => Array.isArray(value),
        () => flags.list(name),
      ),
  }
}
