import { type ReolinkSimulatorOptions, startReolink } from '../../src/reolink/index.ts'
import { ask, sha256 } from '../ask.ts'

export { ask, sha256 }

/** `[year, mon, day, hour, min, sec]` as the device writes it. */
export const local = (year: number, mon: number, day: number, hour = 0, min = 0, sec = 0) => ({
  ...{ year, mon, day, hour, min, sec },
})

/** A file of a Search. */
export interface Found {
  readonly name?: string
  readonly size: number | string
  readonly type: string
  readonly StartTime: ReturnType<typeof local>
  readonly EndTime: ReturnType<typeof local>
  readonly PlaybackTime?: ReturnType<typeof local>
}

/** A device, and requests to it. */
export async function reolink(options: ReolinkSimulatorOptions = {}) {
  // Tests ask as soon as they have a token, but where that is what they are about.
  const device = await startReolink({ ...options, switches: { loginSettles: '0', ...options.switches } })
  const { username, password } = device
  const api = `${device.url}/cgi-bin/api.cgi`
  const send = (cmd: string, query: string, commands: unknown) =>
    ask(`${api}?cmd=${cmd}${query}`, { method: 'POST', body: JSON.stringify(commands) })
  const tryLogin = (userName = username, word = password, query = '') =>
    send('Login', query, [{ cmd: 'Login', action: 0, param: { User: { Version: '0', userName, password: word } } }])
  const login = async (): Promise<string> => {
    const reply = await tryLogin()
    const token = reply.json[0].value?.Token.name
    if (!token) throw new Error(`the login says ${reply.body}`)
    return token
  }
  /** One command, and its reply. */
  const command = async (token: string, cmd: string, param: unknown = {}, action = 0) =>
    (await send(cmd, `&token=${token}`, [{ cmd, action, param }])).json[0]
  const get = (query: string, request: RequestInit = {}) => ask(`${api}?${query}`, request)
  const snap = (token: string, more = '') => get(`cmd=Snap&channel=0&rs=abcdefgh12345678&token=${token}${more}`)
  const searchAll = (token: string, from: ReturnType<typeof local>, to: ReturnType<typeof local>, more = {}) =>
    command(token, 'Search', {
      Search: { channel: 0, onlyStatus: 0, streamType: 'main', StartTime: from, EndTime: to, ...more },
    })
  /** The files of one day. */
  const files = async (token: string, year: number, mon: number, day: number, more = {}): Promise<Found[]> => {
    const reply = await searchAll(token, local(year, mon, day), local(year, mon, day, 23, 59, 59), more)
    return reply.value.SearchResult.File ?? []
  }
  /** With `/` as it is and a space as %20, as every device takes it. */
  const sourceOf = (name: string) => encodeURI(name)
  const download = (token: string, name: string, request: RequestInit = {}, cmd = 'Download') =>
    get(`cmd=${cmd}&source=${sourceOf(name)}&output=a.mp4&token=${token}`, request)
  return {
    ...{ device, api, send, tryLogin, login, command, get, snap, searchAll, files, download },
    [Symbol.asyncDispose]: () => device.close(),
  }
}
