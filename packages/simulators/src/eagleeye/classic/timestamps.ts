/** `YYYYMMDDhhmmss.mmm`, in UTC. */
export function writeTimestamp(at: number): string {
  return new Date(at).toISOString().replace(/[-:TZ]/g, '')
}

/** Epoch milliseconds of a timestamp, of `now`, or of an offset from `base` such as `+5000`; NaN for anything else. */
export function readTimestamp(written: string | undefined, now: number, base: number): number {
  if (written === 'now') return now
  // A plus that was not encoded arrives as a space.
  if (/^[ +-]\d+$/.test(written ?? '')) return base + Number(written!.replace(' ', '+'))
  const [, year, month, day, hour, minute, rest] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d\.\d{3})$/.exec(written ?? '') ?? []
  if (year === undefined) return Number.NaN
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${rest}Z`)
  return Number.isNaN(at) || writeTimestamp(at) !== written ? Number.NaN : at
}
