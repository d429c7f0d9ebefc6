import { at, isObject, word } from './fields.ts'

/** What a console meant by a reply that is no video. PROTOCOL.md §3.1. */
type Meaning = 'empty' | 'damaged' | 'other'

/** A reply that is no video, in the console's own words. */
export interface Refusal {
  readonly meaning: Meaning
  /** Its own words, printable and bounded; absent where it had none. */
  readonly said?: string
}

/** Protect 1 to 4, and what was seen of later ones where a stream does not exist for that age. */
const emptyWords = /\bno files found\b|\btrack information is not valid\b/i
const damagedWords = /\bnon-?monotonic timestamp/i
/** Protect 7: a number in place of words. Any other number is not known to mean the same. */
const emptyNumber = 502

/**
 * Reads the body of a reply that is no video. Only the console's own word counts as "nothing recorded": a status alone comes
 * from whatever stands in front of it while it starts.
 */
export function readRefusal(status: number, text: string): Refusal {
  const json = parsed(text)
  if (!isObject(json)) return { meaning: 'other' }
  const error = at(json, 'error')
  if (typeof error === 'number') {
    const operation = at(json, 'operationId')
    const empty = status === 404 && error === emptyNumber && Number.isSafeInteger(operation)
    return { meaning: empty ? 'empty' : 'other', said: `error ${error}` }
  }
  const said = word(error) ?? word(at(json, 'message'))
  if (said === undefined) return { meaning: 'other' }
  return { meaning: emptyWords.test(said) ? 'empty' : damagedWords.test(said) ? 'damaged' : 'other', said }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
