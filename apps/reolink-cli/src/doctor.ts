import { setMaxListeners } from 'node:events'
import { connect } from 'node:net'
import { type CommandTools, type ExitCode, exitCodes, type VendorCommand } from '@cam/cli-kit'
import { isCamError } from '@cam/download-core'
import type { DeviceFacts, Reolink } from '@cam/reolink'
import { hostIn } from './hosts.ts'
import { sourceOf } from './source.ts'

/** One thing that was looked at. */
interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly text: string
}

type Tell = (check: string, state: Finding['state'], text: string) => void

/** `reolink-cli doctor`: what the device is, what it can do, and what stands in the way. Downloads nothing. */
export const doctorCommand: VendorCommand = {
  name: 'doctor',
  summary: 'look at a device: can it be reached, its ports, clock, disk, firmware, what it can do',
  flags: ['stream'],
  does: { run: doctor },
}

async function doctor({ flags, context, report, signal }: CommandTools): Promise<ExitCode> {
  const counts = { ok: 0, warning: 0, failed: 0 }
  const tell: Tell = (check, state, text) => {
    counts[state]++
    report.item(
      'finding',
      { check, state, text },
      `${{ ok: 'ok  ', warning: 'WARN', failed: 'FAIL' }[state]}  ${check}: ${text}`,
    )
  }
  const { address } = hostIn(flags, 'doctor')
  await ports(address, tell, signal)
  await using source = sourceOf(flags, context)
  const facts = await source.device({ signal })
  whatItIs(facts, tell)
  clock(facts, tell)
  disks(facts, tell)
  channels(facts, tell)
  await pictures(source, tell, signal)
  await logins(source, tell, signal)
  const { ok, warning, failed } = counts
  report.item('doctor-ended', counts, `${ok} in order, ${warning} to know of, ${failed} in the way.`)
  return failed > 0 ? exitCodes.incomplete : exitCodes.done
}

const knownPorts = [
  [80, 'http'],
  [443, 'https'],
  [9000, "the vendor's app"],
  [8000, 'ONVIF'],
  [554, 'RTSP'],
  [1935, 'RTMP'],
] as const

async function ports(address: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const url = new URL(/^https?:\/\//i.test(address) ? address : `http://${address}`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const own = url.port || (url.protocol === 'https:' ? '443' : '80')
  const asked = new Map<number, string>([[Number(own), 'asked for'], ...knownPorts])
  const open: string[] = []
  // One listener a port: no leak.
  const each = AbortSignal.any([signal])
  setMaxListeners(asked.size * 2, each)
  await Promise.all(
    [...asked].map(async ([port, name]) => {
      if (await answers(host, port, each)) open.push(`${port} (${name})`)
    }),
  )
  if (open.length > 0)
    tell('ports', 'ok', `open: ${open.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).join(', ')}`)
  else tell('ports', 'failed', `none of ${[...asked.keys()].join(', ')} is open`)
}

/** Whether somebody takes a connection within three seconds. */
function answers(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal, timeout: 3000 })
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.on('error', () => end(false))
  })
}

function whatItIs(facts: DeviceFacts, tell: Tell): void {
  const { name, model, kind, firmware, hardware, uid, serial } = facts
  tell('device', 'ok', [`${name || 'unnamed'}`, model, kind].filter(Boolean).join(', '))
  tell('firmware', firmware ? 'ok' : 'warning', [firmware || 'not told', hardware].filter(Boolean).join(', '))
  const id = uid ?? serial
  if (id) tell('identity', 'ok', id)
  else
    tell(
      'identity',
      'warning',
      'it tells no number of its own: with another address, it is another device for an archive',
    )
}

function clock({ time, clockAheadMs }: DeviceFacts, tell: Tell): void {
  if (time === undefined || clockAheadMs === undefined) {
    tell('clock', 'warning', 'it does not tell the time: give --device-timezone')
    return
  }
  const hours = time.offsetSeconds / 3600
  const zone = `UTC${hours < 0 ? '-' : '+'}${Math.abs(hours)}, summer time ${time.summer ? 'by a rule of its own' : 'off'}`
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000)
  const off =
    seconds === 0 ? 'as this machine' : `${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine`
  tell('clock', seconds > 30 ? 'warning' : 'ok', `${off}; ${zone}`)
}

function disks({ disks: all }: DeviceFacts, tell: Tell): void {
  if (all.length === 0) tell('disk', 'warning', 'no card and no disk: there are no recordings, pictures can be taken')
  for (const { kind, usable, capacityMiB, freeMiB } of all) {
    const size = capacityMiB === undefined ? '' : `, ${Math.round(capacityMiB / 1024)} GiB`
    const free = freeMiB === undefined ? '' : `, ${Math.round(freeMiB / 1024)} GiB free`
    tell('disk', usable ? 'ok' : 'failed', `${kind}${size}${free}${usable ? '' : ': not formatted, or not mounted'}`)
  }
}

function channels({ channels: all, abilities }: DeviceFacts, tell: Tell): void {
  for (const { index, name, online, asleep, model } of all) {
    const can = [
      ['recDownload', 'download'],
      ['recReplay', 'play'],
      ['snap', 'pictures'],
    ].flatMap(([feature, word]) => (abilities.version(feature!, index) === 0 ? [`no ${word}`] : []))
    const words = [name || 'unnamed', model, online ? (asleep ? 'asleep' : 'online') : 'offline', ...can]
    tell(`camera ${index}`, online ? (can.length > 0 ? 'warning' : 'ok') : 'warning', words.filter(Boolean).join(', '))
  }
}

async function pictures(source: Reolink, tell: Tell, signal: AbortSignal): Promise<void> {
  for await (const camera of source.cameras({ signal })) {
    if (camera.state === 'offline') continue
    try {
      const { bytes } = await source.snapshot!(camera, { signal })
      tell(`picture of ${camera.name || camera.id}`, 'ok', `a whole JPEG of ${Math.ceil(bytes.byteLength / 1024)} KiB`)
    } catch (error) {
      if (!isCamError(error)) throw error
      tell(`picture of ${camera.name || camera.id}`, 'failed', error.message)
    }
  }
}

async function logins(source: Reolink, tell: Tell, signal: AbortSignal): Promise<void> {
  try {
    const all = await source.sessions({ signal })
    tell(
      'logins',
      all.length > 5 ? 'warning' : 'ok',
      `${all.length} at the moment, this one included; \`reolink-cli sessions\` shows them`,
    )
  } catch (error) {
    if (!isCamError(error)) throw error
    tell('logins', 'warning', `not told: ${error.message}`)
  }
}
