import { timelapseWindow } from './archive.ts'
import type { Console } from './console.ts'
import { userOf } from './login.ts'
import { type Call, sendJson } from './replies.ts'
import { userId } from './sessions.ts'
import { edges, type WorldCamera } from './world.ts'

const versions = { legacy: '1.13.1', 'protect-4': '4.1.53', 'protect-7': '7.1.87' } as const
const lastUpdateId = '3c5a1f7e-9c1b-4a9e-8f0e-6d8f1b2a7c55'

export function cameras(call: Call): Promise<void> {
  return sendJson(call, 200, listOf(call.console))
}

export async function camera(call: Call, id: string): Promise<void> {
  const { console } = call
  const found = console.camera(id)
  if (!found) return sendJson(call, 404, { error: `No device with id ${id} found`, name: 'NotFoundError' })
  if (console.isMeant(console.switches.failCamera, found)) return sendJson(call, 500, { error: 'Unexpected error' })
  return sendJson(call, 200, describe(console, found))
}

export function nvr(call: Call): Promise<void> {
  return sendJson(call, 200, nvrOf(call.console))
}

export function bootstrap(call: Call): Promise<void> {
  const { console } = call
  const empty = ['groups', 'liveviews', 'viewers', 'lights', 'beacons', 'sensors']
  const newer = console.legacy ? [] : ['schedules', 'bridges', 'chimes', 'ringtones', 'aiports', 'doorlocks']
  return sendJson(call, 200, {
    authUserId: userId,
    ...(console.legacy ? { accessKey: console.sessions.newAccessKey(console.switches.accessKeyTtl) } : {}),
    cameras: listOf(console),
    users: [{ ...userOf(console.username), name: 'Archive Keeper' }],
    nvr: nvrOf(console),
    lastUpdateId,
    cloudPortalUrl: '',
    ...Object.fromEntries([...empty, ...newer].map((name) => [name, []])),
  })
}

/** `GET /api/system`, which UniFi OS tells anybody. */
export function system(call: Call): Promise<void> {
  const { nvr } = call.console.world
  return sendJson(call, 200, { hardware: { shortname: 'UDMPRO' }, name: nvr.name, mac: nvr.mac })
}

function listOf(console: Console) {
  return console.cameras.map((one) => describe(console, one))
}

function nvrOf({ world, switches, clock, legacy }: Console) {
  const { id, mac, name, timezone } = world.nvr
  return {
    ...{ id, mac, name, timezone, modelKey: 'nvr', host: '127.0.0.1', version: versions[switches.profile] },
    type: legacy ? 'UCK-G2-PLUS' : 'UDM-PRO',
    marketName: legacy ? 'Cloud Key Gen2 Plus' : 'UniFi Dream Machine Professional',
    firmwareVersion: legacy ? '1.1.6' : '4.3.6',
    ports: legacy ? { http: 7080, https: 7443 } : { http: 80, https: 443 },
    upSince: world.window.start,
    uptime: clock.now() - world.window.start,
    lastSeen: clock.now(),
    lastUpdateAt: null,
    recordingRetentionDurationMs: legacy ? 2_592_000_000 : null,
    isRecordingDisabled: false,
    isRecordingMotionOnly: false,
    isRecycling: false,
    isStation: false,
    timelapseEnabled: true,
  }
}

function describe({ clock, legacy }: Console, one: WorldCamera) {
  const { spec, channels } = one
  const { type = 'UVC G4 Pro', marketName = 'G4 Pro', state = 'CONNECTED', mode = 'always', paddingSecs = 5 } = spec
  const adopted = spec.isAdopted !== false
  const { lowStart, lowEnd, highStart, highEnd } = edges(one, clock.now())
  const timelapse = timelapseWindow(one)
  const hasPackage = channels.some(({ id }) => id === 3)
  const range = { recordingStart: highStart, recordingEnd: highEnd, recordingStartLQ: lowStart, recordingEndLQ: lowEnd }
  return {
    ...{ id: spec.id, mac: spec.mac, name: spec.name, type, marketName, state, modelKey: 'camera' },
    ...(spec.displayName === undefined ? {} : { displayName: spec.displayName }),
    host: '192.0.2.10',
    guid: null,
    isConnected: state === 'CONNECTED',
    // Protect 1.x has neither of these.
    ...(legacy
      ? {}
      : { isAdopted: adopted, isAdoptedByOther: spec.isAdoptedByOther === true, hasRecordings: lowStart !== null }),
    isManaged: adopted,
    isProvisioned: adopted,
    isDeleting: false,
    isThirdPartyCamera: false,
    isRecording: state === 'CONNECTED' && mode !== 'never',
    recordingSettings: { mode, prePaddingSecs: paddingSecs, postPaddingSecs: paddingSecs },
    channels: channels.map(({ id, name, width, height }) => ({
      ...{ id, name, width, height, enabled: true, isRtspEnabled: false, rtspAlias: null },
      videoId: ['video1', 'video3', 'video2', 'video4'][id],
      ...{ fps: 1, fpsValues: [1], bitrate: 600, minBitrate: 100, maxBitrate: 1000, idrInterval: 5 },
    })),
    lenses: hasPackage ? [{ id: 2, video: { ...range, recordingStartLQ: null, recordingEndLQ: null } }] : [],
    featureFlags: { hasPackageCamera: hasPackage, hasMic: true, smartDetectTypes: ['person', 'vehicle'] },
    stats: {
      video: {
        ...range,
        timelapseStart: timelapse?.start ?? null,
        timelapseEnd: timelapse?.end ?? null,
        timelapseStartLQ: timelapse?.start ?? null,
        timelapseEndLQ: timelapse?.end ?? null,
      },
    },
    lastMotion: spec.events?.at(-1)?.start ?? null,
    lastRing: null,
    lastSeen: clock.now(),
    upSince: one.recorded[0]?.start ?? null,
    connectedSince: one.recorded[0]?.start ?? null,
    lastDisconnect: null,
  }
}
