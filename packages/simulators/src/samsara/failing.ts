import { apiError, type Call, retryAfter, sendHtml } from './call.ts'
import type { SamsaraSwitches } from './switches.ts'

const words: Readonly<Record<number, string>> = {
  ...{
    400: 'Invalid value for parameter.',
    401: 'Invalid token.',
    403: 'Permission denied.',
    404: 'Object not found.',
  },
  ...{ 413: 'Request entity too large.', 429: 'Exceeded rate limit.', 500: 'Failed to execute GraphQL query.' },
  ...{ 501: 'Not implemented.', 502: 'rpc error: code = Unknown desc = connection refused' },
  ...{ 503: 'context deadline exceeded', 504: 'context deadline exceeded' },
}

/** How long a forced 429 or 503 says to wait. */
const briefly = 402

/** An error in the words of the API. */
export function errorOf(call: Call, status: number, waitMs = briefly): Promise<void> {
  const headers = status === 429 || status === 503 ? retryAfter(call, waitMs) : {}
  return apiError(call, status, words[status] ?? 'Error.', headers)
}

type How = SamsaraSwitches['failStatus'] | SamsaraSwitches['postFailStatus']

/** Fails a request in one of the ways that `failStatus` and `postFailStatus` name. */
export async function fail(call: Call, how: How): Promise<void> {
  const { exchange } = call
  if (how === 'reset' || how === 'lost') return exchange.drop()
  if (how === '200-html') return sendHtml(call, 200, 'Sign in')
  if (how === '200-empty') return exchange.reply(200, { headers: { 'Content-Type': 'application/json' } })
  if (how === '200-cut' || how === 'lost-garbage')
    return exchange.reply(200, {
      headers: { 'Content-Type': 'application/json' },
      body: '{"data":{"retrievalId":"5f0c',
    })
  return errorOf(call, Number(how.replace('lost-', '')))
}

/** Whether this is one of the first requests that a switch makes fail, and was answered so. */
export async function failed(
  call: Call,
  name: 'pollFailN' | 'listFailN' | 'vehiclesFailN',
  key: string,
): Promise<boolean> {
  const { switches } = call.cloud
  if (switches[name] === 0 || call.cloud.countedBefore(`${name} ${key}`) >= switches[name]) return false
  await fail(call, switches.failStatus)
  return true
}
