/** One command as devices take them. PROTOCOL.md §1.1. */
export interface Command {
  readonly cmd: string
  /** 1 asks for defaults and ranges, too. Default 0. */
  readonly action?: 0 | 1
  readonly param?: Readonly<Record<string, unknown>>
}
