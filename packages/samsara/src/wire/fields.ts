export { at, isJsonObject as isObject, word } from '@cam/download-core/source'

/** An id as it can stand in a URL, an order and a ledger: 1 to 128 plain characters. */
export function identifier(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 128 || !/^[\w.:~-]+$/.test(value)) return undefined
  return /^\.+$/.test(value) ? undefined : value
}
