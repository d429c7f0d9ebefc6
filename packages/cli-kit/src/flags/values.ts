import { lengthText } from '../report/measures.ts'
import { UsageError } from '../usage-error.ts'

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)$/

function number(text: string): number {
  return decimal.test(text.trim()) ? Number(text) : Number.NaN
}

/** A number that is 0 or more, such as `--rate-limit 0.5`. */
export function amount(what: string): (text: string, flag: string) => number {
  return (text, flag) => {
    const value = number(text)
    if (Number.isFinite(value) && value >= 0) return value
    throw new UsageError(`--${flag}: "${text}" is not ${what}; a number that is 0 or more is needed.`)
  }
}

/** A number above 0. */
export function positive(what: string): (text: string, flag: string) => number {
  return (text, flag) => {
    const value = number(text)
    if (Number.isFinite(value) && value > 0) return value
    throw new UsageError(`--${flag}: "${text}" is not ${what}; a number above 0 is needed.`)
  }
}

/** A whole number from `least` on. */
export function count(least: number): (text: string, flag: string) => number {
  return (text, flag) => {
    const value = number(text)
    if (Number.isSafeInteger(value) && value >= least) return value
    throw new UsageError(`--${flag}: "${text}" is not a whole number from ${least} on.`)
  }
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time such as `90s`, `15m`, `1h` or `1h30m`, as milliseconds; a bare number is seconds. */
export function duration(leastMs: number, mostMs: number): (text: string, flag: string) => number {
  return (text, flag) => {
    const written = /^\d+$/.test(text.trim()) ? `${text.trim()}s` : text.trim().toLowerCase()
    const parts = [...written.matchAll(/(\d{1,9})([smhd])/g)]
    const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * unitMs[unit as keyof typeof unitMs], 0)
    const isWhole = written !== '' && parts.map(([part]) => part).join('') === written
    if (isWhole && ms >= leastMs && ms <= mostMs) return ms
    throw new UsageError(
      `--${flag}: "${text}" is not a length of time from ${lengthText(leastMs)} to ${lengthText(mostMs)}; write it like 90s, 15m or 1h.`,
    )
  }
}

/** One of a few words. */
export function oneOf(...words: readonly string[]): (text: string, flag: string) => string {
  return (text, flag) => {
    if (words.includes(text)) return text
    throw new UsageError(`--${flag}: "${text}" is none of ${words.join(', ')}.`)
  }
}

/** Text that is not empty. */
export function nonEmpty(text: string, flag: string): string {
  if (text.trim() !== '') return text
  throw new UsageError(`--${flag}: the value is empty.`)
}

/** SHA-256 of a certificate, as 64 hex digits with or without colons. */
export function fingerprint(text: string, flag: string): string {
  if (/^[\da-f]{64}$/i.test(text.replaceAll(':', ''))) return text
  throw new UsageError(`--${flag}: "${text}" is not a SHA-256 fingerprint: 64 hex digits, colons allowed.`)
}
