/** What a finished process says; the same in every CLI. */
export const exitCodes = {
  /** Everything kept, already kept, absent, expired or skipped; or pending within its deadline. */
  done: 0,
  /** Something failed, is lost, was stopped in mid-run, or is pending past its deadline. */
  incomplete: 1,
  /** Could not begin: connection, login, whole listing, destination. */
  notBegun: 2,
  /** The command line is wrong; missing credentials included. */
  usage: 64,
  /** Another run holds this archive and source. */
  locked: 75,
  interrupted: 130,
  terminated: 143,
} as const

/** One of the numbers above. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
