import { describe, expect, it } from 'vitest'
import { type EagleEyeOptions, eagleEye } from '../src/index.ts'
import { readOptions } from '../src/options.ts'
import { memoryStore } from './classic/pretend.ts'

const account = { username: 'archivist@example.com', password: 'hunter22' }
const classic = { api: 'classic', classic: account } as const
const sessions = memoryStore()
const v3 = { v3: { clientId: 'client' }, sessions }

describe('the classic interface', () => {
  it('has defaults', () => {
    expect(readOptions(classic)).toMatchObject({
      api: 'classic',
      classic: { ...account, apiKeyHeader: 'Authentication', unattached: false },
      format: 'flv',
      settleMs: 300_000,
      lookBackMs: 28_800_000,
      pieceMs: 300_000,
      hosts: {
        classic: 'https://login.eagleeyenetworks.com',
        auth: 'https://auth.eagleeyenetworks.com',
        api: 'https://api.eagleeyenetworks.com',
      },
      trusted: ['https://*.eagleeyenetworks.com', 'https://*.een.cloud'],
      timeouts: { connectMs: 20_000, tlsMs: 20_000, firstByteMs: 200_000, idleMs: 60_000 },
    })
  })

  it('takes what is given', () => {
    const settings = readOptions({
      ...{ api: 'classic', sessions, format: 'mp4', settleMs: 0, lookBackMs: 0, pieceMs: 60_000 },
      classic: { ...account, apiKey: 'key', apiKeyHeader: 'Authentication:', tfaKey: 'trusted', unattached: true },
      hosts: { classic: 'HTTP://127.0.0.1:80/', branded: 'http://127.0.0.1:81', trusted: ['https://*.example.com'] },
      timeouts: { firstByteMs: 5, idleMs: undefined as never },
    })
    expect(settings).toMatchObject({
      ...{ sessions, format: 'mp4', settleMs: 0, lookBackMs: 0, pieceMs: 60_000 },
      classic: { apiKey: 'key', apiKeyHeader: 'Authentication:', tfaKey: 'trusted', unattached: true },
      hosts: { classic: 'http://127.0.0.1', branded: 'http://127.0.0.1:81' },
      trusted: ['https://*.example.com'],
      timeouts: { firstByteMs: 5, idleMs: 60_000 },
    })
    expect(settings).not.toHaveProperty('v3')
  })
})

describe('v3', () => {
  it('serves nothing but MP4', () => {
    expect(readOptions({ ...v3, format: 'mp4' })).toMatchObject({ format: 'mp4' })
    const { message, name } = refusal({ ...v3, format: 'flv' })
    expect([name, message]).toEqual([
      'RangeError',
      'The option format must be mp4 for api v3, which serves nothing else; received "flv".',
    ])
    expect(refusal({ ...v3, format: 'avi' } as never).message).toContain('must be one of flv, mp4; received "avi"')
  })

  it('is the default, in MP4', () => {
    const settings = readOptions(v3)
    expect(settings).toMatchObject({ api: 'v3', v3: { clientId: 'client' }, format: 'mp4' })
    expect(settings).not.toHaveProperty('classic')
  })

  it.each<[Record<string, unknown>, string]>([
    [{ sessions: undefined }, 'option sessions is needed for api v3'],
    [{ v3: undefined }, 'option v3 must be an object'],
    [{ v3: {} }, 'option v3.clientId must be a string'],
  ])('refuses %o', (given, said) => {
    const { message, name } = refusal({ ...v3, ...given } as never)
    expect([name, message]).toEqual(['TypeError', expect.stringContaining(said)])
  })
})

it.each<[Record<string, unknown>, unknown, string]>([
  [{ api: 'v2' }, RangeError, 'option api must be one of v3, classic; received "v2"'],
  [{ classic: undefined }, TypeError, 'option classic must be an object; received undefined'],
  [{ classic: { ...account, username: '' } }, RangeError, 'option classic.username must not be empty'],
  [{ classic: { ...account, password: undefined } }, TypeError, 'option classic.password'],
  [{ classic: { ...account, password: '' } }, RangeError, 'option classic.password'],
  [{ classic: { ...account, apiKey: 'hunter22\r\nA: b' } }, RangeError, 'option classic.apiKey must be printable'],
  [{ classic: { ...account, apiKeyHeader: 'Bearer' } }, RangeError, 'option classic.apiKeyHeader must be one of'],
  [{ classic: { ...account, tfaKey: 'hunter22; b=c' } }, RangeError, 'option classic.tfaKey'],
  [{ classic: { ...account, unattached: 'yes' } }, TypeError, 'option classic.unattached'],
  [{ format: 'avi' }, RangeError, 'option format must be one of flv, mp4; received "avi"'],
  [{ settleMs: -1 }, RangeError, 'option settleMs must be a whole number 0 or more; received -1'],
  [{ lookBackMs: 0.5 }, RangeError, 'option lookBackMs'],
  [{ pieceMs: 9999 }, RangeError, 'option pieceMs must be a whole number from 10000 to'],
  [{ sessions: { load() {} } }, TypeError, 'option sessions must have the function save'],
  [{ hosts: 'login' }, TypeError, 'option hosts must be an object'],
  [
    { hosts: { classic: 'login.example.com' } },
    RangeError,
    'option hosts.classic must be an https:// or http:// origin',
  ],
  [{ hosts: { auth: 'ftp://a' } }, RangeError, 'received "ftp://a"'],
  [{ hosts: { api: 'https://a/b' } }, RangeError, 'option hosts.api'],
  [{ hosts: { branded: 'https://root:hunter22@a' } }, RangeError, 'received "https://***@a"'],
  [{ hosts: { trusted: 'https://a' } }, TypeError, 'option hosts.trusted must be an array'],
  [{ hosts: { trusted: ['*.example.com'] } }, RangeError, 'option hosts.trusted'],
  [{ tls: 'insecure' }, TypeError, 'option tls'],
  [{ timeouts: { idleMs: 0 } }, RangeError, 'option timeouts.idleMs must be above 0; received 0'],
  [{ retry: { retries: -1 } }, RangeError, 'option retry.retries must be 0 or more; received -1'],
  [{ clock: {} }, TypeError, 'option clock must have the function now'],
])('refuses %o', (given, kind, said) => {
  const refused = refusal({ ...classic, ...given } as never)
  expect(refused).toBeInstanceOf(kind)
  expect(refused.message).toContain(said)
  expect(refused.message).not.toContain('hunter22')
})

it('wants an object', () => {
  expect(() => readOptions(undefined as never)).toThrow(TypeError)
})

it('contacts nothing when a source is made and ends', async () => {
  await using source = eagleEye({ ...classic, hosts: { classic: 'http://127.0.0.1:1' } })
  expect(source.vendor).toBe('eagleeye')
})

function refusal(options: EagleEyeOptions): Error {
  try {
    readOptions(options)
  } catch (error) {
    return error as Error
  }
  throw new Error('The options were accepted.')
}
