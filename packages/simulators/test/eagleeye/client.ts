import { type EagleEyeSimulatorOptions, startEagleEye } from '../../src/eagleeye/index.ts'
import { ask, type Reply, sha256 } from '../ask.ts'

export { ask, type Reply, sha256 }

/** A cloud, and requests to its classic API. */
export async function classic(options: EagleEyeSimulatorOptions = {}) {
  const cloud = await startEagleEye(options)
  const { classicLogin, classicBranded } = cloud.hosts
  let cookie = ''
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(`${classicLogin}/g/aaa/${path}`, {
      ...{ method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) },
    })
  const credentials = { username: 'archivist@example.com', password: 'pass' }
  const login = async () => {
    const { token } = (await post('authenticate', credentials)).json
    const reply = await post('authorize', { token })
    cookie = cookiesOf(reply)
    return reply
  }
  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(`${classicBranded}${path}`, { headers: { Cookie: cookie, ...headers } })
  const play = (id: string, start: number, end: number, more = '', form = 'flv') =>
    get(`/asset/play/video.${form}?id=${id}&start_timestamp=${stamp(start)}&end_timestamp=${stamp(end)}${more}`)
  const list = async (id: string, start: number, end: number, more = '') => {
    const reply = await get(
      `/asset/list/video?id=${id}&start_timestamp=${stamp(start)}&end_timestamp=${stamp(end)}${more}`,
    )
    if (reply.status !== 200) throw new Error(`the list says ${reply.status}`)
    return (reply.json as { s: string; e: string; id: number }[]).map(({ s, e }) => [moment(s), moment(e)] as const)
  }
  return {
    ...{ cloud, credentials, post, login, get, play, list },
    cookie: () => cookie,
    [Symbol.asyncDispose]: () => cloud.close(),
  }
}

export const cookiesOf = (reply: Reply) =>
  reply.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')

/** `20181001000016.768` */
const stamp = (at: number) => new Date(at).toISOString().replace(/[-:TZ]/g, '')
const moment = (written: string) => Date.parse(written.replace(/^(....)(..)(..)(..)(..)(.*)$/, '$1-$2-$3T$4:$5:$6Z'))

/** A cloud, and requests to v3 with tokens as after a consent. */
export async function v3(options: EagleEyeSimulatorOptions = {}) {
  const cloud = await startEagleEye(options)
  const { auth, apiCluster } = cloud.hosts
  let tokens = cloud.issueTokens()
  const bearer = () => ({ Authorization: `Bearer ${tokens.access_token}` })
  const url = (path: string, query: Record<string, string> = {}) =>
    `${apiCluster}/api/v3.0/${path}${Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''}`
  const get = (path: string, query: Record<string, string> = {}) => ask(url(path, query), { headers: bearer() })
  const post = (path: string, body: unknown) =>
    ask(url(path), {
      ...{ method: 'POST', headers: { 'Content-Type': 'application/json', ...bearer() }, body: JSON.stringify(body) },
    })
  const secret = `Basic ${Buffer.from('client-id:client-secret').toString('base64')}`
  const token = (fields: Record<string, string>, headers: Record<string, string> = { Authorization: secret }) =>
    ask(`${auth}/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams({ scope: 'vms.all', ...fields }) })
  const refresh = async (refreshToken = tokens.refresh_token!) => {
    const reply = await token({ grant_type: 'refresh_token', refresh_token: refreshToken })
    if (reply.status === 200) tokens = reply.json
    return reply
  }
  const window = (start: number, end: number) => ({ startTimestamp__gte: iso(start), endTimestamp__lte: iso(end) })
  const list = (deviceId: string, start: number, end: number, more: Record<string, string> = {}) =>
    get('media', { deviceId, type: 'main', mediaType: 'video', ...window(start, end), ...more })
  return {
    ...{ cloud, get, post, url, token, refresh, list, bearer },
    tokens: () => tokens,
    film: (address: string) => ask(address, { headers: bearer() }),
    [Symbol.asyncDispose]: () => cloud.close(),
  }
}

/** `2026-02-03T04:05:06.789+00:00` */
export const iso = (at: number) => new Date(at).toISOString().replace('Z', '+00:00')
