import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { behaviourNames, type FileServerOptions, startFileServer } from '../src/file-server/index.ts'
import { noise } from '../src/media.ts'

const content = noise('file', 200_000)
const content2 = noise('file 2', 200_000)

async function server(options: Partial<FileServerOptions> = {}) {
  const started = await startFileServer({ content, content2, ...options })
  onTestFinished(() => started.close())
  return started
}

/** What comes over the wire until the server ends it or is silent for a while. */
function talk(
  port: number,
  request: string,
  quietMs = 300,
  headOnly = false,
): Promise<{ head: string; body: Buffer; ended: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    const done = (ended: boolean) => {
      clearTimeout(quiet)
      socket.destroy()
      const all = Buffer.concat(chunks)
      const end = all.indexOf('\r\n\r\n')
      resolve({
        head: all.toString('latin1', 0, end === -1 ? undefined : end),
        body: end === -1 ? Buffer.alloc(0) : all.subarray(end + 4),
        ended,
      })
    }
    let quiet = setTimeout(() => done(false), quietMs)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (headOnly && chunk.includes('\r\n\r\n')) return done(false)
      clearTimeout(quiet)
      quiet = setTimeout(() => done(false), quietMs)
    })
    socket.on('error', () => {})
    socket.on('close', () => done(true))
  })
}

const get = (...headers: string[]) =>
  `GET /clip.mp4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`

describe('an honest file server', () => {
  test('serves whole and part, with validators that fetch understands', async () => {
    const { url, requests } = await server()
    const whole = await fetch(url)
    expect(whole.status).toBe(200)
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true)
    const etag = whole.headers.get('etag')!
    const part = await fetch(url, { headers: { range: 'bytes=1000-1999', 'if-range': etag } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1999/200000'])
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(1000, 2000))).toBe(true)
    const other = await fetch(url, { headers: { range: 'bytes=1000-', 'if-range': '"another"' } })
    expect(other.status).toBe(200)
    await other.arrayBuffer()
    expect((await fetch(url, { headers: { range: 'bytes=200000-' } })).status).toBe(416)
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('200000')
    expect(requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 200],
      ['GET', 206],
      ['GET', 200],
      ['GET', 416],
      ['HEAD', 200],
    ])
    expect(requests[1]!.headers['if-range']).toBe(etag)
    expect(requests[1]!.bodyBytes).toBe(1000)
  })

  test('serves several requests on one connection', async () => {
    const { port, requests } = await server()
    const { body } = await talk(
      port,
      'GET /a HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    expect(body.length).toBeGreaterThan(200_000)
    expect(requests.map(({ connection, target }) => [connection, target])).toEqual([
      [1, '/a'],
      [1, '/b'],
    ])
  })
})

describe('a file server that misbehaves', () => {
  test('knows every behaviour it names, and answers or stays silent', async () => {
    expect(behaviourNames.length).toBeGreaterThan(60)
    await Promise.all(
      behaviourNames.map(async (behaviour) => {
        const { port, requests } = await server({ behaviour, delayMs: behaviour === 'slow-first-byte' ? 20 : 400 })
        const { head } = await talk(port, get('Range: bytes=100-'), 1500, true)
        if (behaviour === 'never-answers') expect(head).toBe('')
        else expect(head, behaviour).toMatch(behaviour === 'fin-in-head' ? /^HTTP\/1/ : /^HTTP\/1\.[01] \d{3} /)
        expect(requests).toHaveLength(1)
      }),
    )
  })

  test.each([
    ['fin-at', 1234],
    ['rst-at', 60_000],
    ['stall-at', 0],
    ['fin-at', 199_999],
  ] as const)('%s byte %i sends exactly so many, once', async (behaviour, breakAt) => {
    const { port, requests } = await server({ behaviour, breakAt })
    const broken = await talk(port, get())
    if (behaviour !== 'rst-at') expect(broken.body.length).toBe(breakAt)
    expect(requests[0]!.bodyBytes).toBe(breakAt)
    expect(broken.ended).toBe(behaviour !== 'stall-at')
    expect((await talk(port, get())).body.length).toBe(200_000)
  })

  test('changes from the second request on, or at once', async () => {
    const first = await server({ behaviour: 'changed' })
    expect((await talk(first.port, get())).body.equals(content)).toBe(true)
    expect((await talk(first.port, get())).body.equals(content2)).toBe(true)
    first.set({ changed: true })
    expect((await talk(first.port, get())).body.equals(content2)).toBe(true)
    const lying = await server({ behaviour: 'changed-same-etag' })
    const etags = [await talk(lying.port, get()), await talk(lying.port, get())].map(
      ({ head }) => /ETag: (.*)/.exec(head)![1],
    )
    expect(etags[0]).toBe(etags[1])
  })

  test('can be told anew while it runs', async () => {
    const { port, set } = await server({ behaviour: 'status', status: 503, times: 1 })
    expect((await talk(port, get())).head).toContain('503')
    expect((await talk(port, get())).head).toContain('200')
    set({ behaviour: 'status', status: 404 })
    expect((await talk(port, get())).head).toContain('404')
    set({ behaviour: 'retry-after', retryAfter: '7', clockOffMs: 3_600_000 })
    const { head } = await talk(port, get())
    expect(head).toContain('Retry-After: 7')
    expect(Date.parse(/Date: (.*)/.exec(head)![1]!) - Date.now()).toBeGreaterThan(3_500_000)
  })

  test('cuts the first whole reply where told, whatever else it does', async () => {
    const { port } = await server({ cutFirstAt: 5000 })
    expect((await talk(port, get())).body.length).toBe(5000)
    expect((await talk(port, get())).body.length).toBe(200_000)
  })

  test('frames its bodies in every way', async () => {
    const chunked = await talk((await server({ behaviour: 'chunked' })).port, get())
    expect(chunked.head).toContain('Transfer-Encoding: chunked')
    expect(chunked.body.subarray(-5).toString()).toBe('0\r\n\r\n')
    const close = await talk((await server({ behaviour: 'close-delimited' })).port, get())
    expect(close.head).toMatch(/^HTTP\/1\.0 200/)
    expect(close.head).not.toContain('Content-Length')
    expect(close.body.length).toBe(200_000)
    const both = await talk((await server({ behaviour: 'length-duplicate' })).port, get())
    expect(both.head.match(/Content-Length/g)).toHaveLength(2)
    const more = await talk((await server({ behaviour: 'length-too-small' })).port, get())
    expect(more.body.length).toBe(201_000)
  })
})
