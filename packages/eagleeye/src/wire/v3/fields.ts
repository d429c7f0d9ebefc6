export { at, isJsonObject as isObject, word } from '@cam/download-core/source'

/** An id as it can stand in a URL and in a ledger: 1 to 128 plain characters. */
export function identifier(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 128 || !/^[\w.:~-]+$/.test(value)) return undefined
  return /^\.+$/.test(value) ? undefined : value
}

/** A whole number from 0 on. */
export function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}
