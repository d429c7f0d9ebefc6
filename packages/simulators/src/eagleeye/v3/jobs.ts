import { type Call, sendJson } from '../call.ts'
import { filmOf } from '../films.ts'
import type { TimeWindow } from '../world.ts'
import { lastTokenOf, pageOf, refused, writeMoment } from './arguments.ts'
import { badArgument, errorBody, notFound } from './errors.ts'
import type { ExportJob, MadeFile } from './export-state.ts'

const lifetime = 28 * 86_400_000

/** `GET /jobs/{id}`: every time it is asked for, it is a step further. */
export async function job(call: Call, id: string): Promise<void> {
  if (await refused(call, { optional: ['include'] })) return
  const found = existing(call, id)
  if (!found) return notFound(call, 'The job')
  found.polls++
  found.updatedAt = call.cloud.clock.now()
  return sendJson(call, 200, jobOf(call, found))
}

/** `GET /jobs`, of one user. */
export async function jobs(call: Call): Promise<void> {
  const { cloud, query } = call
  if (await refused(call, { required: ['userId'], optional: ['state__in', 'type__in', 'namespace'], paged: true }))
    return
  const mine = query.get('userId') === 'ca0e1cf2'
  const found = mine ? [...cloud.exports.jobs.keys()].flatMap((id) => existing(call, id) ?? []) : []
  const page = pageOf(call, found, lastTokenOf(call, 'other'))
  if (!page) return badArgument(call, 'invalidArgument', 'pageToken', 'The page token is not valid')
  const wanted = query.list('state__in')
  const results = page.results
    .map((one) => jobOf(call, one))
    .filter(({ state }) => wanted.length === 0 || wanted.includes(state))
  return sendJson(call, 200, { ...page, results })
}

/** `DELETE /jobs/{id}`, in any state. */
export async function dropJob(call: Call, id: string): Promise<void> {
  return call.cloud.exports.jobs.delete(id) ? call.exchange.reply(204) : notFound(call, 'The job')
}

function existing({ cloud }: Call, id: string): ExportJob | undefined {
  const found = cloud.exports.jobs.get(id)
  return found && cloud.clock.now() - found.createdAt < lifetime ? found : undefined
}

function jobOf(call: Call, one: ExportJob) {
  const { cloud } = call
  const { camera, period, polls } = one
  const { jobPending, jobStarted, jobOutcome } = cloud.switches
  const meant = cloud.means('only', camera, period.start)
  const [pending, started] = meant ? [jobPending, jobStarted] : [1, 1]
  const outcome = meant && !one.copy ? jobOutcome : 'success'
  const clip = cloud.allClips(camera).find(({ start, end }) => start <= period.start && period.start < end)
  const failure = clip?.expired
    ? errorBody(404, 'notFound', 'outOfRetention', 'The recording is out of retention')
    : cloud.outOfReach(camera, period.start)
      ? errorBody(503, 'unavailable', 'deviceUnavailable', 'The bridge is offline')
      : outcome === 'failure'
        ? errorBody(500, 'internal', 'internalError', 'The export failed')
        : undefined
  const ended = failure ? 'failure' : outcome === 'revoked' ? 'revoked' : 'success'
  const state = polls <= pending ? 'pending' : polls <= pending + started ? 'started' : ended
  const steps = Number.isFinite(started) ? started + 1 : 10
  const progress = state === 'success' ? 1 : state === 'started' ? Math.min((polls - pending) / steps, 0.99) : 0
  const done = state === 'success' ? resultOf(call, one, outcome === 'partial') : { result: null, missing: [] }
  return {
    ...{
      id: one.id,
      type: 'export',
      namespace: 'media',
      userId: 'ca0e1cf2',
      arguments: { originalRequest: one.original },
    },
    ...{ state, progress, result: done.result, error: state === 'failure' ? failure : null },
    detailedState: { intervals: { missingIntervals: done.missing } },
    ...{ scheduleTimestamp: writeMoment(one.createdAt), createTimestamp: writeMoment(one.createdAt) },
    ...{ updateTimestamp: writeMoment(one.updatedAt), expireTimestamp: writeMoment(one.createdAt + lifetime) },
  }
}

/** In a partial result the second half is missing. */
function resultOf(call: Call, one: ExportJob, partial: boolean) {
  const { cloud } = call
  const { start, end } = one.period
  const middle = partial ? start + Math.floor((end - start) / 2) : end
  one.files ??= [makeFile(call, one, { start, end: middle })]
  const files = one.files.map((file) => describe(call, file))
  const missing = partial ? [{ startTimestamp: writeMoment(middle), endTimestamp: writeMoment(end) }] : []
  if (cloud.switches.jobShape === 'files') {
    const plain = files.map(({ name, size, url }) => ({ name, size, mimetype: 'video/mp4', url, description: '' }))
    return { missing, result: { files: plain } }
  }
  const good = {
    startTimestamp: writeMoment(start),
    endTimestamp: writeMoment(middle),
    state: 'success',
    error: null,
    files,
  }
  const error = errorBody(503, 'unavailable', 'deviceUnavailable', 'The footage is not in the cloud')
  const bad = missing.map((interval) => ({ ...interval, state: 'failure', error, files: [] }))
  return { missing, result: { intervals: [good, ...bad] } }
}

function makeFile({ cloud }: Call, { id, camera, name, autoDelete }: ExportJob, window: TimeWindow): MadeFile {
  const kind = autoDelete ? 'downloads' : 'files'
  return cloud.exports.addFile({
    jobId: id,
    camera,
    name: `${name}.mp4`,
    kind,
    createdAt: cloud.clock.now(),
    ...window,
  })
}

function describe({ cloud }: Call, { id, camera, name, kind, start, end }: MadeFile) {
  const film = filmOf(camera, { start, end }, 'export', cloud.clock.now())!
  return {
    ...{ name, path: `/${name}`, size: film.size, url: `${cloud.hosts[cloud.cluster]}/api/v3.0/${kind}/${id}` },
    ...{ startTimestamp: writeMoment(start), endTimestamp: writeMoment(end), checksum: null },
  }
}
