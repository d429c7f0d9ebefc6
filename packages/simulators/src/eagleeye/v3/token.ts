import { createHash } from 'node:crypto'
import { type Call, fieldsOf, retryHeaders, sendJson } from '../call.ts'
import type { TokenReply } from './tokens.ts'

/** `POST /oauth2/token`. */
export async function token(call: Call): Promise<void> {
  const { cloud, exchange } = call
  const { tokens, switches } = cloud
  if (tokens.underWay++ > 0) tokens.counts.overlapping++
  try {
    const fields = await parameters(call)
    if (switches.tokenMs > 0) await cloud.clock.wait(switches.tokenMs, exchange.gone).catch(() => {})
    if (exchange.gone.aborted) return
    const failing = switches.tokenFailN > 0 && cloud.countedBefore('token') < switches.tokenFailN
    const { tokenFailStatus } = switches
    if (failing && tokenFailStatus !== 'after') {
      const headers = tokenFailStatus === '500' ? {} : retryHeaders(call)
      return sendJson(call, Number(tokenFailStatus), { error: 'temporarily_unavailable' }, headers)
    }
    const granted = grant(call, fields)
    if (typeof granted === 'string') return refuse(call, granted)
    // The tokens have changed, and nobody hears of it.
    if (failing) return exchange.drop()
    exchange.entry.authenticated = true
    return sendJson(call, 200, granted, { 'Cache-Control': 'no-store' })
  } finally {
    tokens.underWay--
  }
}

/** `POST /oauth2/revoke`. */
export async function revoke(call: Call): Promise<void> {
  const fields = await parameters(call)
  if (!isClient(call, fields)) return refuse(call, 'invalid_client')
  call.cloud.tokens.revoke(String(fields.token))
  return call.exchange.reply(200)
}

type Fields = Readonly<Record<string, unknown>>

/** Of the body; some clients put them into the query. */
async function parameters(call: Call): Promise<Fields> {
  const inQuery = Object.fromEntries([...call.query.raw.keys()].map((name) => [name, call.query.get(name)]))
  return { ...inQuery, ...(await fieldsOf(call)) }
}

/** The tokens, or the error. */
function grant(call: Call, fields: Fields): TokenReply | string {
  const { tokens } = call.cloud
  if (!isClient(call, fields)) return 'invalid_client'
  if (fields.grant_type === 'refresh_token') return tokens.refresh(String(fields.refresh_token)) ?? 'invalid_grant'
  if (fields.grant_type !== 'authorization_code') return 'unsupported_grant_type'
  const code = tokens.takeCode(String(fields.code))
  if (!code || code.redirectUri !== fields.redirect_uri) return 'invalid_grant'
  const proof = createHash('sha256').update(String(fields.code_verifier)).digest('base64url')
  if (code.challenge !== undefined && code.challenge !== proof) return 'invalid_grant'
  tokens.counts.exchanged++
  return tokens.issue()
}

/** HTTP Basic, or id and secret among the fields; a public client says only its id. */
function isClient({ exchange, cloud }: Call, fields: Fields): boolean {
  const { clientId, clientSecret } = cloud.credentials
  const [, written] = /^Basic (\S+)$/i.exec(exchange.request.headers.authorization ?? '') ?? []
  if (written !== undefined) return Buffer.from(written, 'base64').toString() === `${clientId}:${clientSecret}`
  if (fields.client_id !== clientId) return false
  return cloud.switches.publicClient || fields.client_secret === clientSecret
}

function refuse(call: Call, error: string): Promise<void> {
  const { counts } = call.cloud.tokens
  counts.refused++
  if (error === 'invalid_client') return sendJson(call, 401, { error }, { 'WWW-Authenticate': 'Basic realm="auth"' })
  const status = error === 'invalid_grant' ? Number(call.cloud.switches.reuse) : 400
  return sendJson(call, status, { error, error_description: 'The token or code is invalid, expired or revoked' })
}
