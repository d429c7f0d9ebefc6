import { word } from '@cam/download-core/source'

export { at, isJsonObject as isObject, word } from '@cam/download-core/source'

/** An id as it can be asked for and stored: 1 to 128 characters without spaces. A whole number counts as its digits. */
export function identifier(value: unknown): string | undefined {
  if (Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value.length <= 128 && /^[\w.:-]+$/.test(value) ? value : undefined
}

const earliest = Date.UTC(2000, 0, 1)
const latest = Date.UTC(2200, 0, 1)

/** Epoch milliseconds between 2000 and 2200, as a number or in quotes. Undefined for anything else. */
export function moment(value: unknown): number | undefined {
  const number = numeric(value)
  return number !== undefined && number >= earliest && number <= latest ? Math.floor(number) : undefined
}

/** A number from `least` to `most`, as a number or in quotes. */
export function within(value: unknown, least: number, most: number): number | undefined {
  const number = numeric(value)
  return number !== undefined && number >= least && number <= most ? number : undefined
}

/** The texts of a list, at most `most` of them; empty for anything else. */
export function words(value: unknown, most = 64): string[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, most).flatMap((each) => word(each) ?? [])
}

/** Without the members that are undefined. */
export function present<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never
}

function numeric(value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?\d{1,16}(\.\d{1,6})?$/.test(value)) return Number(value)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
