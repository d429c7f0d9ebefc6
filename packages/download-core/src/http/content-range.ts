/** `Content-Range` of a single range. */
export interface ContentRange {
  readonly start: number
  /** Last byte, inclusive. */
  readonly end: number
  /** Absent for `a-b/*`. */
  readonly total?: number
}

/** `undefined` for anything that is not one well-formed range in bytes. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const [, first, last, whole] = /^\s*bytes[ =](\d+)-(\d+)\/(\d+|\*)\s*$/i.exec(value ?? '') ?? []
  if (first === undefined || last === undefined || whole === undefined) return undefined
  const start = Number(first)
  const end = Number(last)
  const total = whole === '*' ? undefined : Number(whole)
  if (end < start || !Number.isSafeInteger(end + 1) || (total !== undefined && total <= end)) return undefined
  return total === undefined ? { start, end } : { start, end, total }
}

/** The total a 416 states. */
export function parseUnsatisfied(value: string | undefined): number | undefined {
  const [, whole] = /^\s*bytes \*\/(\d+)\s*$/i.exec(value ?? '') ?? []
  return whole !== undefined && Number.isSafeInteger(Number(whole)) ? Number(whole) : undefined
}
