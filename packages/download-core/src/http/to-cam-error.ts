import { type CamErrorOptions, isCamError, NetworkError, ProtocolError } from '../footage/errors.ts'

/** Replies that will be just as wrong the next time. */
const malformed = new Set(['HPE_INVALID_CONTENT_LENGTH', 'HPE_UNEXPECTED_CONTENT_LENGTH', 'HPE_HEADER_OVERFLOW'])

const meaning: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed by the other side',
  EPIPE: 'the connection was closed by the other side',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENETDOWN: 'the network is down',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the system gave up waiting',
}

/** What a transport's error means to us. Errors that are not of the network (bugs, bad options) come back as they are. */
export function toCamError(error: unknown, what: string, options: CamErrorOptions = {}): unknown {
  const chain = causes(error)
  const ours = chain.find(isCamError)
  if (ours) return ours
  const code = chain.map(codeOf).find((found) => found !== undefined && found !== 'ERR_GOT_REQUEST_ERROR')
  const innermost = chain.at(-1)
  if (code === undefined || /^ERR_(INVALID|UNESCAPED|HTTP_INVALID|BODY)/.test(code)) return innermost
  if (malformed.has(code)) {
    return new ProtocolError(`${what}: the reply is malformed (${code}).`, { ...options, cause: innermost })
  }
  const words = meaning[code] ?? (code.startsWith('HPE_') ? 'the reply is not HTTP' : 'the connection failed')
  return new NetworkError(`${what}: ${words} (${code}).`, { ...options, reason: code, cause: innermost })
}

/** The error and what caused it, outermost first; several addresses tried at once count as their last. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = []
  let current = error
  while (current !== undefined && current !== null && chain.length < 8) {
    chain.push(current)
    if (typeof current !== 'object') break
    current = current instanceof AggregateError ? current.errors.at(-1) : 'cause' in current ? current.cause : undefined
  }
  return chain
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
