import { at } from './fields.ts'

/** One page of a list. */
export interface Page {
  readonly entries: readonly unknown[]
  /** Absent on the last one. */
  readonly after?: string
}

const longestCursor = 8192

/** Reads a page whose entries lie at `data`, or in `data` at a name; or says what is wrong with it. PROTOCOL.md §2. */
export function readPage(json: unknown, ...path: string[]): Page | { readonly problem: string } {
  const entries = at(json, 'data', ...path)
  if (!Array.isArray(entries)) return { problem: 'it has no list' }
  const cursor = at(json, 'pagination', 'endCursor')
  if (at(json, 'pagination', 'hasNextPage') !== true || cursor === '' || cursor === undefined || cursor === null) {
    return { entries }
  }
  if (typeof cursor !== 'string' || cursor.length > longestCursor) {
    return { problem: 'it does not say in a readable way where it goes on' }
  }
  return { entries, after: cursor }
}
