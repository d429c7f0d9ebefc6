import { type Call, fieldsOf, sendJson } from '../call.ts'
import { filmOf } from '../films.ts'
import { readMoment } from './arguments.ts'
import { apiError, badArgument, notFound } from './errors.ts'

const longest = 8 * 3_600_000
const types = ['video', 'timeLapse', 'bundle', 'videoSummary']

type Fields = Readonly<Record<string, unknown>>

/** `POST /exports`. */
export async function newExport(call: Call): Promise<void> {
  const { cloud } = call
  const body = await fieldsOf(call)
  const refuse = (name: string, why: string, reason = 'invalidArgument') => badArgument(call, reason, name, why)
  if (!body) return refuse('body', 'The body is no JSON object')
  const { deviceId, type, autoDelete = false, playbackMultiplier } = body
  const [period, info] = [fields(body.period), fields(body.info)]
  if (typeof deviceId !== 'string')
    return refuse('deviceId', "Missing required argument 'deviceId'", 'missingRequiredArgument')
  if (!types.includes(String(type))) return refuse('type', "Could not parse value for 'type'")
  const end = period.endTimestamp === undefined ? cloud.clock.now() : readMoment(period.endTimestamp)
  const start = readMoment(period.startTimestamp)
  if (Number.isNaN(start) || Number.isNaN(end)) {
    cloud.violation(`POST /exports: a period from ${String(period.startTimestamp)} to ${String(period.endTimestamp)}`)
    return refuse('period', "Could not parse value for 'period'")
  }
  if (end <= start) return refuse('period', 'The period is empty')
  if (end - start > longest) return refuse('period', 'The period exceeds 8 hours')
  const name = String(info.name ?? 'export')
  if (name.length < 1 || name.length > 64 || name.includes('/')) return refuse('info.name', 'The name is not allowed')
  if (
    type !== 'video' &&
    type !== 'videoSummary' &&
    !(Number(playbackMultiplier) >= 1 && Number(playbackMultiplier) <= 48)
  )
    return refuse('playbackMultiplier', "Missing required argument 'playbackMultiplier'", 'missingRequiredArgument')
  const camera = cloud.camera(deviceId)
  if (!camera) return notFound(call, 'The device')
  if (cloud.mayNot(camera))
    return apiError(call, 403, 'permissionDenied', 'invalidPermission', 'downloadVideo is needed')
  if (await refusedAnyway(call, camera.spec.id, start)) return
  if (!filmOf(camera, { start, end }, 'export', cloud.clock.now())) return nothing(call, 404)
  const asked = { camera, period: { start, end }, name, autoDelete: autoDelete === true, original: body }
  return sendJson(call, 201, { id: cloud.exports.begin(asked, cloud.clock.now(), false).id })
}

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

async function refusedAnyway(call: Call, cameraId: string, start: number): Promise<boolean> {
  const { cloud } = call
  const { exportRefused } = cloud.switches
  if (exportRefused === 'none' || !cloud.means('only', cloud.camera(cameraId)!, start)) return false
  if (exportRefused === 'quotaExceeded')
    await apiError(call, 403, 'resourceExhausted', 'quotaExceeded', 'The quota is exceeded')
  else if (exportRefused === '500') await apiError(call, 500, 'internal', 'internalError', 'Something went wrong')
  else await nothing(call, Number(exportRefused.slice(-3)))
  return true
}

function nothing(call: Call, status: number): Promise<void> {
  const word = status === 400 ? 'invalidArgument' : status === 409 ? 'conflict' : 'notFound'
  return apiError(call, status, word, 'noVideo', 'There is no video in the period')
}

/** `POST /exports/{jobId}:copy`: once more. */
export async function copyExport(call: Call, id: string): Promise<void> {
  const { cloud } = call
  const job = cloud.exports.jobs.get(id)
  const body = await fieldsOf(call)
  if (!job) return notFound(call, 'The job')
  if (!['full', 'failedIntervalsFully', 'minimal'].includes(String(body?.retryStrategy)))
    return badArgument(call, 'invalidArgument', 'retryStrategy', "Could not parse value for 'retryStrategy'")
  const asked = { ...job, name: `${job.name} (retry)` }
  return sendJson(call, 201, { id: cloud.exports.begin(asked, cloud.clock.now(), true).id })
}
