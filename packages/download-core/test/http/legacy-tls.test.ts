import { createCertificate } from '@cam/simulators'
import { expect, it } from 'vitest'
import { createHttp } from '../../src/http/http.ts'
import { never, rejection, serve } from './servers.ts'

/** A device that speaks nothing newer than TLS 1.1, as some of before 2018 do. */
async function oldDevice() {
  const { privateKeyPem, certificatePem, fingerprint256 } = await createCertificate()
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  const secure = { key: privateKeyPem, cert: certificatePem, ...old }
  const server = await serve((_, response) => response.end('over old TLS'), secure)
  return { server, fingerprint256 }
}

it('an old device is spoken to where that is asked for, and its certificate is checked nevertheless', async () => {
  const { server, fingerprint256 } = await oldDevice()
  await using _ = server
  const client = (tls: object) => createHttp({ origins: [server.origin], retry: { retries: 0 }, env: {}, tls })
  await using modern = client({ fingerprint256 })
  expect(await rejection(modern.ask({ url: '/', signal: never }))).toMatchObject({ code: 'NETWORK' })
  await using legacy = client({ fingerprint256, legacy: true })
  expect((await legacy.ask({ url: '/', signal: never })).text()).toBe('over old TLS')
  await using unpinned = client({ legacy: true })
  const error = await rejection(unpinned.ask({ url: '/', signal: never }))
  expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', fingerprint256 })
})
