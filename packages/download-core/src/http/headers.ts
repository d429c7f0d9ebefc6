import { ProtocolError } from '../footage/errors.ts'

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>

/** Names in lower case; repeated headers joined with `, `. From Node's flat list, because its own map drops repetitions. */
export function joinHeaders(raw: readonly string[]): Headers {
  const joined: Record<string, string> = Object.create(null)
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    joined[name] = joined[name] === undefined ? raw[i + 1]! : `${joined[name]}, ${raw[i + 1]}`
  }
  return joined
}

/** Every value of one header, apart: cookies and challenges contain commas of their own. */
export function valuesOf(raw: readonly string[], name: string): string[] {
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]!.toLowerCase() === name)
}

/** The same headers under lower-case names. */
export function lowerCaseNames(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
}

/** Headers that give access, whoever set them. */
export function isSecretName(name: string): boolean {
  return /^(proxy-)?authorization$|^cookie2?$|token|secret|api-?key|auth|session|csrf|credential|password/i.test(name)
}

/** The stated length; `undefined` where none is. Throws ProtocolError where it is no length. */
export function contentLength(headers: Headers, what: string): number | undefined {
  const value = headers['content-length']
  if (value === undefined || headers['transfer-encoding'] !== undefined) return undefined
  const bytes = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(bytes)) {
    throw new ProtocolError(`${what}: the reply states an impossible length (${value.slice(0, 40)}).`)
  }
  return bytes
}
