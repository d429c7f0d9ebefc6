/** What the CLIs share. Private: bundled into each of them. */
export type { CliDefinition, CredentialNames, Defaults, SourceContext, Words } from './definition.ts'
export { type ExitCode, exitCodes } from './exit-codes.ts'
export type { Flag, Flags, FlagValue } from './flags/flag.ts'
export { amount, count, nonEmpty, oneOf, positive } from './flags/values.ts'
export { runCli } from './run.ts'
export { fileSessionStore } from './state/session-store.ts'
export type { Surroundings } from './surroundings.ts'
export { UsageError } from './usage-error.ts'
