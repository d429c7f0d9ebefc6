import { sendBody } from '../kit/send-body.ts'
import { stubMp4 } from '../media/surveillance-mp4.ts'
import { type ExportAsked, filmOf, speedOfFps, timelapseOf } from './archive.ts'
import { type Call, nginxPage, sendHtml, sendJson, wholeNumber } from './replies.ts'
import { settled } from './switches.ts'
import type { WorldCamera } from './world.ts'

const hour = 3_600_000

/** `GET video/export`. */
export async function videoExport(call: Call): Promise<void> {
  const { console } = call
  const ended = console.exportBegins()
  try {
    await answer(call)
  } finally {
    ended()
  }
}

async function answer(call: Call): Promise<void> {
  const { console, query } = call
  const { switches, exports } = console
  const asked = {
    start: wholeNumber(query.get('start')),
    end: wholeNumber(query.get('end')),
    channel: channelOf(query),
  }
  const { crashOn } = switches
  const tooLong = (crashOn === 'long' || crashOn === 'any') && asked.end - asked.start > hour
  const tooMany = (crashOn === 'parallel' || crashOn === 'any') && exports.inFlight > switches.parallelExports
  const due = exports.asked >= switches.crashAfter && console.countedBefore('crash due') === 0
  if (tooLong || tooMany || due) return console.crash()
  if (switches.redirectMedia !== '') return sendHtml(call, 302, '', { Location: switches.redirectMedia })
  const camera = console.camera(query.get('camera'))
  if (!camera) return sendJson(call, 404, { error: 'Camera not found', name: 'NotFoundError' })
  if (Number.isNaN(asked.start) || Number.isNaN(asked.end) || !camera.channels.some(({ id }) => id === asked.channel))
    return sendJson(call, 400, { error: "Invalid 'start', 'end' or 'channel'", name: 'BadRequestError' })
  if (mayNot(call, camera)) return sendJson(call, 403, { error: 'Forbidden', name: 'ForbiddenError' })
  if (asked.start >= asked.end) return sendJson(call, 500, { error: 'Invalid time range' })
  const key = `${camera.spec.id} ${asked.start} ${asked.end}`
  if (switches.failN > 0 && console.countedBefore(`fail ${key}`) < switches.failN) return fail(call)
  if (switches.overloadEvery > 0 && (console.countedBefore('overload') + 1) % switches.overloadEvery === 0)
    return overload(call)
  const broken = console.stretch('nonMonotonic', camera)
  if (broken && broken.start < asked.end && asked.start < broken.end)
    return sendJson(call, 500, { error: 'Non-monotonic timestamp provided' })
  await deliver(call, camera, asked, key)
}

/** The package camera is lens 2, or channel 3. */
function channelOf(query: URLSearchParams): number {
  if (query.get('lens') === '2') return 3
  return query.get('channel') === null ? 0 : wholeNumber(query.get('channel'))
}

/** Whether the user lacks the right to this camera's footage. */
export function mayNot({ console }: Call, camera: WorldCamera): boolean {
  return camera.spec.denied === true || console.isMeant(console.switches.rightMissing, camera)
}

async function deliver(call: Call, camera: WorldCamera, asked: ExportAsked, key: string): Promise<void> {
  const { console, exchange, query } = call
  const { switches, clock } = console
  const { sparse, creationTime, overrunMs, standIn } = switches
  const left = console.stretch('drop', camera)
  const around = left && (asked.start < left.start - 60_000 || asked.end > left.end + 60_000)
  const rules = { sparse, creationTime, overrunMs, standIn, hole: around ? left : undefined }
  const speed = query.get('type') === 'timelapse' ? speedOfFps.get(Number(query.get('fps'))) : 1
  if (speed === undefined) return sendJson(call, 400, { error: "Invalid 'fps'", name: 'BadRequestError' })
  const film =
    speed === 1 ? filmOf(camera, asked, rules, clock.now()) : timelapseOf(camera, asked, speed, rules, clock.now())
  if (switches.renderMs > 0) await rendered(call)
  if (exchange.gone.aborted) return
  if (!film) return nothing(call)
  const { size } = film.file
  const name = `${camera.spec.mac}_${asked.channel}_${asked.start}_${asked.end}.mp4`
  exchange.head(200, {
    headers: {
      'Content-Type': 'video/mp4',
      'Content-Disposition': `attachment; filename="${name}"`,
      ...(switches.contentLength ? { 'Content-Length': String(size) } : {}),
    },
  })
  const faulty = console.countedBefore(`body ${key}`) < switches.faultTimes
  const { truncateAt: cutAt, truncate: cut, stallAt, stallMs, rate } = switches
  await sendBody(exchange, film.file, {
    ...{ from: 0, to: size, rate, lengthStated: switches.contentLength },
    ...(faulty ? { cutAt, cut, stallAt, stallMs } : {}),
  })
  remember(call, camera)
}

async function rendered({ exchange, console }: Call): Promise<void> {
  try {
    await exchange.clock.wait(console.switches.renderMs, exchange.gone)
  } catch (error) {
    if (!exchange.gone.aborted) throw error
  }
}

/** How a console says that nothing was recorded. */
function nothing(call: Call): Promise<void> {
  const form = settled(call.console.switches, 'emptyForm')
  if (form === '500') return sendJson(call, 500, { error: 'No files found matching criteria.' })
  if (form === 'rust') return sendJson(call, 500, { error: 'track information is not valid' })
  if (form === '404') return sendJson(call, 404, { error: 502, operationId: 8900 + call.console.exports.asked })
  return call.exchange.reply(200, { headers: { 'Content-Type': 'video/mp4' }, body: stubMp4() })
}

function overload(call: Call): Promise<void> {
  if (call.console.countedBefore('overloaded') % 2 === 0) return call.exchange.reply(500)
  return call.exchange.reply(200, { headers: { 'Content-Type': 'video/mp4' } })
}

async function fail(call: Call): Promise<void> {
  const { exchange, console } = call
  const { failStatus, retryAfter, retryAfterForm } = console.switches
  if (failStatus === 'reset') return exchange.drop()
  if (failStatus === '404-html') return sendHtml(call, 404, nginxPage('404 Not Found'))
  if (failStatus === '200-html') return sendHtml(call, 200, nginxPage('Welcome'))
  if (failStatus === '200-json') return sendJson(call, 200, { error: 'Export failed' })
  if (failStatus === '200-empty') return exchange.reply(200, { headers: { 'Content-Type': 'video/mp4' } })
  if (failStatus === '400') return sendJson(call, 400, { error: 'Bad Request', name: 'BadRequestError' })
  if (failStatus === '500') return sendJson(call, 500, { error: 'Internal Server Error' })
  if (failStatus !== '429') return sendHtml(call, Number(failStatus), nginxPage(`${failStatus} ${words[failStatus]}`))
  const until = new Date(console.clock.now() + retryAfter * 1000).toUTCString()
  const headers: Record<string, string> =
    retryAfter === 0 ? {} : { 'Retry-After': retryAfterForm === 'date' ? until : String(retryAfter) }
  return sendJson(call, 429, { error: 'Too Many Requests' }, headers)
}

const words = { '502': 'Bad Gateway', '503': 'Service Temporarily Unavailable', '504': 'Gateway Time-out' } as const

/** Exports are events of the console themselves. */
function remember({ console }: Call, camera: WorldCamera): void {
  const id = `6f${(console.exports.asked + 0x1000).toString(16).padStart(22, '0')}`
  const now = console.clock.now()
  console.remember({ id, type: 'videoExported', start: now, end: now, camera: camera.spec.id, score: 0 })
}
