import { isCamError, overlaps, type Recording, type TimeWindow } from '@cam/download-core/source'
import { foreignRecording } from '../../failures/v3.ts'
import type { Settings } from '../../options.ts'
import { readRecordingId, recordingId } from '../../wire/recording-id.ts'
import { at, identifier, word } from '../../wire/v3/fields.ts'
import type { Interval } from '../../wire/v3/interval.ts'
import type { BackEnd } from '../back-end.ts'
import { type Api, createApi } from './api.ts'
import { openDirect } from './direct.ts'
import { openExport } from './export.ts'
import { edgesAround, listCameras, listIntervals, refuseUnreadable } from './lists.ts'
import type { Opening, State } from './opening.ts'
import type { Client, V3Settings } from './settings.ts'

/** How far a file's pictures may fall short of what the list says: it is cut at key frames. */
const toleranceMs = 10_000
/** Recordings whose state is remembered: far more than wait at one time. */
const mostStates = 100_000

/** API v3. Throws TypeError without a client and a store for its login, RangeError for FLV; contacts nothing before the first call. */
export function createV3(settings: Settings): BackEnd {
  if (settings.format !== 'mp4') {
    throw new RangeError(
      `The option format must be mp4 for api v3, which serves nothing else; received ${settings.format}.`,
    )
  }
  const own: V3Settings = { ...settings, client: clientOf(settings) }
  const api = createApi(own)
  const states = new Map<string, State>()

  const stateOf = (cameraId: string, start: number): State => {
    const key = `${cameraId} ${start}`
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
      const now = own.clock.now()
      for (const interval of listed) {
        if (window && !overlaps(interval, window)) continue
        const state = stateOf(camera.id, interval.start)
        // Listed anew it gets new tries; what was ordered is not ordered twice.
        if (state.job === undefined) Object.assign(state, { failures: 0, exporting: false, orders: 0 })
        state.url = { href: interval.mp4Url, at: own.clock.monotonic() }
        yield toRecording(camera.id, interval, now - interval.end >= own.settleMs)
      }
    },

    async open(recording, from, signal) {
      const place = readRecordingId(recording.id)
      const { window } = recording
      if (!place || place.offsetMs !== undefined || !window || window.start !== place.start) {
        throw foreignRecording(recording.id)
      }
      const state = stateOf(recording.cameraId, window.start)
      const opening: Opening = { api, settings: own, recording: { ...recording, window }, from, signal, state }
      if (!state.exporting) {
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

function toRecording(cameraId: string, { start, end }: Interval, settled: boolean): Recording {
  const window: TimeWindow = { start, end }
  return {
    ...{ id: recordingId({ start }), cameraId, window, windowFrom: 'source', extension: 'mp4' },
    ...(!settled && { settled }),
    expect: { durationMs: end - start, toleranceMs: toleranceOf(end - start) },
    // Only where the vendor states a version of what it sends; without one it starts over.
    resume: 'validated',
  }
}

/** Of a short clip at most half may be missing: else one picture would pass for all of it. */
function toleranceOf(durationMs: number): number {
  return Math.min(toleranceMs, Math.max(1000, Math.floor(durationMs / 2)))
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
