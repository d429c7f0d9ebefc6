import { type Call, retryHeaders, sendJson, sendText } from './call.ts'
import { workerBody } from './classic/transcode.ts'
import type { EagleEyeSwitches } from './switches.ts'
import { type ApiStatus, apiError } from './v3/errors.ts'

type How = EagleEyeSwitches['failStatus'] | EagleEyeSwitches['listFailStatus']

/** Fails a request in one of the ways that `failStatus` and `listFailStatus` name. */
export async function fail(call: Call, how: How): Promise<void> {
  const { exchange } = call
  if (how === 'reset') return exchange.drop()
  if (how === '200-html') return sendText(call, 200, page('Sign in'))
  const video = exchange.path.endsWith('.flv') ? 'video/x-flv' : 'video/mp4'
  if (how === '200-empty') return exchange.reply(200, { headers: { 'Content-Type': video } })
  const worker = workerBody(call.cloud, exchange.target, 0.5)
  if (how === '200-json' || how === '202-json') return sendJson(call, Number(how.slice(0, 3)), worker)
  if (how === '200-json-as-video') return sendJson(call, 200, worker, { 'Content-Type': video })
  const status = Number(how)
  const headers = status === 429 || status === 503 ? retryHeaders(call) : {}
  const known = apiWords[status]
  if (!isV3(call) || !known)
    return sendText(call, status, page(`${status} ${classicWords[status] ?? 'Error'}`), headers)
  return apiError(call, status, known[0], known[1], `The request failed with ${known[1]}`, headers)
}

const isV3 = ({ host }: Call) => !host.startsWith('classic')

const page = (title: string) => `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`

/** Status and reason of the errors v3 has. */
const apiWords: Readonly<Record<number, readonly [ApiStatus, string]>> = {
  400: ['invalidArgument', 'invalidArgument'],
  401: ['unauthenticated', 'invalidToken'],
  403: ['permissionDenied', 'invalidPermission'],
  404: ['notFound', 'notFound'],
  429: ['tooManyRequests', 'tooManyRequests'],
  500: ['internal', 'internalError'],
  503: ['unavailable', 'serviceUnavailable'],
}

const classicWords: Readonly<Record<number, string>> = {
  ...{ 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 410: 'Gone', 418: "I'm a teapot" },
  ...{ 429: 'Too Many Requests', 463: 'Unable to communicate with camera/bridge', 500: 'Internal Server Error' },
  ...{ 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Time-out' },
}
