export { at, isJsonObject as isObject, word } from '@cam/download-core/source'

/** An id of the vendor's, as it can be asked for: up to 64 letters, digits, `-` and `_`. */
export function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined
}
