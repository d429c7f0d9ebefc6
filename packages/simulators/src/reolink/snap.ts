import { sendBody } from '../kit/send-body.ts'
import { bytesFile } from '../kit/virtual-file.ts'
import { admit, isRefused } from './access.ts'
import { type Call, reset, sendReplies, sendText } from './call.ts'
import type { Picture } from './shots.ts'
import { refused } from './wire.ts'
import type { ReolinkChannelSpec, ReolinkStream } from './world.ts'

const largest = { width: 7680, height: 4320 }

/** A picture; every failure is JSON under status 200. */
export async function snap(call: Call): Promise<void> {
  const { device, query, exchange } = call
  const caller = admit(call, 'Snap', 'picture')
  if (isRefused(caller)) return sendReplies(call, [caller])
  const channel = device.channel(Number(query.get('channel') ?? 0))
  if (!channel) return sendReplies(call, [refused('Snap', -49)])
  if (channel.online === false) return sendReplies(call, [refused('Snap', -99)])
  const stream: ReolinkStream = query.get('snapType') === 'sub' ? 'sub' : 'main'
  const { width, height } = sizeOf(call, channel, stream)
  const fault = faultOf(call, channel.channel)
  const { snapLatency } = device.switches
  if (snapLatency > 0) {
    const real = 900 + ((exchange.entry.number * 211) % 700)
    await device.clock.wait((real * snapLatency) / 100, exchange.gone)
  }
  if (/^-\d+$/.test(fault)) return sendReplies(call, [refused('Snap', Number(fault))])
  if (fault === 'reset') return reset(call)
  if (fault === 'html') return sendText(call, 200, '<!DOCTYPE html><html><body>Loading</body></html>')
  if (fault === 'stall') await device.clock.wait(2 ** 31 - 1, exchange.gone)
  const picture = device.shots.take(channel.channel, stream, width, height, fault === 'frozen')
  await send(call, picture, fault)
  const whole = fault === 'none' || fault === 'frozen' || fault === 'chunked' || fault === 'padded'
  if (whole && exchange.entry.ended === 'complete') device.shots.whole(channel.channel, stream, picture)
}

/** The smallest picture is 64×48, what a request says beyond what there is gives the largest. */
function sizeOf({ query }: Call, channel: ReolinkChannelSpec, stream: ReolinkStream) {
  const part = stream === 'main' ? 1 : 2
  const { width = 640, height = 480 } = channel
  const asked = (name: 'width' | 'height', least: number, usual: number) => {
    const value = Number(query.get(name))
    return Number.isInteger(value) && value > 0 ? Math.min(largest[name], Math.max(least, value)) : usual
  }
  return {
    width: asked('width', 64, Math.max(64, width / part)),
    height: asked('height', 48, Math.max(48, height / part)),
  }
}

function faultOf({ device }: Call, channel: number) {
  const { snapFault, snapFaultTimes, snapFaultEvery, snapFaultChannel } = device.switches
  if (snapFault === 'none' || (snapFaultChannel !== 'all' && Number(snapFaultChannel) !== channel)) return 'none'
  if ((device.countedBefore(`snapFault ${channel} asked`) + 1) % snapFaultEvery !== 0) return 'none'
  return device.countedBefore(`snapFault ${channel}`) < snapFaultTimes ? snapFault : 'none'
}

function send(call: Call, { bytes }: Picture, fault: string): Promise<void> {
  const headers = { 'Content-Type': 'image/jpeg' }
  const { exchange } = call
  if (fault === 'empty') return exchange.reply(200, { headers })
  if (fault === 'short') return exchange.reply(200, { headers, body: bytes.subarray(0, bytes.length >> 1) })
  if (fault === 'padded') return exchange.reply(200, { headers, body: Buffer.concat([bytes, Buffer.alloc(32)]) })
  if (fault !== 'cut') return exchange.reply(200, { headers, body: bytes, chunked: fault === 'chunked' })
  exchange.head(200, { headers: { ...headers, 'Content-Length': String(bytes.length) } })
  const plan = { from: 0, to: bytes.length, cutAt: bytes.length >> 1, lengthStated: true }
  return sendBody(exchange, bytesFile(bytes), plan)
}
