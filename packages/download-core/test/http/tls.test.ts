import { type Certificate, createCertificate } from '@cam/simulators'
import { beforeAll, describe, expect, it } from 'vitest'
import { UntrustedCertificateError } from '../../src/footage/errors.ts'
import type { TlsOptions } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { never, rejection, serve } from './servers.ts'

let certificate: Certificate
let other: Certificate
beforeAll(async () => {
  certificate = await createCertificate()
  other = await createCertificate()
})

const camera = () =>
  serve((_, response) => response.end('over TLS'), { key: certificate.privateKeyPem, cert: certificate.certificatePem })

const client = (origin: string, tls?: TlsOptions) =>
  createHttp({
    origins: [origin],
    credentials: { username: 'u', password: 'secret' },
    secretHeaders: { 'x-api-key': 'secret-key' },
    retry: { retries: 0 },
    env: {},
    ...(tls ? { tls } : {}),
  })

describe('a certificate', () => {
  it('nobody vouches for is refused before a request is sent, and tells its fingerprint', async () => {
    await using server = await camera()
    await using http = client(server.origin)
    const error = await rejection(http.ask({ url: '/', signal: never }))
    expect(error).toBeInstanceOf(UntrustedCertificateError)
    expect(error).toMatchObject({ fingerprint256: certificate.fingerprint256, retryable: false, stops: 'run' })
    expect(String(error)).toContain(certificate.fingerprint256)
    expect(server.requests).toHaveLength(0)
  })

  it('is accepted when it is the pinned one, however the fingerprint is written', async () => {
    await using server = await camera()
    for (const fingerprint256 of [
      certificate.fingerprint256,
      certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    ]) {
      await using http = client(server.origin, { fingerprint256 })
      expect((await http.ask({ url: '/', signal: never })).text()).toBe('over TLS')
    }
  })

  it('other than the pinned one is refused before a request is sent, even where any would do', async () => {
    await using server = await camera()
    const pins = [other.fingerprint256, '', certificate.fingerprint256.slice(0, 47)]
    for (const fingerprint256 of pins) {
      await using http = client(server.origin, { fingerprint256, insecure: true, ca: certificate.certificatePem })
      const error = await rejection(http.ask({ url: '/', signal: never }))
      expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', fingerprint256: certificate.fingerprint256 })
    }
    expect(server.requests).toHaveLength(0)
  })

  it('of a named authority is accepted', async () => {
    await using server = await camera()
    await using named = client(server.origin, { ca: certificate.certificatePem })
    expect((await named.ask({ url: '/', signal: never })).text()).toBe('over TLS')
    await using stranger = client(server.origin, { ca: other.certificatePem })
    expect(await rejection(stranger.ask({ url: '/', signal: never }))).toBeInstanceOf(UntrustedCertificateError)
    expect(server.requests).toHaveLength(1)
  })

  // Only Linux has all of 127.0.0.0/8 without being told.
  it.skipIf(process.platform !== 'linux')('for another name is refused, whoever vouches for it (Linux)', async () => {
    const pair = { key: certificate.privateKeyPem, cert: certificate.certificatePem }
    await using server = await serve((_, response) => response.end(), pair, '127.0.0.2')
    await using http = client(server.origin, { ca: Buffer.from(certificate.certificatePem) })
    const error = await rejection(http.ask({ url: '/', signal: never }))
    expect(error).toBeInstanceOf(UntrustedCertificateError)
    expect(String(error)).toContain('ALTNAME')
    expect(server.requests).toHaveLength(0)
  })

  it('is not looked at where the user says so', async () => {
    await using server = await camera()
    await using http = client(server.origin, { insecure: true })
    expect((await http.ask({ url: '/', signal: never })).text()).toBe('over TLS')
  })
})

it('never follows a redirect from https to http', async () => {
  await using plain = await serve((_, response) => response.end('plain'))
  await using server = await serve((_, response) => response.writeHead(302, { location: plain.origin }).end(), {
    key: certificate.privateKeyPem,
    cert: certificate.certificatePem,
  })
  await using http = client(server.origin, { insecure: true })
  expect(await rejection(http.ask({ url: '/', signal: never }))).toMatchObject({ code: 'PROTOCOL' })
  expect(plain.requests).toHaveLength(0)
})

it('reports a server that does not speak TLS as a network error', async () => {
  await using plain = await serve((_, response) => response.end('plain'))
  await using http = client(plain.origin.replace('http:', 'https:'))
  expect(await rejection(http.ask({ url: '/', signal: never }))).toMatchObject({ code: 'NETWORK' })
})
