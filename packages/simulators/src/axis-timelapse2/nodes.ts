import { download, sendArchive } from './download.ts'
import { exportLive, image, recordings, video } from './live.ts'
import { type Call, sendError, sendJson, sendText } from './replies.ts'
import { profiles } from './world.ts'

/** What the log calls a request to it, and how it answers. */
export interface Node {
  readonly name: string
  /** There before the application is ready. */
  readonly early?: boolean
  answer(call: Call): Promise<void>
}

/** The nodes a Timelapse2 of this generation declares. */
export const nodes: Readonly<Record<'avi' | 'mp4', ReadonlyMap<string, Node>>> = (() => {
  const both: Record<string, Node> = {
    app: { name: 'app', early: true, answer: app },
    settings: { name: 'settings', early: true, answer: settings },
    status: { name: 'status', early: true, answer: status },
    reset: { name: 'reset', early: true, answer: reset },
    timelapse: {
      name: 'timelapse',
      answer: (call) =>
        sendJson(
          call,
          profiles.map((one) => profileOf(call, one)),
        ),
    },
    archive: { name: 'list', answer: archive },
    download: { name: 'media', answer: download },
    recordings: { name: 'recordings', answer: recordings },
    export: { name: 'export', answer: exportLive },
  }
  const avi = { ...both, image: { name: 'image', answer: image } }
  const mp4 = {
    ...both,
    video: { name: 'video', answer: video },
    migration: { name: 'migration', early: true, answer: migration },
  }
  return { avi: new Map(Object.entries(avi)), mp4: new Map(Object.entries(mp4)) }
})()

/** The one node of the older application: the list, or with `export` an archive. */
export async function archivesOfTimelapseMe(call: Call): Promise<void> {
  const { exchange, camera } = call
  const [id, file] = [call.parameter('export'), call.parameter('file')]
  if (id === undefined) return list(call)
  exchange.entry.node = 'media'
  if (exchange.method !== 'GET' && !(exchange.method === 'HEAD' && camera.switches.head === '200'))
    return sendError(call, 405, 'Method not allowed')
  const found = file === undefined || file === '' ? undefined : camera.find(file, id)
  return found ? sendArchive(call, found, file!) : sendError(call, 404, 'File not found')
}

async function archive(call: Call): Promise<void> {
  const { exchange, camera } = call
  const mp4 = camera.dialect.container === 'mp4'
  if (exchange.method === 'GET') return list(call)
  if (exchange.method === 'PUT') {
    exchange.entry.node = 'archive-now'
    const profile = camera.profile(call.parameter('id'))
    if (!profile) return sendError(call, 500, 'Failed to archive recording')
    if (mp4) {
      camera.startJob('archive', profile.id)
      return sendText(call, 'Archive started')
    }
    await camera.clock.wait(camera.switches.jobMs, exchange.gone)
    camera.archiveNow(profile.id)
    return sendText(call, 'Recording archived successfully')
  }
  if (exchange.method !== 'DELETE') return sendError(call, 405, 'Method not allowed')
  exchange.entry.node = 'delete'
  const name = call.parameter('filename')
  if (!name) return sendError(call, 400, 'Missing filename parameter')
  const found = camera.find(name)
  if (found) camera.remove(found)
  if (!found || camera.dialect.deleteSaysNotFound) return sendError(call, 404, 'Recording not found')
  return sendText(call, 'Recording deleted')
}

async function list(call: Call): Promise<void> {
  const { exchange, camera } = call
  exchange.entry.node = 'list'
  if (exchange.method !== 'GET') return sendError(call, 405, 'Method not allowed')
  if (camera.job === undefined) exchange.gone.throwIfAborted()
  const entries = camera.archives.map(({ entry }) => entry)
  const shape = camera.switches.listShape
  if (shape === 'object') return sendJson(call, { archives: entries })
  if (shape === 'null') return sendJson(call, 'null')
  if (shape === 'html') return sendJson(call, '<html><body>Loading</body></html>')
  if (shape === 'broken') return sendJson(call, JSON.stringify(entries).slice(0, -20))
  return sendJson(call, entries)
}

/** Erases everything, whatever the method: as the real one does. */
async function reset(call: Call): Promise<void> {
  call.camera.archives = []
  return sendText(call, 'OK')
}

function app(call: Call): Promise<void> {
  const { exchange, camera } = call
  if (exchange.method === 'POST') return sendError(call, 405, 'Method not allowed')
  const { version, container } = camera.dialect
  const setup = { friendlyName: 'Timelapse', appName: 'timelapse2', vendor: 'Example', version, runMode: 'respawn' }
  const some = ['1920x1080', '1280x720', '640x480', '320x240', '160x120']
  const resolutions = camera.switches.bigApp ? Array.from({ length: 80 }, () => some).flat() : some
  return sendJson(call, {
    manifest: { schemaVersion: '1.7.1', acapPackageConf: { setup } },
    settings: camera.settings,
    status: statusOf(call),
    device: {
      serial: camera.serial,
      model: 'P3265',
      platform: 'AXIS P3265 Dome Camera',
      chip: container === 'mp4' ? 'ARTPEC-8' : 'ARTPEC-7',
      firmware: container === 'mp4' ? '12.5.36' : '11.11.124',
      hostname: `axis-${camera.serial.toLowerCase()}`,
      location: '',
      aspect: '16:9',
      resolutions: { '16:9': resolutions },
    },
  })
}

async function settings(call: Call): Promise<void> {
  const { exchange, camera } = call
  if (exchange.method === 'GET') return sendJson(call, camera.settings)
  if (exchange.method !== 'POST') return sendError(call, 405, 'Method not allowed')
  try {
    camera.settings = { ...camera.settings, ...(JSON.parse((await exchange.body()).toString()) as object) }
  } catch {
    return sendError(call, 400, 'Invalid JSON data')
  }
  return sendText(call, 'OK')
}

function status(call: Call): Promise<void> {
  if (call.exchange.method !== 'GET') return sendError(call, 405, 'Method not allowed')
  return sendJson(call, statusOf(call))
}

function statusOf({ camera }: Call): Record<string, unknown> {
  const present = !camera.switches.sdMissing
  const sdcard = { present, message: present ? 'OK' : 'SD Card is not available' }
  const state = { app: { status: camera.ready ? 'OK' : 'Starting' }, sdcard }
  if (camera.dialect.container === 'avi') return state
  const { job } = camera
  const [totalBytes, usedBytes] = present ? [64_000_000_000, 8_000_000_000] : [0, 0]
  const usage = { totalBytes, usedBytes, freeBytes: totalBytes - usedBytes, usedPercent: present ? 12.5 : 0 }
  const progress = job
    ? Math.min(99, Math.floor(((camera.clock.now() - job.startedAt) / camera.switches.jobMs) * 100))
    : 0
  return {
    ...state,
    sdcard: { ...sdcard, ...usage },
    mediaJob: {
      active: job !== undefined,
      kind: job?.kind ?? '',
      profileId: job?.profileId ?? '',
      stage: job ? 'encoding' : '',
      progress,
      estimatedSeconds: job ? Math.ceil(camera.switches.jobMs / 1000) : 0,
      message: '',
    },
  }
}

function migration(call: Call): Promise<void> {
  const { migration: state } = call.camera.switches
  const required = state === 'pending' || state === 'running'
  const shown = state === 'none' ? 'complete' : state
  const counts = { total: required ? 12 : 0, completed: 0, currentIndex: 0, currentBytes: 0, fileProgress: 0 }
  return sendJson(call, { required, status: shown, ...counts, startedAt: 0, current: '', message: '' })
}

function profileOf({ camera }: Call, { id, name, width, height }: (typeof profiles)[number]): Record<string, unknown> {
  const shared = {
    id,
    name,
    resolution: `${width}x${height}`,
    fps: 10,
    overlay: false,
    conditions: 'none',
    timer: 60,
    archived: 0,
  }
  return camera.dialect.container === 'avi'
    ? shared
    : { ...shared, archiveSchedule: 'daily', expectedImagesPerDay: 1440 }
}
