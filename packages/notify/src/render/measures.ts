import type { EpochMs } from '@cam/download-core'

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** `31.2 GB`: steps of 1024, as the command lines write them. */
export function bytesText(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${Math.round(value)} B` : `${value.toFixed(1)} ${units[unit]}`
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

/** `2026-10-25 02:30 UTC+1`: on the wall clock of a zone. */
export function momentText(at: EpochMs, timeZone: string): string {
  const part = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'shortOffset',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const zone = part.timeZoneName?.replace('GMT', 'UTC').replace(/[+-]0$/, '')
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute} ${zone}`
}

/** `1 run`, `2 runs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** At most so many characters, the last of them `…` where something is missing. */
export function clipped(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}

/** At most so many bytes of UTF-8, cut between characters. */
export function clippedBytes(text: string, bytes: number): string {
  const whole = Buffer.from(text)
  if (whole.byteLength <= bytes) return text
  let end = bytes - 3
  // 10xxxxxx goes on with the character before it.
  while (end > 0 && (whole[end]! & 0xc0) === 0x80) end--
  return `${whole.toString('utf8', 0, end)}…`
}
