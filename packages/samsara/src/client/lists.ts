import { unreadable } from '../failures.ts'
import { readPage } from '../wire/page.ts'
import type { Api, Arguments, Endpoint } from './api.ts'

/** Five million entries: an end that never comes. */
const mostPages = 10_000

/** Every entry of a list, page after page. Throws ProtocolError for a list that is none, that goes in a circle, or that has no end. */
export async function* entries(
  api: Api,
  endpoint: Endpoint,
  query: Arguments,
  path: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const what = `The list ${endpoint.path}`
  const seen = new Set<string>()
  let after: string | undefined
  for (let pages = 0; pages < mostPages; pages++) {
    const page = readPage(await api.get(endpoint, { ...query, after }, signal), ...path)
    if ('problem' in page) throw unreadable(what, page.problem)
    yield* page.entries
    if (page.after === undefined) return
    if (seen.has(page.after)) throw unreadable(what, 'its pages go in a circle')
    seen.add(page.after)
    after = page.after
  }
  throw unreadable(what, `it does not end within ${mostPages} pages`)
}
