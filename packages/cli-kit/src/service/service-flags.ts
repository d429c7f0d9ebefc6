import type { Flag } from '../flags/flag.ts'
import { nonEmpty } from '../flags/values.ts'
import { UsageError } from '../usage-error.ts'

const group = 'Service'

/** What only `service print` knows; everything else on its line is the line that the service runs. */
export const serviceFlags: readonly Flag[] = [
  {
    name: 'service-name',
    value: 'NAME',
    read: unitName,
    group,
    help: "what the units are called; default: this command's name, and the last part of --dest",
  },
  { name: 'service-user', value: 'USER', read: userName, group, help: 'who runs it; default: whoever prints it' },
  {
    name: 'on-calendar',
    value: 'WHEN',
    read: calendar,
    group,
    help: 'when the timer starts a run, in the words of systemd.time(7), such as hourly or "*-*-* 03:30:00"; default: daily',
  },
  {
    name: 'unit',
    value: 'service|timer',
    read: (text, flag) => {
      if (text === 'service' || text === 'timer') return text
      throw new UsageError(`--${flag}: service or timer; received "${text}".`)
    },
    group,
    help: 'print this one alone; default: both, one after the other',
  },
]

/** The values of the flags above, and the rest of the line. Throws UsageError. */
export function splitServiceLine(argv: readonly string[]): {
  readonly own: ReadonlyMap<string, string>
  readonly rest: readonly string[]
} {
  const own = new Map<string, string>()
  const rest: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? []
    const flag = serviceFlags.find((known) => known.name === name)
    if (flag === undefined) {
      rest.push(word)
      continue
    }
    const text = value ?? argv[++at]
    if (text === undefined) throw new UsageError(`--${flag.name} needs a value (${flag.value}).`)
    own.set(flag.name, String(flag.read!(text, flag.name)))
  }
  return { own, rest }
}

function calendar(text: string, flag: string): string {
  // A setting of a unit is one line, and a backslash at its end would take the next one in.
  if (/^[\x20-\x5b\x5d-\x7e]+$/.test(text)) return nonEmpty(text, flag)
  throw new UsageError(`--${flag}: no moments in the words of systemd.time(7); received ${JSON.stringify(text)}.`)
}

function unitName(text: string, flag: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9:_.-]{0,199}$/.test(text)) return text.replace(/\.(service|timer)$/, '')
  throw new UsageError(`--${flag}: letters, digits and the signs - _ . : make a unit's name; received "${text}".`)
}

function userName(text: string, flag: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/.test(text)) return text
  throw new UsageError(`--${flag}: "${text}" is no user's name.`)
}
