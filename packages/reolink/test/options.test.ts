import { describe, expect, it } from 'vitest'
import { type ReolinkOptions, readOptions } from '../src/options.ts'

const account = { username: 'admin', password: 'p4ss-secret' }
const read = (options: Partial<ReolinkOptions>) => readOptions({ host: 'cam.local', ...account, ...options })

describe('options', () => {
  it('have defaults', () => {
    expect(read({})).toMatchObject({
      ...{ origin: 'http://cam.local', mayUpgrade: true, address: 'cam.local', login: 'auto', stream: 'main' },
      ...{ settleMs: 60_000, identicalPictures: 3, timeouts: { connectMs: 10_000, firstByteMs: 30_000 } },
    })
    expect(read({})).not.toHaveProperty('tls')
  })

  it.each([
    ['cam.local:8080', 'http://cam.local:8080', true],
    ['192.0.2.1', 'http://192.0.2.1', true],
    ['[2001:db8::1]:81', 'http://[2001:db8::1]:81', true],
    ['http://cam.local/', 'http://cam.local', false],
    ['https://cam.local', 'https://cam.local', false],
  ])('take %s', (host, origin, mayUpgrade) => {
    expect(read({ host })).toMatchObject({ origin, mayUpgrade })
  })

  it('mean https where whom to trust is told', () => {
    expect(read({ tls: { insecure: true } })).toMatchObject({ origin: 'https://cam.local', mayUpgrade: false })
    expect(read({ legacyTls: true })).toMatchObject({ origin: 'https://cam.local', tls: { legacy: true } })
    expect(read({ host: 'http://cam.local', tls: { insecure: true } }).origin).toBe('http://cam.local')
  })

  it.each([
    [{ host: '' }, /host/],
    [{ host: 'ftp://cam' }, /host/],
    [{ host: 'http://admin:p4ss-secret@cam' }, /options of their own/],
    [{ host: 'cam/path' }, /without a path/],
    [{ host: '2001:db8::1' }, /brackets/],
    [{ host: 7 as never }, /host must be a string/],
    [{ username: '' }, /username/],
    [{ password: 3 as never }, /password/],
    [{ login: 'basic' as never }, /login must be one of/],
    [{ timeZone: 'Mars/Olympus' }, /timeZone must be an IANA time zone.*Mars/],
    [{ stream: 'ext' as never }, /stream/],
    [{ triggers: [] }, /triggers must name at least one/],
    [{ triggers: ['ghost' as never] }, /triggers must be one of/],
    [{ identicalPictures: 0 }, /identicalPictures/],
    [{ identicalPictures: 'never' as never }, /number or 'allowed'; received "never"/],
    [{ pictureSize: { width: 0, height: 5 } }, /pictureSize.width/],
    [{ pictureSize: { width: 5 } as never }, /pictureSize.height/],
    [{ path: '/x' as never }, /path/],
    [{ legacyTls: 1 as never }, /legacyTls/],
    [{ settleMs: -1 }, /settleMs/],
    [{ timeouts: { idleMs: 0 } }, /timeouts.idleMs/],
    [{ clock: {} as never }, /clock/],
  ] as const)('refuse %j', (options, words) => {
    let error: unknown
    try {
      read(options)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toMatch(words)
    expect(String(error)).not.toContain('p4ss-secret')
  })

  it('are an object', () => {
    expect(() => readOptions('cam.local' as never)).toThrow(TypeError)
  })
})
