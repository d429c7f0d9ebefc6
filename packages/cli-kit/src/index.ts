/** What the CLIs share. Private: bundled into each of them. */
export type {
  AfterPlanTools,
  AfterRunTools,
  BeforeRunTools,
  CliDefinition,
  CommandTools,
  CompleteTools,
  CredentialName,
  CredentialNames,
  Defaults,
  OtherSecret,
  SeedLayout,
  SourceContext,
  VendorAction,
  VendorCommand,
  VendorProgram,
  Words,
} from './definition.ts'
export { type ExitCode, exitCodes } from './exit-codes.ts'
export type { Flag, Flags, FlagValue } from './flags/flag.ts'
export { inZone, momentOf, readMoment } from './flags/moment.ts'
export { amount, count, duration, nonEmpty, oneOf, positive } from './flags/values.ts'
export { main } from './main.ts'
export { localTime } from './report/local-time.ts'
export { durationText } from './report/measures.ts'
export { runCli } from './run.ts'
export { lockFile } from './state/file-lock.ts'
export { fileSessionStore } from './state/session-store.ts'
export { stateFolder } from './state/state-folder.ts'
export type { Surroundings } from './surroundings.ts'
export { UsageError } from './usage-error.ts'
