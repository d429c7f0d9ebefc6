import {
  type CamError,
  isCamError,
  type NotReady,
  type OpenedRecording,
  openBody,
  ProtocolError,
  type Recording,
} from '@cam/download-core/source'
import { errorForApi, exportFailed, exportToRepeat, unreadable } from '../../failures/v3.ts'
import { at, identifier } from '../../wire/v3/fields.ts'
import { type Job, readDownload, readJob } from '../../wire/v3/job.ts'
import { timestamp } from '../../wire/v3/time.ts'
import { expired } from './direct.ts'
import type { Opened, Opening } from './opening.ts'

/** PROTOCOL.md §2.5. */
export const longestExportMs = 8 * 3_600_000
/** Exports take from half a minute to minutes. PROTOCOL.md §2.5. */
const pollMs = 5000
/** The first one, and one more. */
const mostOrders = 2

/** Orders the recording as an export, asks how it stands, or fetches what was made. PROTOCOL.md §2.5. */
export async function openExport(opening: Opening): Promise<Opened> {
  const { api, signal, state } = opening
  try {
    if (state.job === undefined) return await order(opening)
    const job = readJob(await asked(opening, () => api.get(`jobs/${state.job}`, {}, signal)))
    if (!job) throw unreadable(nameOf(opening), 'the export is in a state that is not known')
    if (job.state === 'waiting') return { askAgainAfterMs: pollMs, progress: job.progress }
    if (job.state === 'failed') throw failed(opening, job)
    return await fetched(opening, job)
  } catch (error) {
    if (isCamError(error) && error.code === 'EXPIRED') return expired(opening, error)
    throw error
  }
}

async function order(opening: Opening): Promise<NotReady> {
  const { jobs, recording, signal, state } = opening
  const { start, end } = recording.window
  if (end - start > longestExportMs)
    throw exportFailed(nameOf(opening), 'it is longer than the 8 hours an export may have')
  if (state.orders >= mostOrders && state.problem) throw state.problem
  const again = state.spoilt
  // An earlier run may have ordered it, or the order before this one after all.
  const asksAnew = again !== undefined && state.unanswered === undefined
  const known = asksAnew ? undefined : await jobs.take(recording, state.unanswered, signal)
  const id = known ?? (await ordered(opening, again))
  delete state.unanswered
  state.orders++
  state.job = id
  return { askAgainAfterMs: pollMs, progress: 0 }
}

async function ordered(opening: Opening, again: string | undefined): Promise<string> {
  const { api, jobs, settings, recording, signal, state } = opening
  const { start, end } = recording.window
  const sentAt = settings.clock.now()
  try {
    const reply = again
      ? await api.post(`exports/${again}:copy`, { retryStrategy: 'full' }, signal)
      : await api.post('exports', orderOf(recording, start, end), signal)
    const id = identifier(at(reply, 'id'))
    if (id === undefined) throw unreadable(nameOf(opening), 'the order of the export was answered without an id')
    jobs.taken(id)
    return id
  } catch (error) {
    // Whatever is no plain refusal may have begun the export.
    if (isCamError(error) && !['REQUEST', 'PERMISSION', 'QUOTA', 'NOT_FOUND', 'EXPIRED'].includes(error.code)) {
      state.unanswered ??= sentAt
    }
    throw error
  }
}

function orderOf({ cameraId }: Recording, start: number, end: number) {
  const moment = new Date(start).toISOString().replaceAll(/[-:]/g, '')
  return {
    ...{ deviceId: cameraId, type: 'video', autoDelete: true },
    period: { startTimestamp: timestamp(start), endTimestamp: timestamp(end) },
    info: { name: `${cameraId} ${moment}`.slice(-64), directory: '/' },
  }
}

async function fetched(opening: Opening, job: Job & { readonly state: 'done' }): Promise<OpenedRecording> {
  const { api, settings, recording, from, signal, state } = opening
  const [file, ...others] = job.files
  if (job.problems.length > 0) throw spoilt(opening, job.problems.join('; '))
  if (file === undefined) throw spoilt(opening, 'the export is done, and there is no file')
  if (others.length > 0) throw exportFailed(nameOf(opening), `the export became ${job.files.length} files`)
  const path = `downloads/${file}`
  const facts = readDownload(await asked(opening, () => api.get(path, { include: 'md5,size' }, signal)))
  if (!facts.available) throw spoilt(opening, 'what the export made has been deleted')
  const url = await api.url(`${path}:download`, signal)
  const how = {
    representation: `export ${state.job}`,
    extension: 'mp4',
    resume: recording.resume,
    clock: settings.clock,
  }
  const opened = await asked(opening, () =>
    openBody(api.media, { url, signal }, from, { ...how, refuse: (reply) => api.mediaError(reply) }),
  )
  const { bytes, checksum } = facts
  if (bytes !== undefined && opened.totalBytes !== undefined && opened.totalBytes !== bytes) {
    await opened.body[Symbol.asyncIterator]().return?.()
    throw new ProtocolError(`${nameOf(opening)}: ${bytes} bytes were stated, and ${opened.totalBytes} are served.`, {
      vendor: 'eagleeye',
    })
  }
  return { ...opened, ...(bytes !== undefined && { totalBytes: bytes }), ...(checksum && { checksum }) }
}

function failed(opening: Opening, { refusal, word }: Job & { readonly state: 'failed' }) {
  const { settings } = opening
  const { status, reasons, said } = refusal
  const body = {
    ...(status && { status }),
    ...(said && { message: said }),
    details: reasons.map((reason) => ({ reason })),
  }
  const what = `${nameOf(opening)}: the export ended as ${word}`
  const error = errorForApi({ what, status: 0, clock: settings.clock, redact: (text) => text }, body)
  // A revoked job says nothing about the footage.
  return error.retryable || (word === 'revoked' && error.code === 'UNAVAILABLE')
    ? spoilt(opening, `the export ended as ${error.message.slice(what.length - word.length)}`, reasons[0] ?? word)
    : error
}

/** The next try orders it once more, and no other after that. */
function spoilt(opening: Opening, problem: string, code?: string): CamError {
  const { state } = opening
  if (state.job !== undefined) state.spoilt = state.job
  delete state.job
  state.problem = exportToRepeat(nameOf(opening), problem, code)
  return state.problem
}

/** A job or file that is no longer there is ordered anew: that it was deleted says nothing about the recording. */
async function asked<T>(opening: Opening, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isCamError(error)) throw error
    // The token was replaced between two requests; questions renew it.
    if (error.httpStatus === 401 && error.code === 'AUTHENTICATION' && error.vendorCode !== 'session') {
      throw exportToRepeat(nameOf(opening), error.message)
    }
    if (error.code !== 'NOT_FOUND' && error.code !== 'EXPIRED') throw error
    const again = spoilt(opening, error.message)
    // There is nothing to copy.
    delete opening.state.spoilt
    throw again
  }
}

function nameOf({ recording }: Opening): string {
  return `The export of ${recording.id} of camera ${recording.cameraId}`
}
