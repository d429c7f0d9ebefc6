import { startUnifiProtect, type UnifiProtectSimulatorOptions } from '../../src/unifi-protect/index.ts'
import { ask, headerOf, type RawReply, type RawRequest } from '../raw-client.ts'

/** A console, and requests to it as a client of the right generation makes them. */
export async function console(options: UnifiProtectSimulatorOptions = {}) {
  const simulator = await startUnifiProtect(options)
  const legacy = options.switches?.profile === 'legacy'
  const root = legacy ? '/api' : '/proxy/protect/api'
  let credentials: Record<string, string> = {}
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(simulator.url, path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? '' : JSON.stringify(body),
    })
  const login = async (more: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
    const sent = { username: 'archivist', password: 'pass', rememberMe: true, ...more }
    const reply = await post(legacy ? '/api/auth' : '/api/auth/login', sent, headers)
    const cookie = headerOf(reply, 'set-cookie')?.split(';')[0]
    const token = headerOf(reply, 'authorization')
    if (cookie) credentials = { Cookie: cookie }
    if (token) credentials = { Authorization: `Bearer ${token}` }
    return reply
  }
  const get = (path: string, request: RawRequest = {}) =>
    ask(simulator.url, `${root}/${path}`, { ...request, headers: { ...credentials, ...request.headers } })
  const film = (camera: string, start: string | number, end: string | number, more = '&channel=0') =>
    get(`video/export?camera=${camera}&start=${moment(start)}&end=${moment(end)}${more}`)
  return {
    ...{ simulator, post, login, get, film },
    credentials: () => credentials,
    [Symbol.asyncDispose]: () => simulator.close(),
  }
}

/** `2026-10-24T07:00Z`, or what is a number already. */
const moment = (at: string | number) => (typeof at === 'number' ? at : Date.parse(at))

export const json = (reply: RawReply) => JSON.parse(reply.body.toString())

/** Of the world `dst`: always records; records motion only; has old footage in low quality. */
export const [front, garage, yard] = [
  '61b3f5c90050a703e700042a',
  '61b3f5c90050a703e700042b',
  '61b3f5c90050a703e700042c',
]
