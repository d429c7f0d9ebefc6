import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A wire between a client and a camera that can be looked at, and cut into. */
export interface Relay extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string
  /** Connections from clients that are open now. */
  open(): number
  /** Media requests answered here, with a redirect to this URL, instead of by the camera. */
  redirectMediaTo(url: string | undefined): void
  /** How many were. */
  redirected(): readonly { readonly authenticated: boolean }[]
}

/** Starts it in front of `host:port`. Understands requests only where they are not encrypted. */
export async function startRelay(port: number): Promise<Relay> {
  const clients = new Set<Socket>()
  const redirected: { authenticated: boolean }[] = []
  let elsewhere: string | undefined
  const server = createServer((client) => {
    clients.add(client)
    const camera = connect(port, '127.0.0.1')
    client.on('close', () => clients.delete(client))
    for (const [one, other] of [
      [client, camera],
      [camera, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    camera.pipe(client)
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      if (elsewhere && /^GET \S+(download\?|export=)/.test(text)) {
        redirected.push({ authenticated: /^authorization:/im.test(text) })
        client.write(`HTTP/1.1 302 Found\r\nLocation: ${elsewhere}\r\nContent-Length: 0\r\n\r\n`)
      } else camera.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => clients.size,
    redirectMediaTo(url) {
      elsewhere = url
    },
    redirected: () => redirected,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
