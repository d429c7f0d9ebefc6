import { isCamError, overlaps, type Recording, type TimeWindow } from '@cam/download-core/source'
import { foreignRecording } from '../../failures/v3.ts'
import type { Settings } from '../../options.ts'
import { readRecordingId, recordingId } from '../../wire/recording-id.ts'
import { at, identifier, word } from '../../wire/v3/fields.ts'
import type { Interval } from '../../wire/v3/interval.ts'
import type { BackEnd } from '../back-end.ts'
import { expectedOf, partsBehind, withoutEchoes } from '../parts.ts'
import { type Api, createApi } from './api.ts'
import { openDirect } from './direct.ts'
import { longestExportMs, openExport } from './export.ts'
import { createJobs } from './jobs.ts'
import { edgesAround, listCameras, listIntervals, refuseUnreadable } from './lists.ts'
import type { Opening, State } from './opening.ts'
import type { Client, V3Settings } from './settings.ts'

/** Recordings whose state is remembered: far more than wait at one time. */
const mostStates = 100_000

/** API v3. Throws TypeError without a client and a store for its login; contacts nothing before the first call. */
export function createV3(settings: Settings): BackEnd {
  const own: V3Settings = { ...settings, client: clientOf(settings) }
  const api = createApi(own)
  const jobs = createJobs(api, own.clock)
  const states = new Map<string, State>()

  const stateOf = ({ cameraId, id, window }: Recording): State => {
    // What was ordered ends where the clip ended then.
    const key = `${cameraId} ${id} ${window?.end}`
    const known = states.get(key) ?? { failures: 0, exporting: false, orders: 0 }
    states.set(key, known)
    if (states.size > mostStates) states.delete(states.keys().next().value!)
    return known
  }

  return {
    identify: (signal) => identify(api, own, signal),

    async *cameras(signal) {
      for await (const { camera } of listCameras(api, signal)) yield camera
    },

    async *recordings(camera, window, signal) {
      refuseUnreadable(camera)
      const edges = edgesAround(window, own.lookBackMs, own.clock.now())
      const listed = await listIntervals(api, camera.id, edges, signal)
      const settledUntil = own.clock.now() - own.settleMs
      for (const interval of withoutEchoes(listed, settledUntil)) {
        for (const recording of toRecordings(camera.id, interval, settledUntil)) {
          if (window && !overlaps(recording.window, window)) continue
          const state = triedAnew(stateOf(recording))
          state.url = { href: interval.mp4Url, end: interval.end, at: own.clock.monotonic() }
          yield recording
        }
      }
    },

    remainder(recording, from) {
      const parts = partsBehind(recording, from, longestExportMs)
      for (const part of parts) triedAnew(stateOf(part))
      return parts
    },

    async open(recording, from, signal) {
      const place = readRecordingId(recording.id)
      const { window } = recording
      if (!place || !window || window.start !== place.start + (place.offsetMs ?? 0)) {
        throw foreignRecording(recording.id)
      }
      const state = stateOf(recording)
      const opening: Opening = { api, jobs, settings: own, recording: { ...recording, window }, from, signal, state }
      // An address is that of a whole clip: a part of one has to be cut out.
      if (!state.exporting && place.offsetMs === undefined) {
        const opened = await openDirect(opening)
        if (opened) return opened
        state.exporting = true
      }
      return openExport(opening)
    },

    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}

/** Who asks, and where the login of this client is kept. Throws TypeError where either is missing. */
export function clientOf({ v3, sessions }: Pick<Settings, 'v3' | 'sessions'>): Client {
  if (!v3 || !sessions) throw new TypeError('API v3 needs the options v3 and sessions.')
  return { ...v3, sessions }
}

/** One recording, or the parts of a clip that no export could hold: an address is that of the whole. Without any length it holds nothing. */
function toRecordings(cameraId: string, { start, end }: Interval, settledUntil: number) {
  const recordings: (Recording & { readonly window: TimeWindow })[] = []
  for (let from = start; from < end; from += longestExportMs) {
    const until = Math.min(from + longestExportMs, end)
    recordings.push({
      id: recordingId({ start, ...(from > start && { offsetMs: from - start }) }),
      ...{ cameraId, window: { start: from, end: until }, windowFrom: 'source', extension: 'mp4' },
      ...(until > settledUntil && { settled: false }),
      expect: expectedOf(until - from),
      // Only where the vendor states a version of what it sends; without one it starts over.
      resume: 'validated',
    })
  }
  return recordings
}

/** Listed anew it gets new tries; what was ordered is not ordered twice. */
function triedAnew(state: State): State {
  return state.job === undefined ? Object.assign(state, { failures: 0, exporting: false, orders: 0 }) : state
}

/** The account. A user who may not see themselves is told by the account of the cameras. */
async function identify(api: Api, { client }: V3Settings, signal: AbortSignal) {
  try {
    const self = await api.get('users/self', {}, signal)
    const id = identifier(at(self, 'accountId'))
    if (id !== undefined) return { id, name: word(at(self, 'email')) ?? id }
  } catch (error) {
    if (!isCamError(error) || (error.code !== 'PERMISSION' && error.code !== 'NOT_FOUND')) throw error
  }
  for await (const { accountId } of listCameras(api, signal)) {
    if (accountId !== undefined) return { id: accountId, name: accountId }
  }
  return { id: client.clientId, name: client.clientId }
}
