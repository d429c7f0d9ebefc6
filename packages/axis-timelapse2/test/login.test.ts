import { describe, expect, it } from 'vitest'
import { call, cameraClock, failure, fetched, listed, pair } from './pretend-camera.ts'

const kinds = ['none', 'digest-md5', 'digest-sha256', 'both', 'basic+digest', 'basic+digest-one-header'] as const

describe('login', () => {
  it.each(kinds)('%s', async (auth) => {
    await using both = await pair({ switches: { auth } })
    const [first] = await listed(both.source)
    expect(await fetched(both.source, first!)).toMatchObject({ bytes: first!.bytes })
    expect(both.camera.badLogins).toBe(0)
  })

  it.each([
    ['one-time nonces', { oneTime: true }],
    ['stale nonces', { staleOnNth: 2 }],
    ['counted nonces', { ncCheck: true }],
  ])('%s', async (_, switches) => {
    await using both = await pair({ switches })
    const [first, second] = await listed(both.source)
    for (const recording of [first!, second!]) {
      expect(await fetched(both.source, recording)).toMatchObject({ bytes: recording.bytes })
    }
    expect(both.camera.badLogins).toBe(0)
  })

  it('goes on when a nonce has run out between two downloads', async () => {
    const camera = cameraClock()
    await using both = await pair({ clock: camera, switches: { nonceTtl: 300_000 } })
    const [first, second] = await listed(both.source)
    expect(await fetched(both.source, first!)).toMatchObject({ bytes: first!.bytes })
    camera.advance(18_000_000)
    expect(await fetched(both.source, second!)).toMatchObject({ bytes: second!.bytes })
    expect(both.camera.badLogins).toBe(0)
  })

  it('over TLS may be Basic', async () => {
    await using both = await pair({ tls: true, switches: { auth: 'basic', version: '1.1.3' } })
    expect(await listed(both.source)).toHaveLength(12)
  })

  it('by Basic is not shown to the network unless allowed', async () => {
    await using both = await pair({ switches: { auth: 'basic' } })
    const error = await failure(both.source.identify(call))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', stops: 'run' })
    expect(error.message).toMatch(/only Basic.*allowBasicOverHttp/)
    expect(error).toMatchObject({ vendorCode: 'basic-over-http' })
    expect(error.message).not.toMatch(/did not let in/)
    expect(both.camera.log.counts().authenticated).toBe(0)
    await using allowed = await pair({ switches: { auth: 'basic' } }, { allowBasicOverHttp: true })
    expect(await listed(allowed.source)).toHaveLength(12)
  })

  it.each([
    ['3.1.4', 'wrong', 'admin'],
    ['1.1.2', 'wrong', 'admin'],
    ['timelapseme', 'wrong', 'admin'],
    ['3.1.4', 'pass', 'operator'],
  ] as const)(
    'refused by %s (%s, %s) costs one authenticated request for the whole run',
    async (version, password, role) => {
      await using both = await pair({ switches: { version, role } }, { password })
      const { source, camera } = both
      const error = await failure(source.identify(call))
      expect(error).toMatchObject({ code: 'AUTHENTICATION', retryable: false, stops: 'run', httpStatus: 401 })
      expect(error.message).toContain(camera.host)
      expect(error.message).toContain('"root"')
      expect(error.message).toContain('administrator account is needed')
      expect(error.message).not.toContain('wrong')
      await failure(source.identify(call))
      await failure(listed(source))
      expect(camera.log.entries.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1)
    },
  )
})
