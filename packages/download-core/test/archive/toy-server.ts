import { createHash } from 'node:crypto'
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { sizedMp4 } from '@cam/simulators/media'
import type { Camera } from '../../src/footage/camera.ts'
import type { Gap, Recording } from '../../src/footage/recording.ts'

export const toyPassword = 'tr0ub4dor&3'
export const toySession = 'session-5f2c0e'

interface ToyClip {
  readonly recording: Recording
  bytes: Uint8Array
}

interface ToyRequest {
  readonly kind: 'login' | 'listing' | 'media' | 'other'
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly authenticated: boolean
}

/** What the pretend device does wrong, changed while it runs. */
interface ToyFaults {
  /** The next media replies break off in mid-body. */
  cuts: number
  /** Bytes before a cut; default half of the body. */
  cutAt?: number
  /** Every media reply ends early as if that were all, without a stated length. */
  truncates: boolean
  failListing: Set<string>
  /** Status instead of a body, by recording id. */
  readonly refuse: Map<string, number>
  /** Ids of which it says that nothing was recorded. */
  readonly nothing: Set<string>
  stalls: boolean
  /** Milliseconds before each body goes on after its first half. */
  slowMs: number
  redirectTo?: string
  /** Drops every media connection without an answer. */
  unreachable: boolean
}

export interface ToyServer extends AsyncDisposable {
  readonly url: string
  readonly cameras: Camera[]
  readonly clips: ToyClip[]
  readonly gaps: Gap[]
  readonly faults: ToyFaults
  readonly requests: ToyRequest[]
  readonly media: () => ToyRequest[]
  mostAtOnce: number
  /** Called with each media request, before it is answered. */
  onMedia: (id: string) => void
  openConnections(): number
}

/** A real video of exactly so many bytes. */
export function video(bytes: number, seed: number | string): Uint8Array {
  const file = sizedMp4(bytes, seed, { moov: 'last' })
  return file.read(0, file.size)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A pretend device that speaks a little protocol of its own over real HTTP. */
export async function toyServer(): Promise<ToyServer> {
  const sockets = new Set<Socket>()
  const faults: ToyFaults = {
    cuts: 0,
    truncates: false,
    failListing: new Set(),
    refuse: new Map(),
    nothing: new Set(),
    stalls: false,
    slowMs: 0,
    unreachable: false,
  }
  let atOnce = 0
  const server = http.createServer((request, response) => void answer(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: ToyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cameras: [],
    clips: [],
    gaps: [],
    faults,
    requests: [],
    media: () => self.requests.filter(({ kind }) => kind === 'media'),
    mostAtOnce: 0,
    onMedia: () => {},
    openConnections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', self.url)
    const [, what = '', id = ''] = url.pathname.split('/').map(decodeURIComponent)
    const kind = what === 'login' ? 'login' : what === 'list' ? 'listing' : what === 'media' ? 'media' : 'other'
    const authenticated = kind === 'login' || request.headers.cookie !== undefined
    self.requests.push({ kind, url: url.href, headers: request.headers, authenticated })
    let body = ''
    for await (const chunk of request) body += chunk
    const json = (value: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (what === 'login') {
      if (JSON.parse(body).password !== toyPassword) return void response.writeHead(401).end()
      return void response.writeHead(204, { 'set-cookie': `sid=${toySession}; Path=/` }).end()
    }
    if (!request.headers.cookie?.includes(toySession)) return void response.writeHead(403).end()
    if (what === 'about') return void json({ serial: 'TOY-1', name: 'Toy' })
    if (what === 'cameras') return void json(self.cameras)
    if (what === 'list') {
      if (faults.failListing.has(id)) return void response.writeHead(500).end('the list is broken')
      const from = Number(url.searchParams.get('from') ?? Number.NEGATIVE_INFINITY)
      const to = Number(url.searchParams.get('to') ?? Number.POSITIVE_INFINITY)
      const within = ({ start, end }: { start: number; end: number }) => start < to && end > from
      const mine = self.clips.map(({ recording }) => recording).filter((recording) => recording.cameraId === id)
      const gaps = self.gaps.filter((gap) => gap.cameraId === id && within(gap))
      return void json([...mine.filter(({ window }) => !window || within(window)), ...gaps])
    }
    if (what !== 'media') return void response.writeHead(404).end()
    atOnce++
    self.mostAtOnce = Math.max(self.mostAtOnce, atOnce)
    response.on('close', () => atOnce--)
    self.onMedia(id)
    media(id, request, response)
  }

  function media(id: string, request: IncomingMessage, response: ServerResponse): void {
    const asked = request.headers['x-camera']
    const clip = self.clips.find(
      ({ recording }) => recording.id === id && (asked === undefined || recording.cameraId === asked),
    )
    const refused = faults.refuse.get(id)
    if (faults.unreachable) return void response.destroy()
    if (faults.redirectTo) return void response.writeHead(302, { location: `${faults.redirectTo}/media/${id}` }).end()
    if (faults.nothing.has(id)) return void response.writeHead(422).end('nothing was recorded')
    if (refused || !clip) return void response.writeHead(refused ?? 404).end()
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const etag = `"${sha256(clip.bytes).slice(0, 16)}"`
    const ranged = from > 0 && request.headers['if-range'] === etag
    const bytes = ranged ? clip.bytes.subarray(from) : clip.bytes
    response.setHeader('content-type', 'video/mp4')
    response.setHeader('etag', etag)
    if (faults.truncates) return void response.writeHead(200).end(bytes.subarray(0, bytes.length >> 1))
    response.writeHead(ranged ? 206 : 200, {
      'content-length': bytes.length,
      ...(ranged ? { 'content-range': `bytes ${from}-${clip.bytes.length - 1}/${clip.bytes.length}` } : {}),
    })
    if (faults.stalls) return void response.write(bytes.subarray(0, 1000))
    if (faults.cuts > 0) {
      faults.cuts--
      const part = bytes.subarray(0, faults.cutAt ?? bytes.length >> 1)
      return void response.write(part, () => setImmediate(() => response.destroy()))
    }
    // A little at a time, so that transfers overlap.
    const half = bytes.length >> 1
    response.write(bytes.subarray(0, half))
    setTimeout(() => response.end(bytes.subarray(half)), faults.slowMs)
  }

  return self
}
