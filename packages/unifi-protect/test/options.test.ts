import { describe, expect, it } from 'vitest'
import { readOptions, type UnifiProtectOptions } from '../src/options.ts'
import { memoryStore } from './scripted-console.ts'

const account = { username: 'archivist', password: 'hunter22' }

describe('address', () => {
  it.each([
    ['192.168.1.1', undefined, ['https://192.168.1.1', 'https://192.168.1.1:7443'], '192.168.1.1'],
    [' Unifi ', undefined, ['https://unifi', 'https://unifi:7443'], 'Unifi'],
    ['unifi:7443', undefined, ['https://unifi:7443'], 'unifi:7443'],
    ['unifi:443', undefined, ['https://unifi'], 'unifi:443'],
    ['unifi', 443, ['https://unifi'], 'unifi:443'],
    ['unifi', 8443, ['https://unifi:8443'], 'unifi:8443'],
    ['unifi:8443', 8443, ['https://unifi:8443'], 'unifi:8443'],
    ['https://unifi/', undefined, ['https://unifi', 'https://unifi:7443'], 'https://unifi'],
    ['HTTPS://Unifi:444', undefined, ['https://unifi:444'], 'HTTPS://Unifi:444'],
    ['[fe80::1]', undefined, ['https://[fe80::1]', 'https://[fe80::1]:7443'], '[fe80::1]'],
    ['[::1]:9443', undefined, ['https://[::1]:9443'], '[::1]:9443'],
  ])('%j with port %j', (given, port, origins, address) => {
    expect(readOptions({ address: given, port, ...account })).toMatchObject({ origins, address })
  })

  it.each([
    ['', RangeError, '""'],
    ['http://unifi', RangeError, 'http://unifi'],
    ['ftp://unifi', RangeError, 'ftp://unifi'],
    ['unifi/protect', RangeError, 'without a path'],
    ['https://unifi/?a=b', RangeError, 'without a path'],
    ['unifi#x', RangeError, 'without a path'],
    ['::1', RangeError, '[::1]'],
    ['unifi:99999', RangeError, 'unifi:99999'],
    ['two words', RangeError, 'two words'],
    [undefined, TypeError, 'undefined'],
    [42, TypeError, 'number'],
  ])('refuses %j', (address, kind, said) => {
    const refused = refusal({ address } as never)
    expect(refused).toBeInstanceOf(kind)
    expect(refused.message).toContain('option address')
    expect(refused.message).toContain(said)
  })

  it('refuses two ports that differ', () => {
    expect(refusal({ address: 'unifi:443', port: 7443 }).message).toMatch(/option port is 7443.*"unifi:443"/)
  })

  it.each(['https://root:ses/ame@unifi', 'root:sesame@unifi', 'https://root:ses@ame@unifi', 'root:sesame@unifi:99999'])(
    'keeps the password of %j to itself',
    (address) => {
      const { message } = refusal({ address })
      expect(message).not.toMatch(/root|ses|ame@/)
      expect(message).toContain('***@unifi')
    },
  )
})

describe('account', () => {
  it.each<[Record<string, unknown>, unknown, string]>([
    [{ username: undefined }, TypeError, 'option username'],
    [{ username: '' }, RangeError, 'option username'],
    [{ password: undefined }, TypeError, 'option password'],
    [{ password: '' }, RangeError, 'option password'],
    [{ password: 12345678 }, TypeError, 'option password'],
    [{ otp: 123456 }, TypeError, 'option otp'],
    [{ otp: '12345' }, RangeError, 'received a string of 5 characters'],
  ])('%o', (given, kind, said) => {
    const refused = refusal({ ...given } as never)
    expect(refused).toBeInstanceOf(kind)
    expect(refused.message).toContain(said)
    expect(refused.message).not.toMatch(/hunter22|12345/)
  })
})

describe('the rest', () => {
  it('has defaults', () => {
    expect(readOptions({ address: 'c', ...account })).toMatchObject({
      footage: 'continuous',
      channel: 0,
      segmentMs: 3_600_000,
      settleMs: 120_000,
      events: { smartTypes: [], paddingMs: 5000 },
      speed: 60,
      exports: 1,
      pauseBetweenMs: 0,
      renew: {},
      timeouts: { connectMs: 10_000, tlsMs: 10_000, firstByteMs: 180_000, idleMs: 60_000 },
    })
    expect(readOptions({ address: 'c', ...account }).events.types).toEqual(
      expect.arrayContaining(['motion', 'ring', 'smartDetectZone', 'smartAudioDetect']),
    )
  })

  it('takes what is given', () => {
    const sessions = memoryStore()
    const settings = readOptions({
      ...{ address: 'c', ...account, otp: '012345', sessions, at: 5, exports: 4, segmentMs: 60_000 },
      events: { types: ['ring', 'ring', 'motion'], smartTypes: ['person'], paddingMs: 0 },
      renew: { accessKeyAfter: 3 },
      timeouts: { firstByteMs: 5, idleMs: undefined as never },
    })
    expect(settings).toMatchObject({
      ...{ otp: '012345', sessions, at: 5, exports: 4, segmentMs: 60_000 },
      renew: { accessKeyAfter: 3 },
      timeouts: { firstByteMs: 5, idleMs: 60_000 },
    })
    expect(settings.events).toEqual({ types: ['ring', 'motion'], smartTypes: ['person'], paddingMs: 0 })
  })

  it.each<[Record<string, unknown>, unknown, string]>([
    [{ port: 0 }, RangeError, 'option port must be a whole number from 1 to 65535; received 0'],
    [{ port: '443' }, TypeError, 'option port'],
    [{ footage: 'everything' }, RangeError, 'option footage must be one of continuous,'],
    [{ channel: 4 }, RangeError, 'option channel must be one of 0, 1, 2, 3; received 4'],
    [{ channel: '0' }, RangeError, 'received "0"'],
    [{ segmentMs: 3_600_001 }, RangeError, 'option segmentMs must be a whole number from 60000 to 3600000'],
    [{ segmentMs: 59_999 }, RangeError, 'received 59999'],
    [{ settleMs: -1 }, RangeError, 'option settleMs'],
    [{ events: { types: [] } }, RangeError, 'option events.types must name at least one'],
    [{ events: { types: 'motion' } }, TypeError, 'option events.types'],
    [{ events: { types: ['motion', ''] } }, RangeError, 'received "" in it'],
    [{ events: { types: ['motion', undefined] } }, RangeError, 'received undefined in it'],
    [{ events: { smartTypes: ['a&types=b'] } }, RangeError, 'option events.smartTypes'],
    [{ events: { paddingMs: Number.NaN } }, RangeError, 'option events.paddingMs'],
    [{ events: null }, TypeError, 'option events'],
    [{ speed: 61 }, RangeError, 'option speed must be one of 60, 120, 300, 600; received 61'],
    [{ at: new Date() }, TypeError, 'option at'],
    [{ exports: 5 }, RangeError, 'option exports must be a whole number from 1 to 4; received 5'],
    [{ pauseBetweenMs: Number.POSITIVE_INFINITY }, RangeError, 'option pauseBetweenMs'],
    [{ renew: { accessKeyAfter: 0 } }, RangeError, 'option renew.accessKeyAfter'],
    [{ renew: { loginAfter: 1.5 } }, RangeError, 'option renew.loginAfter'],
    [{ sessions: { load() {} } }, TypeError, 'option sessions must have the function save'],
    [{ clock: {} }, TypeError, 'option clock must have the function now'],
    [{ tls: 'insecure' }, TypeError, 'option tls'],
    [{ timeouts: { idleMs: 0 } }, RangeError, 'option timeouts.idleMs must be above 0; received 0'],
    [{ retry: { retries: -1 } }, RangeError, 'option retry.retries must be 0 or more; received -1'],
  ])('%o', (given, kind, said) => {
    const refused = refusal(given as never)
    expect(refused).toBeInstanceOf(kind)
    expect(refused.message).toContain(said)
  })

  it('wants an object', () => {
    expect(() => readOptions(undefined as never)).toThrow(TypeError)
  })
})

function refusal(options: Partial<UnifiProtectOptions>): Error {
  try {
    readOptions({ address: 'c', ...account, ...options })
  } catch (error) {
    return error as Error
  }
  throw new Error('The options were accepted.')
}
