/** `YYYYMMDDhhmmss.mmm`, always UTC. PROTOCOL.md §1.4. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:TZ]/g, '')
}

const shape = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{3})$/

/** Epoch milliseconds; undefined for anything that is no moment between 2000 and 2200. */
export function fromTimestamp(value: unknown): number | undefined {
  const [, year, month, day, hour, minute, second, rest] = (typeof value === 'string' && shape.exec(value)) || []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${rest}Z`)
  // A day that does not exist would be taken for another one.
  if (Number.isNaN(ms) || toTimestamp(ms) !== value) return undefined
  return ms >= Date.UTC(2000, 0, 1) && ms < Date.UTC(2200, 0, 1) ? ms : undefined
}
