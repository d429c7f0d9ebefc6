import { type Call, type Headers, sendJson } from '../call.ts'

/** The words of `status` in an ApiV3Error. */
export type ApiStatus =
  | 'invalidArgument'
  | 'unauthenticated'
  | 'permissionDenied'
  | 'notFound'
  | 'conflict'
  | 'resourceExhausted'
  | 'failedPrecondition'
  | 'methodNotSupported'
  | 'tooManyRequests'
  | 'unavailable'
  | 'unimplemented'
  | 'internal'

/** The body of an error, as jobs hold it too. */
export function errorBody(
  code: number,
  status: ApiStatus,
  reason: string,
  message: string,
  details: readonly unknown[] = [],
) {
  return { code, status, message, details: [{ type: 'errorInfo', reason, domain: 'apiv3', metadata: {} }, ...details] }
}

/** Answers with an ApiV3Error. */
export function apiError(
  call: Call,
  code: number,
  status: ApiStatus,
  reason: string,
  message: string,
  headers: Headers = {},
  details: readonly unknown[] = [],
): Promise<void> {
  const { path, method } = call.exchange
  const info = { type: 'errorInfo', reason, domain: 'apiv3', metadata: { path, method } }
  return sendJson(call, code, { code, status, message, details: [info, ...details] }, headers)
}

/** A 400 that names the arguments. */
export function badArgument(call: Call, reason: string, argumentName: string, description: string): Promise<void> {
  const details = [{ type: 'badRequest', argumentViolations: [{ argumentName, description }] }]
  return apiError(call, 400, 'invalidArgument', reason, description, {}, details)
}

export function notFound(call: Call, what = 'The resource'): Promise<void> {
  return apiError(call, 404, 'notFound', 'notFound', `${what} was not found`)
}
