import { apiError, type Call } from './call.ts'

/** Bytes that become `+` and `/` in base64, so that a cursor that is not encoded in a URL is not understood. */
const mark = Buffer.from([0xfb, 0xef, 0xff])

const cursorOf = (place: number) => Buffer.concat([mark, Buffer.from(`after:${place}`)]).toString('base64')

/** One page of everything; undefined when the cursor was refused, and answered so. */
export async function pageOf<T>(call: Call, all: readonly T[], size: number) {
  const { query, cloud, exchange } = call
  const after = query.get('after') ?? ''
  const from = after === '' ? 0 : placeOf(after)
  if (from === undefined) {
    if (/[ +]/.test(after)) cloud.violation(`${exchange.target}: the cursor is not encoded`)
    await apiError(call, 400, "Invalid value for parameter 'after'.")
    return undefined
  }
  const next = from + size
  const isMore = next < all.length
  const pagination = cloud.switches.endlessPages
    ? { endCursor: cursorOf(0), hasNextPage: true }
    : { endCursor: isMore ? cursorOf(next) : '', hasNextPage: isMore }
  return { results: all.slice(from, next), pagination }
}

function placeOf(cursor: string): number | undefined {
  const bytes = Buffer.from(cursor, 'base64')
  const [, place] = /^after:(\d+)$/.exec(bytes.subarray(mark.length).toString('latin1')) ?? []
  const number = Number(place)
  return place !== undefined && cursorOf(number) === cursor ? number : undefined
}

/** Whether an array was not written as `name=a&name=b`, and was refused for it. */
export async function arraysRefused(call: Call, names: readonly string[]): Promise<boolean> {
  const { query, cloud, exchange } = call
  const wrong = names.find((name) => query.has(`${name}[]`) || query.getAll(name).some((value) => value.includes(',')))
  if (wrong === undefined) return false
  cloud.violation(`${exchange.target}: ${wrong} is not written as an array of its own arguments`)
  await apiError(call, 400, `Invalid value for parameter '${wrong}'.`)
  return true
}
