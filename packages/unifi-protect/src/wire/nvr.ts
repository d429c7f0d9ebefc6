import { at, identifier, isObject, present, word } from './fields.ts'

/** What a console tells of itself. PROTOCOL.md §2.1. */
export interface Nvr {
  readonly id?: string
  readonly mac?: string
  readonly name?: string
  /** An IANA zone that this machine knows. */
  readonly timeZone?: string
  readonly version?: string
  readonly model?: string
}

/** Reads the reply of `nvr`, or the part of `bootstrap` that is the same. Undefined where it is neither. */
export function readNvr(json: unknown): Nvr | undefined {
  const nvr = isObject(at(json, 'nvr')) ? at(json, 'nvr') : json
  if (!isObject(nvr)) return undefined
  const id = identifier(nvr.id)
  const mac = identifier(nvr.mac)
  if (id === undefined && mac === undefined) return undefined
  return present({
    id,
    mac,
    name: word(nvr.name),
    timeZone: zone(nvr.timezone),
    version: word(nvr.version),
    model: word(nvr.marketName) ?? word(nvr.type),
  })
}

function zone(value: unknown): string | undefined {
  const name = word(value)
  if (name === undefined) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone && name
  } catch {
    return undefined
  }
}
