/** One challenge of a `WWW-Authenticate` header. Parameter names in lower case, values unquoted. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  readonly params: Readonly<Record<string, string>>
}

const token = /[!#$%&'*+\-.^_`|~\w]+/y
const space = /[ \t]*/y
const quoted = /"((?:[^"\\]|\\[\s\S])*)"/y
const unquoted = /[^,\s]+/y

/** Reads all challenges of all header values. A real tokenizer: commas separate both parameters and challenges, nonces contain `=`. */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap((value) => parseOne(value.slice(0, 8192)))
}

/** Reads `a=b, c="d"`, as in `Authentication-Info`. */
export function parseParameters(value: string): Readonly<Record<string, string>> {
  return parseOne(`x ${value}`)[0]?.params ?? {}
}

function parseOne(text: string): Challenge[] {
  const found: { scheme: string; params: Record<string, string> }[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) return undefined
    at = pattern.lastIndex
    return match
  }
  while (at < text.length) {
    take(space)
    if (text[at] === ',') {
      at++
      continue
    }
    const name = take(token)?.[0]
    if (name === undefined) {
      // Not a header we understand any further; what was read so far stands.
      at++
      continue
    }
    take(space)
    const current = found.at(-1)
    // `name =` is a parameter; a name followed by anything else begins the next challenge.
    if (text[at] === '=' && current) {
      at++
      take(space)
      const inQuotes = take(quoted)
      const value = inQuotes ? inQuotes[1]!.replace(/\\([\s\S])/g, '$1') : (take(unquoted)?.[0] ?? '')
      // The first of a repeated parameter counts.
      if (!Object.hasOwn(current.params, name.toLowerCase())) current.params[name.toLowerCase()] = value
    } else if (text[at] !== '=') {
      found.push({ scheme: name.toLowerCase(), params: Object.create(null) })
    } else {
      at++
    }
  }
  return found
}
