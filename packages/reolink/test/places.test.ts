import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createCertificate } from '@cam/simulators'
import { startReolink } from '@cam/simulators/reolink'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDevice } from '../src/client/device.ts'
import { type ReolinkOptions, readOptions } from '../src/options.ts'
import { countOf, leapingClock, never, pretend, thrown } from './pretend-device.ts'

const info = { cmd: 'GetDevInfo' }

const clock = leapingClock()

const deviceAt = (host: string, options: Partial<ReolinkOptions> = {}) => {
  const all = { username: 'admin', password: 'pass-1234', retry: { retries: 0 }, env: {}, clock }
  const device = createDevice(readOptions({ host, ...all, ...options }))
  onTestFinished(() => device[Symbol.asyncDispose]())
  return device
}

async function listening(
  server: Pick<Server, 'listen' | 'address' | 'close' | 'closeAllConnections'>,
): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('http and https', () => {
  const secured = async (plainHttp: '302' | '300') => {
    const simulator = await startReolink({ tls: true, clock, switches: { plainHttp } })
    onTestFinished(() => simulator.close())
    return simulator
  }

  it('a device that sends from http to https of the same host is followed, and its certificate asked for', async () => {
    const simulator = await secured('302')
    const plain = new URL(simulator.plainUrl!).host
    const error = await thrown(deviceAt(plain).ask(info, never))
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', fingerprint256: simulator.certificate!.fingerprint256 })
    expect(countOf(simulator, 'Login')).toBe(0)
  })

  it('is spoken to over https where whom to trust is told', async () => {
    const simulator = await secured('302')
    const { fingerprint256 } = simulator.certificate!
    for (const host of [simulator.url, simulator.host]) {
      expect(await deviceAt(host, { tls: { fingerprint256 } }).ask(info, never)).toHaveProperty('DevInfo')
    }
    expect(await deviceAt(simulator.host, { tls: { insecure: true }, legacyTls: true }).ask(info, never)).toBeDefined()
  })

  it('where http is asked for in so many words, it says what the device wants instead', async () => {
    const simulator = await secured('302')
    const error = await thrown(deviceAt(simulator.plainUrl!).ask(info, never))
    expect(error).toMatchObject({ code: 'REQUEST', httpStatus: 302, retryable: false })
    expect(error.message).toContain(`give ${simulator.url} as the host`)
  })

  it('a login over http that gets 300 says that https is wanted', async () => {
    const simulator = await secured('300')
    for (const host of [simulator.plainUrl!, new URL(simulator.plainUrl!).host]) {
      const error = await thrown(deviceAt(host).ask(info, never))
      expect(error).toMatchObject({ code: 'REQUEST', httpStatus: 300 })
      expect(error.message).toMatch(/wants https/)
    }
  })

  it('a device that knows only old TLS is spoken to where that is allowed, and else says what it needs', async () => {
    const { privateKeyPem, certificatePem, fingerprint256 } = await createCertificate()
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const value = { Token: { leaseTime: 3600, name: 'abc' }, DevInfo: { model: 'old' } }
    const server = createSecureServer({ key: privateKeyPem, cert: certificatePem, ...old }, (request, response) => {
      const cmd = new URL(request.url ?? '', 'http://x').searchParams.get('cmd')
      response.end(JSON.stringify([{ cmd, code: 0, value }]))
    })
    const host = await listening(server)
    const error = await thrown(deviceAt(host, { tls: { fingerprint256 } }).ask(info, never))
    expect(error).toMatchObject({ code: 'NETWORK', vendor: 'reolink' })
    expect(error.message).toMatch(/option legacyTls/)
    const device = deviceAt(host, { tls: { fingerprint256 }, legacyTls: true })
    expect(await device.ask(info, never)).toEqual(value)
  })

  it.each(['http', 'https'])('another host is never followed, also over %s', async (scheme) => {
    const elsewhere = await pretend()
    const location = `${scheme}://localhost:${elsewhere.simulator.port}/cgi-bin/api.cgi`
    const host = await listening(createServer((_, response) => response.writeHead(302, { location }).end()))
    const error = await thrown(deviceAt(host).ask(info, never))
    expect(error).toMatchObject({ code: 'REQUEST', httpStatus: 302 })
    expect(elsewhere.simulator.requests).toHaveLength(0)
  })

  it('nobody there is a network error that names the address', async () => {
    const error = await thrown(deviceAt('127.0.0.1:1').ask(info, never))
    expect(error).toMatchObject({ code: 'NETWORK', reason: 'ECONNREFUSED' })
    expect(error.message).toContain('127.0.0.1:1')
  })
})

describe('the path', () => {
  const onlyAt = (path: string, seen: string[]) =>
    createServer((request, response) => {
      seen.push(request.url ?? '')
      const known = request.url?.startsWith(`${path}?`)
      const cmd = new URL(request.url ?? '', 'http://x').searchParams.get('cmd')
      const value = cmd === 'Login' ? { Token: { leaseTime: 3600, name: 'abc' } } : { DevInfo: { model: 'M' } }
      response.writeHead(known ? 200 : 404, { 'content-type': 'text/html' })
      response.end(known ? JSON.stringify([{ cmd, code: 0, value }]) : '<h1>404</h1>')
    })

  it('is the shorter one where the usual one is not there, and is remembered', async () => {
    const seen: string[] = []
    const device = deviceAt(await listening(onlyAt('/api.cgi', seen)))
    await device.ask(info, never)
    await device.ask(info, never)
    expect(seen).toEqual([
      '/cgi-bin/api.cgi?cmd=Login',
      '/api.cgi?cmd=Login',
      '/api.cgi?cmd=GetDevInfo&token=abc',
      '/api.cgi?cmd=GetDevInfo&token=abc',
    ])
    expect(new URL(device.url([['cmd', 'x']])).pathname).toBe('/api.cgi')
  })

  it('is not looked for where it was given', async () => {
    const seen: string[] = []
    const device = deviceAt(await listening(onlyAt('/api.cgi', seen)), { path: '/cgi-bin/api.cgi' })
    expect(await thrown(device.ask(info, never))).toMatchObject({ code: 'SERVER', httpStatus: 404 })
    expect(new Set(seen)).toEqual(new Set(['/cgi-bin/api.cgi?cmd=Login']))
  })

  it('that is nowhere makes it no Reolink device', async () => {
    const error = await thrown(deviceAt(await listening(onlyAt('/nothing', []))).ask(info, never))
    expect(error).toMatchObject({ code: 'PROTOCOL', httpStatus: 404, retryable: false })
    expect(error.message).toMatch(/has no \/cgi-bin\/api\.cgi and no \/api\.cgi.*Battery cameras/s)
  })
})

describe('addresses of media', () => {
  it('have the token, and are written as devices read them', async () => {
    const { device, simulator } = await pretend()
    const source = '/mnt/sda/95270000ABC-My cam&é+/Mp4Record/2026-05-12/RecM02_DST20260512_090302.mp4'
    const target = await device.media(
      [
        ['cmd', 'Download'],
        ['source', source],
      ],
      never,
    )
    const token = await device.token(never)
    expect(target.rawTarget).toBe(
      `/cgi-bin/api.cgi?cmd=Download&source=/mnt/sda/95270000ABC-My%20cam%26%C3%A9%2B/Mp4Record/2026-05-12/RecM02_DST20260512_090302.mp4&token=${token}`,
    )
    expect(target.url).toBe(simulator.url + target.rawTarget)
    const reply = await device.http.send({ ...target, signal: never })
    await reply.discard()
    expect(simulator.requests.at(-1)?.target).toBe(target.rawTarget)
  })
})

describe('requests', () => {
  it('go out one at a time, whatever they are', async () => {
    let [now, most] = [0, 0]
    const server = createServer((request, response) => {
      most = Math.max(most, ++now)
      // Answered only when whatever comes at the same time has come, too.
      setTimeout(() => {
        now--
        const cmd = new URL(request.url ?? '', 'http://x').searchParams.get('cmd')
        response.end(JSON.stringify([{ cmd, code: 0, value: { Token: { name: 'abc' }, DevInfo: {} } }]))
      }, 10)
    })
    const device = deviceAt(await listening(server))
    const media = async () => {
      const reply = await device.http.send({ ...(await device.media([['cmd', 'Download']], never)), signal: never })
      await reply.discard()
    }
    await Promise.all([device.ask(info, never), device.ask(info, never), media(), device.ask(info, never)])
    expect(most).toBe(1)
  })
})
