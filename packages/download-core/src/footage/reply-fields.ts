import { isObject } from './option-checks.ts'

/** True for what JSON calls an object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return isObject(value)
}

/** What lies at a path of member names of a reply, or undefined. */
export function at(value: unknown, ...path: string[]): unknown {
  let current = value
  for (const name of path) {
    // A reply is data: what it does not state itself (`constructor`) it does not state.
    current = isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined
  }
  return current
}

const longestWord = 200
/** What a text is looked at for: nobody pads a name, and one of megabytes is not read to its end. */
const lookedAt = 4 * longestWord

/** A text of a reply for people: printable, trimmed, at most 200 characters. Undefined for anything else, and for an empty one. */
export function word(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const clean = value
    .slice(0, lookedAt)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
  if (clean === '') return undefined
  return clean.length > longestWord ? `${[...clean].slice(0, longestWord - 1).join('')}…` : clean
}
