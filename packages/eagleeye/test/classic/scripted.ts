import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, FootageSource } from '@cam/download-core/source'
import { type EagleEyeOptions, eagleEye } from '../../src/index.ts'
import { hurriedClock } from './pretend.ts'

/** A request as it came. */
interface Received {
  readonly what: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What is answered. Without a status: 200. */
interface Scripted {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly json?: unknown
  readonly text?: string
  readonly bytes?: Uint8Array
}

/** `METHOD /path` to its answer; without one, 404. */
export type Script = Record<string, Scripted | ((request: Received) => Scripted)>

export const session = `c001~${'0123456789abcdef'.repeat(2)}`
export const account = { active_account_id: '00032123', email: 'archivist@example.com' }

/** A login as it should be. */
const letIn: Script = {
  'POST /g/aaa/authenticate': { json: { token: 'once' } },
  'POST /g/aaa/authorize': { headers: { 'set-cookie': [`auth_key=${session}; Path=/`] }, json: account },
  'GET /g/aaa/isauth': { json: true },
  'POST /g/aaa/logout': { status: 204 },
}

/** A server that says what the script says, and a source that asks it. */
export interface ScriptedCloud extends AsyncDisposable {
  readonly url: string
  readonly log: readonly Received[]
  readonly source: FootageSource
  asked(what: string): number
}

export async function scripted(script: Script, options: Partial<EagleEyeOptions> = {}): Promise<ScriptedCloud> {
  const log: Received[] = []
  const server = createServer(async (request, reply) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { url: target = '', headers } = request
    const received = { what: `${request.method} ${target.split('?')[0]}`, target, headers, body }
    log.push(received)
    const entry = { ...letIn, ...script }[received.what] ?? { status: 404, text: 'Not Found' }
    const answer = typeof entry === 'function' ? entry(received) : entry
    const type = answer.json === undefined ? 'text/html' : 'application/json'
    reply.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers })
    reply.end(answer.bytes ?? answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock: Clock = hurriedClock()
  const source = eagleEye({
    ...{ api: 'classic', classic: { username: 'archivist@example.com', password: 'hunter22' } },
    ...{ hosts: { classic: url, trusted: [] }, clock, env: {} },
    ...options,
  })
  return {
    url,
    log,
    source,
    asked: (what) => log.filter((one) => one.what === what).length,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
