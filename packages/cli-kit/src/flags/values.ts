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
