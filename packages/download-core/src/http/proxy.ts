import { request } from 'node:http'
import type { Socket } from 'node:net'
import { NetworkError, PermissionError } from '../footage/errors.ts'
import { toCamError } from './to-cam-error.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The proxy the environment names for a URL: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY; small letters win. */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const lookUp = (name: string) => env[name] || env[name.toUpperCase()] || ''
  const scheme = url.protocol.slice(0, -1)
  // A CGI server passes a request's `Proxy:` header on as HTTP_PROXY; where one is around, only the small name counts.
  const named = scheme === 'http' && env.REQUEST_METHOD ? env.http_proxy : lookUp(`${scheme}_proxy`)
  const proxy = named || lookUp('all_proxy')
  if (!proxy || isExempt(url, lookUp('no_proxy'))) return undefined
  const parsed =
    URL.canParse(proxy) && /^[a-z][a-z\d+.-]*:\/\//i.test(proxy) ? new URL(proxy) : parse(`http://${proxy}`)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError(
      `The proxy named by the environment must be an http or https URL; received ${redactUrl(proxy)}.`,
    )
  }
  return parsed
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

const redactUrl = (text: string) => text.replace(/\/\/[^@/]*@/, '//***@')

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      // A bare IPv6 address is full of colons and has no port.
      const [, name = entry, only] = (/^[^[]*:.*:/.test(entry) ? null : /^(.+):(\d+)$/.exec(entry)) ?? []
      if (only !== undefined && only !== port) return false
      const suffix = name.replace(/^\*?\./, '')
      return host === suffix || host === `[${suffix}]` || host.endsWith(`.${suffix}`)
    })
}

/** `Proxy-Authorization` for the name and password in the proxy's URL. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (!proxy.username && !proxy.password) return undefined
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Asks the proxy at the other end of `socket` for a tunnel. The caller watches the time and destroys the socket when it is up. */
export function tunnel(socket: Socket, proxy: URL, authority: string): Promise<Socket> {
  const authorization = proxyAuthorization(proxy)
  const what = `Tunnel to ${authority} through proxy ${proxy.host}`
  return new Promise((resolve, reject) => {
    const asking = request({
      method: 'CONNECT',
      path: authority,
      // No agent: it would open a connection of its own.
      createConnection: () => socket,
      setHost: false,
      headers: { host: authority, ...(authorization ? { 'proxy-authorization': authorization } : {}) },
    })
    const refuse = (status: number | undefined) => {
      socket.destroy()
      reject(
        status === 407
          ? new PermissionError(`${what}: the proxy wants another name and password (407).`, { httpStatus: 407 })
          : new NetworkError(`${what}: refused with ${status}.`, { reason: `PROXY_${status}` }),
      )
    }
    asking.once('connect', (reply, tunnelled, head) => {
      asking.removeAllListeners()
      if (reply.statusCode !== 200) return refuse(reply.statusCode)
      if (head.length > 0) tunnelled.unshift(head)
      resolve(tunnelled as Socket)
    })
    asking.once('response', (reply) => refuse(reply.statusCode))
    asking.on('error', (error) => reject(toCamError(error, what)))
    asking.end()
  })
}
