import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of a request on its way: handed on, or answered here. */
export interface Detour {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** Hands every request on to a device as it was written, but for those that `answers` has something else for. */
export async function forward(
  to: { readonly port: number },
  answers: (target: string, body: string) => Detour | undefined,
): Promise<Server> {
  const server = createServer(async (asked, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of asked) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { method, headers, url: path = '' } = asked
    const detour = answers(path, body.toString('utf8'))
    if (detour) return void reply.writeHead(detour.status, { ...detour.headers }).end(detour.body)
    const onwards = request({ ...to, host: '127.0.0.1', method, headers, path, agent: false }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.on('error', () => reply.destroy())
      answer.on('close', () => answer.complete || reply.destroy())
      answer.pipe(reply)
    })
    onwards.on('error', () => reply.destroy())
    reply.on('close', () => onwards.destroy())
    onwards.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

export function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}
