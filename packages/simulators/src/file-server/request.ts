/** What came in, as far as a file server cares. */
export interface Asked {
  readonly method: string
  readonly target: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** A single range; a suffix or several ranges are left to `headers.range`. */
  readonly range?: { readonly start: number; readonly end?: number }
}

/** Parses a request head (without the empty line at its end). `undefined` for what is no HTTP. */
export function parseRequest(head: string): Asked | undefined {
  const [first = '', ...lines] = head.split('\r\n')
  const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? []
  if (method === undefined || target === undefined) return undefined
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  return {
    method,
    target,
    headers,
    ...(start === undefined ? {} : { range: { start: Number(start), ...(end ? { end: Number(end) } : {}) } }),
  }
}
