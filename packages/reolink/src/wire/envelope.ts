import { at, isJsonObject, word } from '@cam/download-core/source'

/** One command as devices take them. PROTOCOL.md §1.1. */
export interface Command {
  readonly cmd: string
  /** 1 asks for defaults and ranges, too. Default 0. */
  readonly action?: 0 | 1
  readonly param?: Readonly<Record<string, unknown>>
}

/** Why a device said no. */
export interface Refusal {
  readonly code: number
  /** In its own words. */
  readonly detail?: string
  /** Tries left until the account is locked. PROTOCOL.md §1.4. */
  readonly remaining?: number
  readonly unlockSeconds?: number
}

/** One entry of a reply. */
export interface Answer {
  readonly cmd: string | undefined
  readonly value?: unknown
  readonly refusal?: Refusal
}

/** More than a batch has, far less than a reply could hold. */
const mostAnswers = 1000

/** The body of a request. */
export function bodyOf(commands: readonly Command[]): string {
  return JSON.stringify(commands.map(({ cmd, action = 0, param = {} }) => ({ cmd, action, param })))
}

/** The entries of a reply; undefined where it is not a list of them. */
export function readAnswers(text: string): Answer[] | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  // A lone object is an entry without its brackets.
  const entries = Array.isArray(json) ? json : [json]
  if (entries.length === 0 || entries.length > mostAnswers || !entries.every(isJsonObject)) return undefined
  const answers = entries.map(readEntry)
  return answers.every((answer) => answer !== undefined) ? answers : undefined
}

/** Errors come with HTTP 200 and, in one place of the vendor's document, with code 0: the error itself decides. */
function readEntry(entry: Readonly<Record<string, unknown>>): Answer | undefined {
  const cmd = word(at(entry, 'cmd'))
  const error = at(entry, 'error')
  if (isJsonObject(error)) return { cmd, refusal: readRefusal(error) }
  const code = integer(at(entry, 'code'))
  const value = at(entry, 'value')
  if (code !== undefined && code !== 0) return { cmd, refusal: { code } }
  if (code === undefined && value === undefined) return undefined
  return { cmd, value }
}

function readRefusal(error: Readonly<Record<string, unknown>>): Refusal {
  const detail = word(at(error, 'detail'))
  const remaining = integer(at(error, 'auth_warning_info', 'remain_times'))
  const unlockSeconds = integer(at(error, 'auth_warning_info', 'unlock_time'))
  return {
    code: integer(at(error, 'rspCode')) ?? 0,
    ...(detail !== undefined && { detail }),
    ...(remaining !== undefined && remaining >= 0 && { remaining }),
    ...(unlockSeconds !== undefined && unlockSeconds >= 0 && { unlockSeconds: Math.min(unlockSeconds, 86_400) }),
  }
}

/** Numbers come as such or in quotes. */
export function integer(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

/** The same within bounds; undefined outside of them. */
export function integerFrom(value: unknown, least: number, most: number): number | undefined {
  const number = integer(value)
  return number !== undefined && number >= least && number <= most ? number : undefined
}
