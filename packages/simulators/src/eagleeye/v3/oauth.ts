import { type Call, sendJson, sendText } from '../call.ts'
import { revoke, token } from './token.ts'

/** Answers one request to the `auth.` host. */
export async function serveAuth(call: Call): Promise<void> {
  const { exchange } = call
  const { path, method, entry } = exchange
  const at = `${method} ${path}`
  if (at === 'GET /oauth2/authorize' || at === 'POST /oauth2/authorize') {
    entry.node = 'consent'
    return consent(call)
  }
  if (at === 'POST /oauth2/token') {
    entry.node = 'token'
    return token(call)
  }
  if (at === 'POST /oauth2/revoke') {
    entry.node = 'revoke'
    return revoke(call)
  }
  if (at === 'GET /.well-known/openid-configuration') {
    entry.node = 'discovery'
    return sendJson(call, 200, discovery(call.cloud.hosts.auth))
  }
  return sendText(call, 404, 'Not Found')
}

const discovery = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/oauth2/authorize`,
  token_endpoint: `${issuer}/oauth2/token`,
  revocation_endpoint: `${issuer}/oauth2/revoke`,
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
})

/** What a browser sees: a page with a button, or at once the way back to the client. */
async function consent(call: Call): Promise<void> {
  const { cloud, exchange, query } = call
  const { consent: way } = cloud.switches
  const wrong = wrongIn(call)
  if (wrong) return sendText(call, 400, `<p>invalid_request: ${wrong}</p>`)
  if (way === 'page' && exchange.method === 'GET') {
    const action = exchange.target.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
    const button = (name: string) => `<button name="answer" value="${name}">${name}</button>`
    return sendText(
      call,
      200,
      `<title>Sign in</title><form method="post" action="${action}">${button('allow')}${button('deny')}</form>`,
    )
  }
  const answer =
    exchange.method === 'POST' ? new URLSearchParams((await exchange.body()).toString()).get('answer') : 'allow'
  const redirectUri = query.raw.get('redirect_uri')!
  const back = new URLSearchParams()
  if (way === 'deny' || answer !== 'allow') back.set('error', 'access_denied')
  else back.set('code', cloud.tokens.newCode(redirectUri, query.get('code_challenge')))
  if (query.get('state') !== undefined) back.set('state', query.get('state')!)
  exchange.entry.authenticated = true
  return sendText(call, 302, '', { Location: `${redirectUri}?${back}` })
}

/** The redirect_uri is compared as it was sent, so one that is percent-encoded is another. */
function wrongIn({ cloud, query }: Call): string | undefined {
  if (query.get('client_id') !== cloud.credentials.clientId) return 'client_id'
  if (query.get('response_type') !== 'code') return 'response_type'
  if (query.get('scope') !== 'vms.all') return 'scope'
  if (query.get('code_challenge') !== undefined && query.get('code_challenge_method') !== 'S256')
    return 'code_challenge_method'
  const sent = query.raw.get('redirect_uri') ?? ''
  const fits = (allowed: string) => {
    const [before = '', after] = allowed.split('*')
    if (after === undefined) return sent === allowed
    const between = sent.slice(before.length, sent.length - after.length)
    return sent.startsWith(before) && sent.endsWith(after) && /^\d+$/.test(between)
  }
  return cloud.switches.redirectUris.split(' ').some(fits) ? undefined : 'redirect_uri'
}
