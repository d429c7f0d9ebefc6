import { type SamsaraSimulatorOptions, startSamsara } from '../../src/samsara/index.ts'
import { ask, sha256 } from '../ask.ts'

export { ask, sha256 }

/** 13:30 in Chicago on 2025-04-16. */
export const begin = Date.UTC(2025, 3, 16, 18, 30)
export const minute = (number: number) => begin + number * 60_000
export const iso = (at: number) => new Date(at).toISOString()

/** The vehicles of the default world that tests speak of. */
export const truck12 = '281474976710712'
export const truck13 = '281474976710713'
export const truck14 = '281474976710714'
export const van7 = '281474976710707'
export const refuse21 = '281474976710721'
export const uploaded31 = '281474976710731'
export const old51 = '281474976710751'

const both = ['dashcamRoadFacing', 'dashcamDriverFacing']

/** A cloud, and requests to it. */
export async function samsara(options: SamsaraSimulatorOptions = {}) {
  // Tests ask as fast as they can, but where limits are what they are about.
  const cloud = await startSamsara({ ...options, switches: { rateLimits: false, ...options.switches } })
  const bearer = { Authorization: `Bearer ${cloud.token}` }
  const get = (path: string, query: Record<string, string> | string = {}) =>
    ask(`${cloud.url}${path}?${typeof query === 'string' ? query : new URLSearchParams(query)}`, { headers: bearer })
  const send = (body: unknown) =>
    ask(`${cloud.url}/cameras/media/retrieval`, { method: 'POST', headers: bearer, body: JSON.stringify(body) })
  /** A minute in high resolution. */
  const order = (vehicleId: string, start: number, inputs: readonly string[] = both, more: object = {}) =>
    send({
      ...{ vehicleId, startTime: iso(start), endTime: iso(start + 60_000), mediaType: 'videoHighRes', inputs },
      ...more,
    })
  const placed = async (...args: Parameters<typeof order>): Promise<string> => {
    const reply = await order(...args)
    if (reply.status !== 200) throw new Error(`the order says ${reply.status}: ${reply.body}`)
    return reply.json.data.retrievalId
  }
  const poll = async (retrievalId: string) =>
    (await get('/cameras/media/retrieval', { retrievalId })).json.data.media as Media[]
  /** Polls until everything is available, and gives what there is. */
  const delivered = async (...args: Parameters<typeof order>) => {
    const id = await placed(...args)
    for (let polls = 0; polls < 20; polls++) {
      const media = await poll(id)
      if (media.length > 0 && media.every(({ status }) => status === 'available')) return media
    }
    throw new Error('nothing came')
  }
  const list = (vehicleIds: string, start: number, end: number, more: Record<string, string> = {}) =>
    get('/cameras/media', { vehicleIds, startTime: iso(start), endTime: iso(end), ...more })
  return { cloud, bearer, get, send, order, placed, poll, delivered, list, [Symbol.asyncDispose]: () => cloud.close() }
}

/** What polls and lists say of one piece. */
export interface Media {
  readonly vehicleId: string
  readonly input: string
  readonly mediaType: string
  readonly status: string
  readonly startTime: string
  readonly endTime: string
  readonly triggerReason: string
  readonly availableAtTime: string
  readonly cameraRole?: string
  readonly auxcamSerial?: string
  readonly auxCamSerial?: string
  readonly urlInfo?: { readonly url: string; readonly urlExpiryTime?: string }
}
