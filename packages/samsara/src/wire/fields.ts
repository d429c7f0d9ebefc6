/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What lies at a path of member names, or undefined. */
export function at(value: unknown, ...path: string[]): unknown {
  let current = value
  for (const name of path) {
    // A reply is data: what it does not state itself (`constructor`) it does not state.
    current = isObject(current) && Object.hasOwn(current, name) ? current[name] : undefined
  }
  return current
}

const longest = 200

/** A text for people: printable, trimmed, at most 200 characters; undefined for anything else, and for an empty one. */
export function word(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const clean = value
    .slice(0, 4 * longest)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
  if (clean === '') return undefined
  return clean.length > longest ? `${[...clean].slice(0, longest - 1).join('')}…` : clean
}

/** An id as it can stand in a URL, an order and a ledger: 1 to 128 plain characters. */
export function identifier(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 128 || !/^[\w.:~-]+$/.test(value)) return undefined
  return /^\.+$/.test(value) ? undefined : value
}
