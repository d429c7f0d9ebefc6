/** Between which numbers an option may lie. */
export interface NumberBounds {
  readonly least?: number
  readonly most?: number
  /** Greater than this, in place of `least`. */
  readonly above?: number
  /** No fractions. */
  readonly whole?: boolean
}

/** The number, or `undefined` where none is given. Throws TypeError or RangeError that names the option and the value. */
export function numberOption(name: string, value: unknown, bounds: NumberBounds): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw new TypeError(`The option ${name} must be a number; received ${kindOf(value)}.`)
  const { least, most, above, whole } = bounds
  const fits =
    Number.isFinite(value) &&
    value >= (least ?? value) &&
    value <= (most ?? value) &&
    value > (above ?? Number.NEGATIVE_INFINITY) &&
    (!whole || Number.isInteger(value))
  if (fits) return value
  const range =
    above !== undefined ? `above ${above}` : most === undefined ? `${least} or more` : `from ${least} to ${most}`
  throw new RangeError(`The option ${name} must be ${whole ? 'a whole number ' : ''}${range}; received ${value}.`)
}

/** The one of `allowed` that the value is. Throws a RangeError that names the option and the value. */
export function oneOfOption<T extends string | number>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  const shown = isObject(value) || value === undefined ? kindOf(value) : JSON.stringify(value)
  throw new RangeError(`The option ${name} must be one of ${allowed.join(', ')}; received ${shown}.`)
}

/** A text that is not empty. Throws TypeError or RangeError that names the option, and never shows what was received. */
export function textOption(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`The option ${name} must be a string; received ${kindOf(value)}.`)
  if (value === '') throw new RangeError(`The option ${name} must not be empty; received "".`)
  return value
}

/** Throws a TypeError that names the option where the value is no object. */
export function objectOption(name: string, value: unknown): asserts value is object {
  if (!isObject(value)) throw new TypeError(`The option ${name} must be an object; received ${kindOf(value)}.`)
}

/** Throws a TypeError that names the option where the value is given and lacks one of these functions. */
export function functionsOption(name: string, value: unknown, names: readonly string[]): void {
  if (value === undefined) return
  const missing = isObject(value) ? names.find((each) => typeof Reflect.get(value, each) !== 'function') : names[0]
  if (missing === undefined) return
  throw new TypeError(`The option ${name} must have the function ${missing}; received ${kindOf(value)} without it.`)
}

/** Checks the option `timeouts`, as `HttpTimeouts`: each above 0. Throws TypeError or RangeError that names the limit. */
export function timeoutsOption(timeouts: unknown): void {
  objectOption('timeouts', timeouts)
  for (const name of ['connectMs', 'tlsMs', 'firstByteMs', 'idleMs']) {
    numberOption(`timeouts.${name}`, Reflect.get(timeouts, name), { above: 0 })
  }
}

/** Checks the option `retry`, as a `RetryPolicy`: each 0 or more. Throws TypeError or RangeError that names the number. */
export function retryOption(retry: unknown): void {
  objectOption('retry', retry)
  for (const name of ['retries', 'delayMs', 'maxDelayMs', 'maxRetryAfterMs']) {
    numberOption(`retry.${name}`, Reflect.get(retry, name), { least: 0 })
  }
}

/** True for what is neither a list nor null. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What was given, without members that are there and undefined: those must not hide a default. */
export function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}

/** What a value is, in words that show nothing of it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
