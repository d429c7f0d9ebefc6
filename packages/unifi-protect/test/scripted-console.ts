import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Clock, type SessionStore, systemClock } from '@cam/download-core/source'
import { type Certificate, createCertificate } from '@cam/simulators'
import { readOptions, type Settings, type UnifiProtectOptions } from '../src/options.ts'

/** A request as it came. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What a script answers. Without a status: 200. An object is sent as JSON, a string as a page. */
export interface Scripted {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly json?: unknown
  readonly page?: string
  /** Sends nothing and closes the connection. */
  readonly hangUp?: boolean
}

/** `METHOD /path` to its answer; without one, 404 with JSON. */
export type Script = Record<string, Scripted | ((request: Received) => Scripted | Promise<Scripted>)>

/** A server that says what the script says, over TLS. */
export interface ScriptedConsole extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly log: readonly Received[]
  readonly certificate: Certificate
  readonly script: Script
  /** How often this was asked. */
  asked(what: string): number
}

let certificate: Promise<Certificate> | undefined

export async function scripted(script: Script): Promise<ScriptedConsole> {
  certificate ??= createCertificate('unifi.local')
  const made = await certificate
  const log: Received[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { pathname, searchParams } = new URL(request.url!, 'https://console')
    const received = { method: request.method!, path: pathname, query: searchParams, headers: request.headers, body }
    log.push(received)
    const entry = script[`${received.method} ${pathname}`]
    const answer = await (typeof entry === 'function' ? entry(received) : (entry ?? { status: 404, json: {} }))
    if (answer.hangUp) return response.socket!.destroy()
    const type = answer.page === undefined ? 'application/json; charset=utf-8' : 'text/html'
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers })
    return response.end(answer.page ?? (answer.json === undefined ? '' : JSON.stringify(answer.json)))
  }
  const server = createServer({ key: made.privateKeyPem, cert: made.certificatePem }, (request, response) => {
    serve(request, response).catch((error: Error) => response.writeHead(500).end(error.message))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    log,
    script,
    certificate: made,
    asked: (what) => log.filter(({ method, path }) => `${method} ${path}` === what).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A JWT that nobody signed. */
export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmVkLWJ5LW5vYm9keQ`
}

export const call = new AbortController().signal
export const password = 'correct horse'

/** Waits between tries are skipped and counted; `now` and `monotonic` move only when told. */
export function frozenClock(start = Date.UTC(2026, 9, 24)): Clock & { advance(ms: number): void; skipped: number[] } {
  let passed = 0
  const skipped: number[] = []
  return {
    skipped,
    now: () => start + passed,
    monotonic: () => passed,
    wait(ms, signal) {
      // Only the waits between tries: time limits stay as they are.
      if (ms >= 1000) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      skipped.push(ms)
      return Promise.resolve()
    },
    advance(ms) {
      passed += ms
    },
  }
}

/** Settings for one server, or for several origins in turn. */
export function settingsFor(servers: ScriptedConsole | readonly string[], options: Partial<UnifiProtectOptions> = {}) {
  const urls = 'url' in servers ? [servers.url] : servers
  const settings = readOptions({
    address: urls[0]!.slice('https://'.length),
    username: 'archivist',
    password,
    tls: { insecure: true },
    clock: frozenClock(),
    env: {},
    retry: { delayMs: 1 },
    ...options,
  })
  return { ...settings, origins: urls as unknown as Settings['origins'] }
}

/** Sessions in memory, with a lock, as the app keeps them in files. */
export function memoryStore(): SessionStore & { readonly values: Map<string, string>; readonly locked: () => number } {
  const values = new Map<string, string>()
  const waiting: (() => void)[] = []
  let held = false
  let locks = 0
  return {
    values,
    locked: () => locks,
    load: async (key) => values.get(key),
    save: async (key, value) => void values.set(key, value),
    remove: async (key) => void values.delete(key),
    async lock() {
      if (held) await new Promise<void>((resolve) => waiting.push(resolve))
      held = true
      locks++
      return {
        async [Symbol.asyncDispose]() {
          held = false
          waiting.shift()?.()
        },
      }
    },
  }
}

/** The error a promise ends with. */
export async function failure(
  work: Promise<unknown>,
): Promise<Error & { readonly code?: string; readonly vendorCode?: string; readonly retryable?: boolean }> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('There was no error.')
}
