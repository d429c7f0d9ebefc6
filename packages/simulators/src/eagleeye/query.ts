/** Arguments as they were sent: `+` is a space, as forms have it. The first of a name counts. */
export class Query {
  /** Text after the equals sign, undecoded. */
  readonly raw: ReadonlyMap<string, string>

  constructor(written: string) {
    const raw = new Map<string, string>()
    for (const pair of written.split('&')) {
      if (pair === '') continue
      const equals = pair.indexOf('=')
      const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
      if (!raw.has(name)) raw.set(name, equals < 0 ? '' : pair.slice(equals + 1))
    }
    this.raw = raw
  }

  get(name: string): string | undefined {
    const raw = this.raw.get(name)
    return raw === undefined ? undefined : decoded(raw)
  }

  /** The parts between commas; empty when it is missing. */
  list(name: string): string[] {
    return (this.get(name) ?? '').split(',').filter((part) => part !== '')
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
