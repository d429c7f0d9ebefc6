import { type Call, sendJson } from './replies.ts'

/** The official API, which knows cameras and no footage. `path` is what comes after `/v1/`. */
export function integration(call: Call, path: string): Promise<void> {
  const { console, exchange } = call
  Object.assign(exchange.commonHeaders, { 'RateLimit-Policy': 'q=10; w=1' })
  if (exchange.header('x-api-key') !== console.switches.apiKey)
    return sendJson(call, 401, { error: 'Unauthorized', name: 'API_ERROR', cause: {} })
  exchange.entry.authenticated = true
  const { nvr } = console.world
  const cameras = console.cameras.map(({ spec, channels }) => ({
    ...{ id: spec.id, modelKey: 'camera', state: spec.state ?? 'CONNECTED', name: spec.name, mac: spec.mac },
    hasPackageCamera: channels.some(({ id }) => id === 3),
  }))
  if (path === 'meta/info') return sendJson(call, 200, { applicationVersion: '7.1.87' })
  if (path === 'nvrs') return sendJson(call, 200, { id: nvr.id, modelKey: 'nvr', name: nvr.name })
  if (path === 'cameras') return sendJson(call, 200, cameras)
  const camera = cameras.find(({ id }) => path === `cameras/${id}`)
  if (camera) return sendJson(call, 200, camera)
  return sendJson(call, 404, { error: `Entity '${path}' not found`, name: 'NOT_FOUND', cause: {} })
}
