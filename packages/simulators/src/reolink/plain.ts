import type { Exchange } from '../kit/exchange.ts'
import { commonHeaders, readQuery, sendPage } from './call.ts'
import type { Device } from './device.ts'
import { serve } from './routes.ts'

/** The plain port of a device that speaks TLS. */
export async function servePlain(exchange: Exchange, device: Device, secureHost: string): Promise<void> {
  const { plainHttp } = device.switches
  if (plainHttp === 'serves') return serve(exchange, device)
  const call = { exchange, device, ...readQuery(exchange.query) }
  Object.assign(exchange.commonHeaders, commonHeaders)
  exchange.entry.node = 'plain'
  if (plainHttp === '302')
    return exchange.reply(302, { headers: { Location: `https://${secureHost}${exchange.target}` } })
  if (call.query.get('cmd') === 'Login') return exchange.reply(300, { headers: { 'Content-Type': 'text/html' } })
  return sendPage(call, 404, 'Not Found')
}
