const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `127.45 MB`: steps of 1024, as the tools this one follows write them. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${Math.round(value)} B` : `${value.toFixed(2)} ${units[unit]}`
}

/** `10s`, `3m05s`, `2h10m`, `3d04h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`
  return `${Math.floor(seconds / 86_400)}d${two(Math.floor(seconds / 3600) % 24)}h`
}

/** A length of time as one writes it on a command line: `1d`, `90s`, `1h30m`. */
export function lengthText(ms: number): string {
  return durationText(ms).replace(/^(\d+[dhm])00[hms]$/, '$1')
}

/** What people call a day or two by the hour: `24 hours`. */
export function hoursText(ms: number): string {
  return ms % 3_600_000 === 0 && ms <= 72 * 3_600_000 ? `${ms / 3_600_000} hours` : lengthText(ms)
}

/** Who was let in where. Clouds call an account by its name, which need not be said twice. */
export function loggedInText(account: string, name: string, id: string): string {
  if (account === name) return `Logged in as ${account} (${id})`
  return `Logged in${account ? ` as ${account}` : ''}: ${name} (${id})`
}

/** Whatever a camera says, on one line and without what steers a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
}
