import type { Exchange } from '../kit/exchange.ts'
import { type Call, commonHeaders, readQuery, sendPage } from './call.ts'
import type { Device } from './device.ts'
import { download, flvPlayback } from './download.ts'
import { jsonApi } from './json-api.ts'
import { snap } from './snap.ts'

const paths: readonly string[] = ['/cgi-bin/api.cgi', '/api.cgi']

/** Answers one request. */
export async function serve(exchange: Exchange, device: Device): Promise<void> {
  const call: Call = { exchange, device, ...readQuery(exchange.query) }
  Object.assign(exchange.commonHeaders, commonHeaders)
  if (device.down) return exchange.drop()
  const cmd = call.query.get('cmd') ?? ''
  if (exchange.path === '/flv') {
    exchange.entry.node = 'flv'
    return flvPlayback(call)
  }
  if (!paths.includes(exchange.path)) return sendPage(call, 404, 'Not Found')
  const { bootStatus, bootTimes } = device.switches
  if (device.reboots > 0 && bootStatus !== 'none' && device.countedBefore('bootTimes') < bootTimes)
    return sendPage(call, Number(bootStatus), bootStatus === '404' ? 'Not Found' : 'Bad Gateway')
  if (exchange.method === 'GET' || exchange.method === 'HEAD') {
    exchange.entry.node = cmd === 'download' ? 'Download' : /^[A-Z]\w{1,40}$/.test(cmd) ? cmd : 'other'
    if (cmd === 'Snap') return alone(call, () => snap(call))
    if (cmd === 'Download' || cmd === 'download') return alone(call, () => download(call, 'Download'))
    if (cmd === 'Playback') return alone(call, () => download(call, 'Playback'))
  }
  return alone(call, () => jsonApi(call))
}

/** One session that asks for two things at once makes a real device stumble. */
async function alone(call: Call, work: () => Promise<void>): Promise<void> {
  const { device, exchange, query } = call
  const token = query.get('token') ?? query.get('user') ?? ''
  if (token === '' || query.get('cmd') === 'Login') return work()
  const kind = exchange.entry.node === 'Download' || exchange.entry.node === 'Playback' ? 'recordings' : 'commands'
  const key = `${kind} ${token}`
  // What a client has just broken off ends a moment later here.
  for (let turn = 0; turn < 5 && device.busy.has(key); turn++) await new Promise(setImmediate)
  const before = device.busy.get(key) ?? 0
  if (before > 0) {
    device.violation(`two ${kind} at the same time`)
    if (device.switches.concurrent === 'reset') return exchange.drop()
  }
  device.busy.set(key, before + 1)
  let counted = true
  const leave = () => {
    if (!counted) return
    counted = false
    const left = (device.busy.get(key) ?? 1) - 1
    if (left > 0) device.busy.set(key, left)
    else device.busy.delete(key)
  }
  exchange.response.on('close', leave)
  try {
    await work()
  } finally {
    leave()
  }
}
