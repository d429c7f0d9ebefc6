import type { Exchange } from '../kit/exchange.ts'
import type { Call } from './call.ts'
import { serveClassic } from './classic/routes.ts'
import type { Cloud, HostName } from './cloud.ts'
import { Query } from './query.ts'
import { serveAuth } from './v3/oauth.ts'
import { serveApi, serveMedia } from './v3/routes.ts'

/** Answers one request to one of the hosts. */
export async function serve(exchange: Exchange, cloud: Cloud, host: HostName): Promise<void> {
  const call: Call = { exchange, cloud, host, query: new Query(exchange.query) }
  noteLeaks(call)
  if (host.startsWith('classic')) return serveClassic(call)
  if (host === 'auth') return serveAuth(call)
  if (host === 'media') return serveMedia(call)
  return serveApi(call)
}

/** Tokens are for v3 alone, and the client's secret for the `auth.` host alone. */
function noteLeaks({ exchange, cloud, host }: Call): void {
  const [scheme] = (exchange.request.headers.authorization ?? '').split(' ')
  const elsewhere = /^bearer$/i.test(scheme ?? '')
    ? /^classic|^auth$/
    : /^basic$/i.test(scheme ?? '')
      ? /^(?!auth$)/
      : undefined
  if (elsewhere?.test(host)) cloud.violation(`${scheme} credentials sent to ${host}`)
}
