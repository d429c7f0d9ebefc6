import type { Call } from '../call.ts'
import { badArgument } from './errors.ts'

/** What an endpoint takes; whatever else is sent is refused. */
export interface Arguments {
  readonly required?: readonly string[]
  readonly optional?: readonly string[]
  readonly timestamps?: readonly string[]
  /** Fields to sort by. Default: it cannot be sorted. */
  readonly sortable?: readonly string[]
  /** With `pageSize` and `pageToken`. Default false. */
  readonly paged?: boolean
}

/** Whether the arguments were refused, and answered so. */
export async function refused(call: Call, rules: Arguments): Promise<boolean> {
  const { query, cloud, exchange } = call
  const { required = [], optional = [], timestamps = [], sortable, paged } = rules
  const known = new Set([
    ...required,
    ...optional,
    ...(paged ? ['pageSize', 'pageToken'] : []),
    ...(sortable ? ['sort'] : []),
  ])
  const what = `${exchange.method} ${exchange.path}`
  const refuse = async (reason: string, name: string, description: string, violation: boolean) => {
    if (violation) cloud.violation(`${what}: ${description}`)
    await badArgument(call, reason, name, description)
    return true
  }
  for (const name of query.raw.keys())
    if (!known.has(name)) return refuse('unexpectedArgument', name, `Unexpected argument '${name}'`, true)
  for (const name of required)
    if (!query.get(name)) return refuse('missingRequiredArgument', name, `Missing required argument '${name}'`, true)
  for (const name of timestamps) {
    const written = query.get(name)
    if (written === undefined || !Number.isNaN(readMoment(written))) continue
    const [raw = ''] = [query.raw.get(name)]
    const why = /Z$/i.test(written) ? ': Z' : raw.includes('+') ? ': a plus that is not encoded' : ''
    return refuse('invalidArgument', name, `Could not parse value for parameter '${name}'${why}`, true)
  }
  const sort = query.get('sort')
  if (
    sort !== undefined &&
    !sort.split(',').every((field) => /^[+-]/.test(field) && sortable?.includes(field.slice(1)))
  )
    return refuse('invalidArgument', 'sort', `Could not parse value for parameter 'sort'`, true)
  const size = query.get('pageSize')
  if (size !== undefined && !/^-?\d+$/.test(size))
    return refuse('invalidArgument', 'pageSize', `Could not parse value for parameter 'pageSize'`, true)
  return false
}

/** Epoch milliseconds of `YYYY-MM-DDTHH:MM:SS.sss±hh:mm`; NaN for anything else, `Z` too. */
export function readMoment(written: unknown): number {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/
  return typeof written === 'string' && form.test(written) ? Date.parse(written) : Number.NaN
}

export const writeMoment = (at: number) => new Date(at).toISOString().replace('Z', '+00:00')

/** One page of everything, with the tokens of its neighbours. */
export function pageOf<T>({ query, cloud }: Call, all: readonly T[], last: null | '') {
  const { pageCap } = cloud.switches
  const size = Math.min(Math.max(Number(query.get('pageSize') ?? 100), 1), pageCap)
  const token = query.get('pageToken') ?? ''
  const at = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString('latin1').replace('page:', ''))
  if (!Number.isSafeInteger(at) || at < 0) return undefined
  const tokenOf = (place: number) => Buffer.from(`page:${place}`).toString('base64url')
  return {
    results: all.slice(at, at + size),
    nextPageToken: at + size < all.length ? tokenOf(at + size) : last,
    prevPageToken: at > 0 ? tokenOf(Math.max(0, at - size)) : last,
  }
}

/** How the last page of a list says that it is the last. */
export function lastTokenOf({ cloud }: Call, list: 'media' | 'other'): null | '' {
  const { lastToken } = cloud.switches
  return lastToken === 'empty' || (lastToken === 'mixed' && list === 'media') ? '' : null
}
