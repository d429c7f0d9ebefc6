import { describe, expect, it } from 'vitest'
import { type AxisTimelapse2Options, readOptions } from '../src/options.ts'

describe('host', () => {
  it.each([
    ['192.168.0.90', 'http://192.168.0.90', '192.168.0.90'],
    ['camera.local:8080', 'http://camera.local:8080', 'camera.local:8080'],
    [' camera ', 'http://camera', 'camera'],
    ['localhost:80', 'http://localhost', 'localhost'],
    ['[fe80::1]', 'http://[fe80::1]', '[fe80::1]'],
    ['[::1]:8443', 'http://[::1]:8443', '[::1]:8443'],
    ['https://camera/', 'https://camera', 'camera'],
    ['HTTPS://Camera:8443', 'https://camera:8443', 'camera:8443'],
  ])('%s', (host, origin, address) => {
    expect(readOptions({ host })).toMatchObject({ origin, address })
  })

  it.each([
    ['', RangeError, '""'],
    ['ftp://camera', RangeError, 'ftp://camera'],
    ['http://', RangeError, 'http://'],
    ['camera/local', RangeError, 'without a path'],
    ['http://camera/?a=b', RangeError, 'without a path'],
    ['camera#x', RangeError, 'without a path'],
    ['::1', RangeError, '[::1]'],
    ['camera:99999', RangeError, 'camera:99999'],
    ['two words', RangeError, 'two words'],
    [undefined, TypeError, 'undefined'],
    [42, TypeError, 'number'],
  ])('refuses %j', (host, kind, said) => {
    const refused = refusal({ host } as never)
    expect(refused).toBeInstanceOf(kind)
    expect(refused.message).toContain('option host')
    expect(refused.message).toContain(said)
  })

  it.each([
    'http://root:hunter22@camera',
    'root:hunter22@camera',
    'root:hunter22@camera:99999',
    'root:hunter22@two words',
  ])('refuses a password in the address without repeating it: %s', (host) => {
    expect(refusal({ host }).message).not.toContain('hunter22')
  })
})

describe('account', () => {
  it('takes both or none', () => {
    expect(readOptions({ host: 'c' }).credentials).toBeUndefined()
    expect(readOptions({ host: 'c', username: 'root', password: '' }).credentials).toEqual({
      username: 'root',
      password: '',
    })
  })

  it.each<[Partial<AxisTimelapse2Options>, string]>([
    [{ username: 'root' }, 'option password'],
    [{ password: 'hunter22' }, 'option username'],
    [{ username: '', password: 'hunter22' }, 'option username'],
    [{ username: 'root', password: 12345678 as never }, 'option password'],
  ])('%o', (given, named) => {
    const { message } = refusal({ host: 'c', ...given })
    expect(message).toContain(named)
    expect(message).not.toMatch(/hunter22|12345678/)
  })
})

describe('the rest', () => {
  it('waits two minutes for the first byte unless told otherwise', () => {
    expect(readOptions({ host: 'c' }).timeouts).toEqual({ firstByteMs: 120_000, idleMs: 30_000 })
    expect(readOptions({ host: 'c', timeouts: { firstByteMs: 5, connectMs: 7 } }).timeouts).toEqual({
      firstByteMs: 5,
      connectMs: 7,
      idleMs: 30_000,
    })
  })

  it.each<[Record<string, unknown>, unknown, string]>([
    [{ app: 'timelapse3' }, RangeError, 'option app'],
    [{ allowBasicOverHttp: 'yes' }, TypeError, 'option allowBasicOverHttp'],
    [{ timeouts: { idleMs: 0 } }, RangeError, 'option timeouts.idleMs must be above 0; received 0'],
    [{ timeouts: { firstByteMs: '60' } }, TypeError, 'option timeouts.firstByteMs'],
    [{ retry: { retries: -1 } }, RangeError, 'option retry.retries must be 0 or more; received -1'],
    [{ retry: { delayMs: Number.NaN } }, RangeError, 'received NaN'],
  ])('%o', (given, kind, said) => {
    const refused = refusal({ host: 'c', ...given })
    expect(refused).toBeInstanceOf(kind)
    expect(refused.message).toContain(said)
  })

  it.each([
    'http://root:ses/ame@camera',
    'root:ses/ame@camera',
    'http://root:ses@ame@camera',
    'https://root:ses\name@camera',
  ])('keeps the password of %j to itself', (host) => {
    const { message } = refusal({ host })
    expect(message).not.toMatch(/root|ses|ame@/)
    expect(message).toContain('***@camera')
  })

  it('wants an object', () => {
    expect(() => readOptions(undefined as never)).toThrow(TypeError)
  })
})

function refusal(options: AxisTimelapse2Options): Error {
  try {
    readOptions(options)
  } catch (error) {
    return error as Error
  }
  throw new Error('The options were accepted.')
}
