/** One thing about a simulator that can be turned, at the start and while it runs. */
export interface Switch<T> {
  readonly initial: T
  readonly about: string
  /** What may be written, for people. */
  readonly accepts: string
  /** From the text after `key=`; throws with what would have been right. */
  parse(text: string): T
  /** Whether a value handed in by a program is one. */
  allows(value: unknown): boolean
}

/** The values of a set of switches. */
export type SwitchValues<S extends Readonly<Record<string, Switch<unknown>>>> = {
  [K in keyof S]: S[K] extends Switch<infer T> ? T : never
}

/** One of a few words. */
export function choice<const V extends string>(initial: V, others: readonly V[], about: string): Switch<V> {
  const values = [initial, ...others.filter((value) => value !== initial)]
  const accepts = values.join('|')
  const allows = (value: unknown): value is V => values.includes(value as V)
  return {
    ...{ initial, about, accepts, allows },
    parse(text) {
      if (allows(text)) return text
      throw new TypeError(`one of ${accepts}`)
    },
  }
}

/** `true` or `false`; also `on`, `off`, `yes`, `no`, `1`, `0`. */
export function flag(initial: boolean, about: string): Switch<boolean> {
  const [on, off] = [/^(true|on|yes|1)$/i, /^(false|off|no|0)$/i]
  return {
    ...{ initial, about, accepts: 'true|false', allows: (value: unknown) => typeof value === 'boolean' },
    parse(text) {
      if (on.test(text)) return true
      if (off.test(text)) return false
      throw new TypeError('true or false')
    },
  }
}

const factors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  count: { '': 1 },
  bytes: { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
  ms: { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
}

const examples = {
  count: 'a whole number, or always',
  bytes: 'bytes, such as 4096 or 2MiB',
  ms: 'milliseconds, or 2s, 5m, always',
} as const

/** A whole number from 0 up; where it is no size, Infinity too. */
export function amount(initial: number, unit: 'count' | 'bytes' | 'ms', about: string): Switch<number> {
  const allows = (value: unknown) =>
    (Number.isSafeInteger(value) && (value as number) >= 0) || (unit !== 'bytes' && value === Number.POSITIVE_INFINITY)
  return {
    ...{ initial, about, accepts: examples[unit], allows },
    parse(text) {
      const [, digits, suffix] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
      const factor = factors[unit]?.[(suffix ?? '').toLowerCase()]
      const value = /^always$/i.test(text) ? Number.POSITIVE_INFINITY : Number(digits) * (factor ?? Number.NaN)
      if (allows(value)) return value
      throw new TypeError(examples[unit])
    },
  }
}

/** A whole number between two others, both included. */
export function between(initial: number, low: number, high: number, about: string): Switch<number> {
  const accepts = `${low} to ${high}`
  const allows = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high
  return {
    ...{ initial, about, accepts, allows },
    parse(text) {
      if (/^\d+$/.test(text) && allows(Number(text))) return Number(text)
      throw new TypeError(accepts)
    },
  }
}

/** The same, or `off`. */
export function optionalAmount(unit: 'bytes' | 'ms', about: string): Switch<number | undefined> {
  const inner = amount(0, unit, about)
  return {
    ...{ initial: undefined, about, accepts: `off, or ${inner.accepts}` },
    allows: (value) => value === undefined || inner.allows(value),
    parse: (text) => (/^off$/i.test(text) ? undefined : inner.parse(text)),
  }
}

/** Any text that fits the pattern. */
export function text(initial: string, pattern: RegExp, accepts: string, about: string): Switch<string> {
  const allows = (value: unknown) => typeof value === 'string' && pattern.test(value)
  return {
    ...{ initial, about, accepts, allows },
    parse(written) {
      if (allows(written)) return written
      throw new TypeError(accepts)
    },
  }
}

/** The values before anybody turned anything. */
export function initialValues<S extends Readonly<Record<string, Switch<unknown>>>>(switches: S): SwitchValues<S> {
  return Object.fromEntries(Object.entries(switches).map(([name, { initial }]) => [name, initial])) as SwitchValues<S>
}

/** `values` with `changes` applied; throws TypeError that names the switch. */
export function withChanges<S extends Readonly<Record<string, Switch<unknown>>>>(
  switches: S,
  values: SwitchValues<S>,
  changes: Partial<SwitchValues<S>>,
): SwitchValues<S> {
  for (const [name, value] of Object.entries(changes)) {
    const known = Object.hasOwn(switches, name) ? switches[name] : undefined
    if (!known) throw unknownSwitch(switches, name)
    if (!known.allows(value)) throw new TypeError(`switch ${name} takes ${known.accepts}, not ${JSON.stringify(value)}`)
  }
  return { ...values, ...changes }
}

/** Reads `key=value` texts. A key may be written `truncateAt`, `truncate-at` or `TRUNCATE_AT`. */
export function parseSwitches<S extends Readonly<Record<string, Switch<unknown>>>>(
  switches: S,
  written: readonly string[],
): Partial<SwitchValues<S>> {
  const bare = (name: string) => name.toLowerCase().replace(/[-_]/g, '')
  const names = new Map(Object.keys(switches).map((name) => [bare(name), name]))
  const values: Record<string, unknown> = {}
  for (const pair of written) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (key === undefined || value === undefined)
      throw new TypeError(`a switch is written key=value, not ${JSON.stringify(pair)}`)
    const name = names.get(bare(key))
    if (name === undefined) throw unknownSwitch(switches, key)
    try {
      values[name] = switches[name]!.parse(value)
    } catch (error) {
      const wanted = error instanceof Error ? error.message : String(error)
      throw new TypeError(`switch ${name} takes ${wanted}, not ${JSON.stringify(value)}`, { cause: error })
    }
  }
  return values as Partial<SwitchValues<S>>
}

function unknownSwitch(switches: Readonly<Record<string, unknown>>, name: string): TypeError {
  return new TypeError(`there is no switch ${JSON.stringify(name)}; there are ${Object.keys(switches).join(', ')}`)
}
