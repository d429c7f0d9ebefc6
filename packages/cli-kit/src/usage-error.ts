/** The command line cannot be obeyed. Ends with exit code 64; the message names the flag and, unless secret, its value. */
export class UsageError extends Error {
  readonly code: 'USAGE' | 'CREDENTIALS'

  constructor(message: string, code: UsageError['code'] = 'USAGE') {
    super(message)
    this.name = 'UsageError'
    this.code = code
  }
}
