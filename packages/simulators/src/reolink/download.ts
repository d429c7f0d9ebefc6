import { sendBody } from '../kit/send-body.ts'
import type { SyncVirtualFile } from '../kit/virtual-file.ts'
import { admit, isRefused } from './access.ts'
import { type Call, reset, sendPage, sendReplies, sendText } from './call.ts'
import { fileHead, sendRawHead } from './file-head.ts'
import type { Film, Stretch } from './films.ts'
import { refused } from './wire.ts'

type Cmd = 'Download' | 'Playback'

/** A recording by its name, or a file that NvrDownload made. */
export async function download(call: Call, cmd: Cmd): Promise<void> {
  const { device, query, exchange } = call
  const caller = admit(call, cmd, 'recording')
  if (isRefused(caller)) return sendReplies(call, [caller])
  noteSource(call, cmd)
  const source = query.get('source') ?? ''
  const stretch = stretchOf(call, source)
  if (stretch === 'closes') return exchange.drop()
  if (!stretch) return sendReplies(call, [refused(cmd, -222)])
  if (device.vod.broken >= device.switches.wedgeAfter) return exchange.drop()
  if (await failed(call, cmd, source)) return
  const leave = device.vod.begin(device.profile.vodLimit)
  if (!leave) {
    device.violation(`${cmd}: more at once than the device bears`)
    return sendReplies(call, [refused(cmd, -221)])
  }
  exchange.response.on('close', leave)
  try {
    const { firstByteMs, playback } = device.switches
    if (firstByteMs > 0) await device.clock.wait(firstByteMs, exchange.gone)
    if (cmd === 'Playback' && playback === 'closes') return exchange.drop()
    if (cmd === 'Playback' && playback === 'flv') await sendFlv(call, device.films.flv(stretch))
    else await sendFile(call, cmd, stretch, device.films.film(stretch), source)
  } finally {
    leave()
  }
}

/** A hub looks names up as they are written. */
function noteSource({ device, raw }: Call, cmd: Cmd): void {
  const written = raw.get('source') ?? ''
  if (device.switches.profile === 'hub' && /%2F|\+/i.test(written))
    device.violation(`${cmd}: %2F or + in source=, which a hub does not know`)
}

function stretchOf({ device, raw }: Call, source: string): Stretch | undefined | 'closes' {
  if (device.switches.profile === 'hub' && /%2F|\+/i.test(raw.get('source') ?? '')) return undefined
  const fragment = device.fragmentOf(source)
  if (/^fragment_/.test(source) && device.profile.fragments === 'closes') return 'closes'
  if (fragment) return fragment
  return device.seen().find(({ name }) => name !== undefined && name === source)
}

/** Whether this is one of the first downloads of the file that a switch makes fail, and was answered so. */
async function failed(call: Call, cmd: Cmd, source: string): Promise<boolean> {
  const { device, exchange } = call
  const { downloadFailN, downloadFailAs: how, downloadFailOf } = device.switches
  if (downloadFailN === 0 || (downloadFailOf !== 'both' && downloadFailOf !== cmd.toLowerCase())) return false
  if (device.countedBefore(`downloadFailN ${source}`) >= downloadFailN) return false
  if (how === 'closes') exchange.drop()
  else if (how === 'reset') reset(call)
  else if (how === '404') await sendPage(call, 404, 'Not Found')
  else if (how === '502') await sendPage(call, 502, 'Bad Gateway')
  else if (how === 'html') await sendText(call, 200, '<!DOCTYPE html><html><body>Loading</body></html>')
  else if (how === 'empty') await exchange.reply(200, { headers: { 'Content-Type': mediaType } })
  else await sendReplies(call, [refused(cmd, Number(how))])
  return true
}

/** As the firmware spells it. */
const mediaType = 'apolication/octet-stream'

async function sendFile(call: Call, cmd: Cmd, stretch: Stretch, film: Film, source: string): Promise<void> {
  const { device, exchange, query } = call
  const { switches } = device
  const head = fileHead(call, {
    ...{ bytes: film.bytes, modifiedAt: stretch.end + (switches.replaced ? 1000 : 0), mediaType },
    ...{ output: query.get('output') ?? source, ranges: cmd === 'Playback' ? 'ignore' : switches.ranges },
  })
  const faulty = device.countedBefore(`faultTimes ${source}`) < switches.faultTimes
  const cutAt = faulty ? switches.truncateAt : undefined
  const to = cutAt !== undefined && switches.truncate === 'short' ? Math.min(head.to, head.from + cutAt) : head.to
  const lengthStated = switches.contentLength
  const headers = { ...head.headers, ...(lengthStated ? { 'Content-Length': String(to - head.from) } : {}) }
  if (exchange.method === 'HEAD' || head.status === 416) return exchange.reply(head.status, { headers: head.headers })
  if (switches.emptyHeader) sendRawHead(exchange, head.status, headers)
  else exchange.head(head.status, { headers })
  await sendBody(exchange, film.file, {
    ...{ from: head.from, to, lengthStated, writeTimeoutMs: 0 },
    rate: cmd === 'Download' ? switches.rate : switches.playbackRate,
    ...(faulty ? { stallAt: switches.stallAt, stallMs: switches.stallMs } : {}),
    ...(cutAt === undefined || switches.truncate === 'short' ? {} : { cutAt, cut: switches.truncate }),
  })
  // What the simulator cut itself is not the client's doing.
  if (exchange.gone.aborted && cutAt === undefined) device.vod.breaks()
}

/** As fast as life at best, without a length or ranges. */
async function sendFlv(call: Call, file: SyncVirtualFile): Promise<void> {
  const { exchange, device } = call
  exchange.head(200, { headers: { 'Content-Type': 'video/x-flv' } })
  const rate = device.switches.playbackRate
  await sendBody(exchange, file, { from: 0, to: file.size, rate, lengthStated: false })
  if (exchange.gone.aborted) device.vod.breaks()
}

/** `/flv`: a recording as it is played, for user and password in the URL. */
export async function flvPlayback(call: Call): Promise<void> {
  const { device, query, exchange } = call
  if (query.get('user') !== device.username || query.get('password') !== device.password)
    return sendPage(call, 404, 'Not Found')
  const stream = Number(query.get('type') ?? 0) % 2 === 0 ? 'main' : 'sub'
  const start = query.get('start') ?? ''
  const stretch = device
    .seen(Number(query.get('channel') ?? 0), stream)
    .find(({ name, start: at }) => start === name || start === new Date(at).toISOString().replace(/[-T:]|\..*/g, ''))
  if (!stretch || query.get('stream') !== 'playback.bcs') return sendPage(call, 404, 'Not Found')
  exchange.entry.authenticated = true
  const leave = device.vod.begin(device.profile.vodLimit)
  if (!leave) return exchange.drop()
  exchange.response.on('close', leave)
  await sendFlv(call, device.films.flv(stretch))
}
