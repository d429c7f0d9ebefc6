import { createServer, type Server, type ServerResponse } from 'node:http'
import { type Answer, answerIn } from './answer.ts'
import { pageFor } from './page.ts'

/** Waits at the redirect address for the browser. */
export interface Listener extends AsyncDisposable {
  /** The first answer that comes; those after it are told that it is over. */
  readonly answer: Promise<Answer>
}

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
}

/** Where to listen for this address; undefined where it leads to no port of this machine alone. */
export function placeOf(redirectUri: string): { readonly port: number; readonly path: string } | undefined {
  const { protocol, hostname, port, pathname } = new URL(redirectUri)
  if (protocol !== 'http:' || hostname !== '127.0.0.1') return undefined
  return { port: Number(port || 80), path: pathname }
}

/** Rejects with what the system says where the port cannot be had. */
export async function listenAt({ port, path }: { readonly port: number; readonly path: string }): Promise<Listener> {
  let arrived: (answer: Answer) => void = () => {}
  const answer = new Promise<Answer>((resolve) => {
    arrived = resolve
  })
  let isOver = false
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    request.resume()
    const url = URL.canParse(request.url ?? '', 'http://127.0.0.1')
      ? new URL(request.url!, 'http://127.0.0.1')
      : undefined
    // Browsers ask for icons, too.
    if (url?.pathname !== path) return reply(response, 404, 'There is nothing here.')
    if (request.method !== 'GET') return reply(response, 405, 'This page can only be looked at.')
    const found = answerIn(url.searchParams)
    if (!found) return reply(response, 400, 'There is no code in this address.')
    // A code is tried once, whoever sends another.
    if (isOver) return reply(response, 410, 'The answer was here already. You may close this page.')
    isOver = true
    return reply(response, 200, pageFor(found), () => arrived(found))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve()
    })
  })
  return { answer, [Symbol.asyncDispose]: () => closed(server) }
}

function reply(response: ServerResponse, status: number, body: string, then?: () => void): void {
  // Also where the browser is gone by now.
  if (then) response.once('close', then)
  response.writeHead(status, headers).end(body)
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
