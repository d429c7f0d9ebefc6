import { isObject } from './fields.ts'

/** One page of a list. */
interface Page {
  readonly results: readonly unknown[]
  /** Absent on the last one. */
  readonly next?: string
}

const longestToken = 8192

/** Reads a page, or says what is wrong with it. The end is told by the token alone, never by a short page. PROTOCOL.md §2.3. */
export function readPage(json: unknown): Page | { readonly problem: string } {
  if (!isObject(json) || !Array.isArray(json.results)) return { problem: 'it has no list of results' }
  const { results, nextPageToken } = json
  if (nextPageToken === undefined || nextPageToken === null || nextPageToken === '') return { results }
  if (typeof nextPageToken !== 'string' || nextPageToken.length > longestToken) {
    return { problem: 'it does not say in a readable way whether there is another page' }
  }
  return { results, next: nextPageToken }
}
