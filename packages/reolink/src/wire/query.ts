/** Name and value of one parameter of an address. */
export type Parameter = readonly [name: string, value: string]

/** Base64 goes as it is. PROTOCOL.md §1.5. */
const literal = new Set(['encrypt'])

/**
 * The query as devices want it. Hubs refuse `%2F` for a slash and `+` for a space, which is how URLSearchParams writes them, so
 * only what would change the meaning of the query is escaped. PROTOCOL.md §1.6.
 */
export function queryOf(parameters: readonly Parameter[]): string {
  return parameters.map(([name, value]) => `${name}=${literal.has(name) ? value : escaped(value)}`).join('&')
}

/** A value as it stands in the query. */
export function escaped(text: string): string {
  // A lone surrogate has no bytes to escape.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/%(2F|3A|40|2C|3D)/g, decodeURIComponent)
}
