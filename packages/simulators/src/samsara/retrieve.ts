import { apiError, type Call, readMoment, retryAfter, sendJson } from './call.ts'
import { errorOf, fail } from './failing.ts'
import { footageOf } from './footage.ts'
import { quotaExceeded, quotaStatus } from './quota.ts'
import {
  inputs,
  mediaTypes,
  type SamsaraInput,
  type SamsaraMediaType,
  type TimeWindow,
  type Vehicle,
  writeMoment,
} from './world.ts'

interface Wanted {
  readonly inputs: readonly SamsaraInput[]
  readonly mediaType: SamsaraMediaType
  readonly window: TimeWindow
}

/** POST /cameras/media/retrieval */
export async function order(call: Call): Promise<void> {
  const { cloud, exchange } = call
  const { switches, orders } = cloud
  const body = fieldsOf((await exchange.body()).toString('utf8'))
  const vehicle = cloud.vehicle(body?.vehicleId)
  const start = readMoment(body?.startTime)
  const times = `order ${String(body?.vehicleId)} ${start}`
  const fails =
    switches.postFailN > 0 &&
    (!vehicle || cloud.suffers(vehicle, undefined, start)) &&
    cloud.countedBefore(times) < switches.postFailN
  const isLost = switches.postFailStatus.startsWith('lost')
  if (fails && !isLost) return fail(call, switches.postFailStatus)
  if (!body || body.vehicleId === undefined) return apiError(call, 400, 'Invalid value for parameter.')
  if (!vehicle) return errorOf(call, Number(switches.unknownVehicle))
  const wanted = wantedOf(body, vehicle, call)
  if (typeof wanted === 'string') return apiError(call, 400, wanted)
  const refusal = refusalOf(call, vehicle, wanted)
  if (refusal !== undefined) return apiError(call, 400, refusal)
  if (quotaExceeded(cloud, orders.costOf(wanted.inputs.length, wanted.mediaType, wanted.window)))
    return outOfQuota(call)
  const placed = orders.place(vehicle, wanted.inputs, wanted.mediaType, wanted.window)
  if (switches.postMs > 0) await cloud.clock.wait(switches.postMs, exchange.gone).catch(() => {})
  // Whoever has gone meanwhile paid all the same.
  if (exchange.gone.aborted || fails) placed.lost = true
  if (fails) return fail(call, switches.postFailStatus)
  return sendJson(call, 200, { data: { retrievalId: placed.retrievalId, quotaStatus: quotaStatus(cloud) } })
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** What was asked for, or why it is no question. */
function wantedOf(body: Readonly<Record<string, unknown>>, vehicle: Vehicle, { cloud }: Call): Wanted | string {
  const { roles, lowResMax, hyperlapseMax } = cloud.switches
  const [start, end] = [readMoment(body.startTime), readMoment(body.endTime)]
  const mediaType = mediaTypes.find((one) => one === body.mediaType)
  if (!mediaType) return "Invalid value for parameter 'mediaType'."
  if (Number.isNaN(start) || Number.isNaN(end)) return "Invalid value for parameter 'startTime' or 'endTime'."
  if (start > cloud.clock.now()) return "Invalid value for parameter 'startTime': it has not come yet."
  if (mediaType === 'image' && start !== end) return 'endTime must be startTime for images.'
  const longest = { image: 0, videoHighRes: 60_000, videoLowRes: lowResMax, hyperlapse: hyperlapseMax }[mediaType]
  if (mediaType !== 'image' && (end < start + 1000 || end > start + longest))
    return `The media must be 1 to ${longest / 1000} seconds long.`
  const named = [body.inputs ?? [], (roles ? body.cameraRoles : []) ?? []]
  if (!named.every(Array.isArray)) return "Invalid value for parameter 'inputs'."
  const [wantedInputs, wantedRoles] = named as [unknown[], unknown[]]
  const known = wantedInputs.map((one) => inputs.find((input) => input === one))
  const byRole = wantedRoles.map((role) => vehicle.spec.cameras.find((one) => one.role === role)?.input)
  const all = [...known, ...byRole]
  if (all.length === 0) return 'inputs: at least one is needed.'
  if (all.includes(undefined)) return "Invalid value for parameter 'inputs' or 'cameraRoles'."
  return { inputs: [...new Set(all as SamsaraInput[])], mediaType, window: { start, end } }
}

/** Why there is nothing to retrieve; undefined when at least one input has something, or when its status will say. */
function refusalOf(
  { cloud }: Call,
  vehicle: Vehicle,
  { inputs: wanted, mediaType, window }: Wanted,
): string | undefined {
  const { noCamera, expiredAnswer, notRecordingWords } = cloud.switches
  const why = wanted.map((input) => {
    const footage = footageOf({ vehicle, input, mediaType, window }, cloud.means)
    return footage.is === 'there' ? footage.is : footage.why
  })
  const at = `not recording at ${writeMoment(window.start)}`
  const notRecording =
    notRecordingWords === 'plain'
      ? `The device was ${at}.`
      : `rpc error: code = InvalidArgument desc = vehicle ${vehicle.spec.id} ${at}: no media`
  if (noCamera === '400' && why.includes('no-camera')) return 'The vehicle has no such camera.'
  const others = why.filter((one) => one !== 'no-camera')
  if (others.length === 0 || others.includes('there')) return undefined
  if (others.includes('not-recording')) return notRecording
  if (expiredAnswer === 'unavailable') return undefined
  return expiredAnswer === '400-not-recording' ? notRecording : 'The requested media is no longer stored on the device.'
}

function outOfQuota(call: Call): Promise<void> {
  const { quotaAnswer } = call.cloud.switches
  const status = Number(quotaAnswer.slice(0, 3))
  const headers = quotaAnswer === '429-long' ? retryAfter(call, 86_400_000) : {}
  return apiError(call, status, 'The monthly media usage limit of the organization is reached.', headers)
}
