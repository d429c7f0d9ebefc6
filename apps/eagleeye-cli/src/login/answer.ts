import { AuthenticationError } from '@cam/download-core'

/** What the vendor's page sent back, by the browser or by hand. */
export interface Answer {
  readonly code?: string
  readonly state?: string
  /** The vendor's word for no. */
  readonly error?: string
}

/** Undefined where neither a code nor a refusal is in it. */
export function answerIn(query: URLSearchParams): Answer | undefined {
  const [code, state, error] = ['code', 'state', 'error'].map((name) => query.get(name) || undefined)
  if (code === undefined && error === undefined) return undefined
  return { ...(code && { code }), ...(state && { state }), ...(error && { error }) }
}

/** A pasted line: the whole address that the browser ended at, or the code alone. Undefined for anything else. */
export function pastedAnswer(line: string): Answer | undefined {
  const text = line.trim()
  const from = text.indexOf('?')
  if (from >= 0) return answerIn(new URLSearchParams(text.slice(from + 1).replace(/#.*$/s, '')))
  return /^[\w.~+/=-]{1,2048}$/.test(text) && !text.includes('://') ? { code: text } : undefined
}

/** The code, if the answer is to our own question. Throws AuthenticationError. */
export function codeOf(
  { code, state, error }: Answer,
  asked: { readonly state: string; readonly pasted: boolean },
): string {
  // A code that was typed in alone comes without a state; whoever typed it saw where it came from.
  const isOurs = state === asked.state || (asked.pasted && state === undefined)
  if (!isOurs) {
    throw refusal(
      'consent-state',
      'The answer belongs to another login: its state is not the one that was sent. It may come from an older tab, or from somebody who wants their account to be archived in place of yours. Nothing was done with it.',
    )
  }
  if (error === 'access_denied')
    throw refusal('consent-denied', 'The consent was refused in the browser: access_denied.')
  if (error !== undefined || code === undefined) {
    throw refusal('consent-denied', `The vendor did not ask for the consent: ${printable(error ?? 'no code came')}.`)
  }
  return code
}

/** Nobody answered. */
export function tooLate(minutes: number): AuthenticationError {
  return refusal('consent-late', `No consent came within ${minutes} minutes.`)
}

function refusal(vendorCode: string, message: string): AuthenticationError {
  return new AuthenticationError(message, { vendor: 'eagleeye', vendorCode })
}

/** Anybody can send anything to an open port. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 100)
}
