import { type Camera, isCamError } from '@cam/download-core/source'
import { unknownCamera, unreadableCamera, unreadableList } from '../failures/index.ts'
import type { Session } from '../session.ts'
import { isReadable, type ProtectCamera, readCamera, type UnreadableCamera } from '../wire/camera.ts'
import { present } from '../wire/fields.ts'
import { type Nvr, readNvr } from '../wire/nvr.ts'

/** What a console has, without the footage. */
export interface List {
  /** The console itself; a member is absent where it tells nothing. Asked once. */
  nvr(signal: AbortSignal): Promise<Nvr>
  cameras(signal: AbortSignal): Promise<(ProtectCamera | UnreadableCamera)[]>
  /** One camera as it is now. Throws NotFoundError where it is gone. */
  camera(id: string, signal: AbortSignal): Promise<ProtectCamera>
  /** For messages: what the camera was last called. */
  known(id: string): { readonly id: string; readonly name: string }
}

/** The lists of one console. Contacts nobody before the first call. */
export function createList(session: Session, address: string): List {
  let nvr: Nvr | undefined
  const names = new Map<string, string>()

  const learn = (camera: ProtectCamera) => {
    names.set(camera.id, camera.name)
    return camera
  }

  const cameras = async (signal: AbortSignal) => {
    const json = (await session.ask('cameras', {}, signal)).json()
    if (!Array.isArray(json)) throw unreadableList(address, 'list of cameras', 'it is no list')
    const read = json.map((value, position) => readCamera(value, position))
    for (const camera of read) if (isReadable(camera)) learn(camera)
    return read
  }

  const known = (id: string) => ({ id, name: names.get(id) ?? id })

  const lookUp = async (id: string, signal: AbortSignal): Promise<ProtectCamera> => {
    let json: unknown
    try {
      json = (await session.ask(`cameras/${encodeURIComponent(id)}`, {}, signal)).json()
    } catch (error) {
      if (!isCamError(error) || error.code !== 'NOT_FOUND') throw error
      // Old consoles may have the list alone.
      const found = (await cameras(signal)).find((camera) => isReadable(camera) && camera.id === id)
      if (!found) throw unknownCamera({ address, camera: known(id) })
      return found as ProtectCamera
    }
    const camera = readCamera(json)
    if (!isReadable(camera)) throw unreadableList(address, `camera ${id}`, `it ${camera.problem}`)
    if (camera.id !== id) throw unreadableList(address, `camera ${id}`, `it is camera ${camera.id}`)
    return learn(camera)
  }

  return {
    cameras,
    known,
    camera: lookUp,
    async nvr(signal) {
      nvr ??= await readConsole(session, signal)
      return nvr
    },
  }
}

/** A restricted account may be refused one of the two; who cannot tell who they are is known by their address. */
async function readConsole(session: Session, signal: AbortSignal): Promise<Nvr> {
  for (const path of ['nvr', 'bootstrap']) {
    try {
      const nvr = readNvr((await session.ask(path, {}, signal)).json())
      if (nvr) return nvr
    } catch (error) {
      const elsewhere = isCamError(error) && (error.code === 'NOT_FOUND' || error.code === 'PERMISSION')
      if (!elsewhere) throw error
    }
  }
  return {}
}

/** A camera in the core's words. An entry that cannot be read is a camera too, so that it is not left out in silence. */
export function toCamera(camera: ProtectCamera | UnreadableCamera, nvr: Nvr): Camera {
  if (!isReadable(camera)) {
    const id = `unreadable-${camera.position + 1}`
    return { id, name: id, state: 'unknown', facts: { problem: camera.problem } }
  }
  const { id, name, state, model, mac, mode } = camera
  const facts = present({ model, mac, recording: mode })
  return {
    id,
    name,
    state,
    ...(nvr.timeZone !== undefined && { timeZone: nvr.timeZone }),
    ...(Object.keys(facts).length > 0 && { facts: facts as NonNullable<Camera['facts']> }),
  }
}

/** Throws what is wrong with a camera that was listed for its problem alone. */
export function refuseUnreadable(address: string, camera: Camera): void {
  const position = /^unreadable-(\d{1,6})$/.exec(camera.id)?.[1]
  if (position === undefined || camera.facts?.problem === undefined) return
  throw unreadableCamera(address, Number(position) - 1, String(camera.facts.problem))
}
