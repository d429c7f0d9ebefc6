import {
  AuthenticationError,
  LockedError,
  NetworkError,
  PermissionError,
  ProtocolError,
  RateLimitError,
  RequestError,
  ServerError,
  UntrustedCertificateError,
} from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { explain } from '../src/explain.ts'
import { UsageError } from '../src/usage-error.ts'

const about = {
  cli: 'pretend-cli',
  version: '1.2.3',
  address: 'cam.example:8080',
  account: 'root',
  advice: { PROTOCOL: 'Is that a pretend camera?' },
}

describe('an error explained', () => {
  it('names host and account of a refused login', () => {
    const { message, advice, exitCode } = explain(new AuthenticationError('401 Unauthorized.'), about)
    expect(message).toContain('cam.example:8080')
    expect(message).toContain('"root"')
    expect(advice).toMatch(/Nothing was tried again/)
    expect(exitCode).toBe(2)
  })

  it('looks for a refused proxy in the environment, whatever the vendor says of its own address', () => {
    const refused = (message: string) =>
      explain(new NetworkError(message, { reason: 'ECONNREFUSED' }), {
        ...about,
        advice: { ECONNREFUSED: 'Spelling?' },
      })
    expect(refused('Connecting to the proxy 192.0.2.1:3128 that the environment names: refused.').advice).toMatch(
      /HTTP_PROXY.*NO_PROXY/,
    )
    expect(refused('Connecting to 192.0.2.1:443: refused.').advice).toBe('Spelling?')
  })

  it('prints the exact flag that pins a certificate', () => {
    const fingerprint256 = `${'AB:'.repeat(31)}AB`
    const { advice, exitCode } = explain(
      new UntrustedCertificateError('The certificate is self-signed.', { fingerprint256 }),
      about,
    )
    expect(advice?.split('\n')).toContain(`--fingerprint ${fingerprint256}`)
    expect(exitCode).toBe(2)
  })

  it('says the fingerprint once, where it can be copied', () => {
    const fingerprint256 = `${'AB:'.repeat(31)}AB`
    const { message, advice } = explain(
      new UntrustedCertificateError(
        `The certificate of cam is not trusted (SELF_SIGNED). It shows ${fingerprint256}. If this is the device's own certificate, pin this fingerprint.`,
        { fingerprint256 },
      ),
      { ...about, advice: { TLS_UNTRUSTED: 'These sign their own.' } },
    )
    expect(message).toBe('The certificate of cam is not trusted (SELF_SIGNED). These sign their own.')
    expect(advice).toContain(fingerprint256)
  })

  it('has words of the vendor for one reason of the network, before those for all', () => {
    const known = { ...about, advice: { NETWORK: 'Look at the network.', ENOTFOUND: 'Use the IP address.' } }
    const advice = (reason: string) => explain(new NetworkError('no', { reason }), known).advice
    expect([advice('ENOTFOUND'), advice('ECONNRESET')]).toEqual(['Use the IP address.', 'Look at the network.'])
  })

  it.each([
    ['ECONNREFUSED', /not at this port/],
    ['ENOTFOUND', /no address/],
    ['EHOSTUNREACH', /no way to this address/],
    ['ENETUNREACH', /no way to this address/],
    ['ECONNRESET', /Check the address and the network/],
    ['ECONNRESET', /https:\/\//],
    ['HPE_INVALID_CONSTANT', /https:\/\//],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /http:\/\/ in front/],
    ['EPROTO', /http:\/\/ in front/],
  ])('says what to do about %s', (reason, advice) => {
    const explained = explain(new NetworkError(`connect ${reason}`, { reason }), about)
    expect(explained.advice).toMatch(advice)
    expect([explained.exitCode, explained.code, explained.stack]).toEqual([2, 'NETWORK', undefined])
  })

  it.each([new ServerError('HTTP 500: oops'), new RateLimitError('HTTP 429.'), new RequestError('HTTP 400: bad')])(
    'says what to do about %s',
    (error) => expect(explain(error, about).advice).toMatch(/run again|address/),
  )

  it('does not say that an account was refused where a request was', () => {
    const { message, advice } = explain(new PermissionError('GET /app: HTTP 403: forbidden'), about)
    expect(message).toContain('cam.example:8080')
    expect(message).not.toContain('refused the account')
    expect(advice).toMatch(/too many wrong logins/)
  })

  it('has words for one reason of a refused login, where the vendor has them', () => {
    const refused = new AuthenticationError('Only Basic.', { vendorCode: 'basic-over-http' })
    const known = { ...about, advice: { 'basic-over-http': 'Put https:// in front.' } }
    expect(explain(refused, known)).toMatchObject({ advice: 'Put https:// in front.' })
    expect(explain(refused, known).message).not.toContain('refused the account')
  })

  it('speaks with the vendor’s words where it has some', () => {
    expect(explain(new ProtocolError('It answered HTML.'), about).advice).toBe('Is that a pretend camera?')
  })

  it('has exit codes of their own for a lock and for a wrong command line', () => {
    expect(explain(new LockedError('held'), about).exitCode).toBe(75)
    const usage = explain(new UsageError('--host is empty.'), about)
    expect([usage.exitCode, usage.advice]).toEqual([64, 'pretend-cli --help shows all flags.'])
  })

  it('takes what the operating system refuses for no bug', () => {
    const error = Object.assign(new Error('EROFS: read-only file system, open x'), {
      code: 'EROFS',
      path: '/mnt/nas/x',
    })
    const explained = explain(error, about)
    expect(explained).toMatchObject({ code: 'DISK_READ_ONLY', exitCode: 2 })
    expect(explained.stack).toBeUndefined()
  })

  it('shows the stack of a bug of ours alone, and asks to report it', () => {
    const { stack, advice, message, exitCode } = explain(new TypeError('x is not a function'), about)
    expect(stack).toContain('explain.test')
    expect(advice).toMatch(/report/)
    expect(message).toContain('pretend-cli 1.2.3')
    expect(exitCode).toBe(1)
  })
})
