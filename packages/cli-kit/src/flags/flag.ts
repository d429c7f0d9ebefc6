/** What a flag may hold once it has been read. */
export type FlagValue = string | number | boolean | readonly string[]

/** One row of the flag table: the parser, the help and the tables in the READMEs come from it. */
export interface Flag {
  /** Without dashes: `rate-limit`. Its value is found under this name too. */
  readonly name: string
  /** Another long name for the same thing. */
  readonly alias?: string
  /** How the value is shown in the help: `DIR`, `N`. Absent for a switch. */
  readonly value?: string
  readonly help: string
  /** Said of it only in the help of commands that begin where earlier runs ended. */
  readonly helpSinceLastRun?: string
  /** Shown in the help and used when the flag is absent. */
  readonly byDefault?: FlagValue
  /** Turns the text into the value, or one item of a list; throws UsageError. Default: the text itself. */
  readonly read?: (text: string, flag: string) => FlagValue
  /** May be given several times; commas separate too. */
  readonly list?: true
  /** May be given several times; a comma in its value is part of it. */
  readonly repeated?: true
  /** Its value is never shown, not even in an error. */
  readonly secret?: true
  /** Heading in the help. */
  readonly group: string
}

/** What the command line said. */
export interface Flags {
  /** Whether the user gave it, rather than a default. */
  given(name: string): boolean
  /** Whether this CLI has such a flag. */
  knows(name: string): boolean
  text(name: string): string | undefined
  number(name: string): number | undefined
  on(name: string): boolean
  list(name: string): readonly string[]
}
