import { describe, expect, it } from 'vitest'
import { errorForApi } from '../../src/failures/v3.ts'
import { authorizeUrl } from '../../src/session/v3-oauth.ts'
import { loadTokens } from '../../src/session/v3-stored.ts'
import { originOf } from '../../src/session/v3-trust.ts'
import { readBaseUrl } from '../../src/wire/v3/base-url.ts'
import { readInterval } from '../../src/wire/v3/interval.ts'
import { readDownload, readJob } from '../../src/wire/v3/job.ts'
import { readTimestamp, timestamp } from '../../src/wire/v3/time.ts'
import { readTokenReply } from '../../src/wire/v3/token.ts'
import { hurriedClock, sharedStore } from './pretend-cloud.ts'

const noon = Date.UTC(2026, 1, 9, 12)

describe('timestamps', () => {
  it('are written with an offset and read with either', () => {
    expect(timestamp(noon)).toBe('2026-02-09T12:00:00.000+00:00')
    for (const text of ['2026-02-09T12:00:00Z', '2026-02-09T06:00:00.000-06:00', timestamp(noon)])
      expect(readTimestamp(text)).toBe(noon)
    for (const text of ['2026-02-09', '2026-02-30T25:00:00Z', '1970-01-01T00:00:00Z', '', 12, null])
      expect(readTimestamp(text)).toBeUndefined()
  })
})

describe('an interval', () => {
  const good = { deviceId: 'c1', type: 'main', startTimestamp: timestamp(noon), endTimestamp: timestamp(noon + 1000) }

  it('is read with its address or without', () => {
    expect(readInterval({ ...good, mp4Url: 'https://x' }, 'c1')).toEqual({
      start: noon,
      end: noon + 1000,
      mp4Url: 'https://x',
    })
    for (const mp4Url of [null, '', 7, undefined])
      expect(readInterval({ ...good, mp4Url }, 'c1')).toMatchObject({ mp4Url: null })
  })

  it.each([
    ['another camera', { deviceId: 'c2' }],
    ['another stream', { type: 'preview' }],
    ['no readable start and end', { endTimestamp: 'soon' }],
    ['ends before', { endTimestamp: timestamp(noon - 1) }],
  ])('is refused: %s', (problem, change) => {
    expect(readInterval({ ...good, ...change }, 'c1')).toEqual({ problem: expect.stringContaining(problem) })
  })
})

describe('hosts', () => {
  const hosts = { auth: 'https://auth.eagleeyenetworks.com', api: 'https://api.eagleeyenetworks.com' }
  const trusted = ['https://*.eagleeyenetworks.com', 'https://*.een.cloud']
  const base = (hostname: unknown, port: unknown = 443) => readBaseUrl({ httpsBaseUrl: { hostname, port } })

  it.each([
    ['api.c001.eagleeyenetworks.com', 443],
    ['api.c001.een.cloud', 443],
  ])('%s may see the token', (hostname, port) => {
    expect(originOf(base(hostname, port)!, { hosts, trusted })).toBe(`https://${hostname}`)
  })

  it.each([
    ['evil.example', 443],
    ['eagleeyenetworks.com.evil.example', 443],
    ['fakeeagleeyenetworks.com', 443],
    ['een.cloud', 443],
    ['api.c001.eagleeyenetworks.com', 8443],
  ])('%s:%i may not', (hostname, port) => {
    expect(() => originOf(base(hostname, port)!, { hosts, trusted })).toThrow(/declared as trusted/)
  })

  it('are names, and nothing that changes an address', () => {
    for (const hostname of ['a/b', 'a@b', 'a:1', 'a?b', '', ' a', 7, null, 'a\\b'])
      expect(base(hostname)).toBeUndefined()
    for (const port of [0, 65_536, 1.5, '443']) expect(base('a.een.cloud', port)).toBeUndefined()
  })
})

describe('tokens', () => {
  it('are only believed when they can stand in a header', () => {
    expect(readTokenReply({ access_token: 'a'.repeat(20), expires_in: 60 })).toMatchObject({ lastsMs: 60_000 })
    for (const access_token of ['short', 'with space in it', 'line\r\nbreak-in-it', 7, undefined])
      expect(readTokenReply({ access_token })).toBeUndefined()
    for (const expires_in of [-1, 'x', null, 1e300])
      expect(readTokenReply({ access_token: 'a'.repeat(20), expires_in })!.lastsMs).toBeLessThanOrEqual(90 * 86_400_000)
  })

  it('that somebody else wrote are none', async () => {
    const store = sharedStore()
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      '{"accessToken":"aaaaaaaaaaaa"}',
      '{"accessToken":"a b","receivedAt":1}',
    ]) {
      store.values.set('key', text)
      expect(await loadTokens(store, 'key')).toBeUndefined()
    }
  })

  it('are asked for with a redirect address that is not encoded', () => {
    expect(authorizeUrl({ clientId: 'a b', redirectUri: 'http://127.0.0.1:3333' })).toBe(
      'https://auth.eagleeyenetworks.com/oauth2/authorize?scope=vms.all&client_id=a%20b&response_type=code&redirect_uri=http://127.0.0.1:3333',
    )
  })
})

describe('a job', () => {
  const file = { url: 'https://api.c001.eagleeyenetworks.com/api/v3.0/downloads/f-1', size: 3 }

  it('is read in both shapes', () => {
    expect(readJob({ state: 'success', result: { files: [file] } })).toEqual({
      state: 'done',
      files: ['f-1'],
      problems: [],
    })
    const intervals = [{ state: 'success', error: null, files: [{ url: `${file.url}:download?x=1` }, file] }]
    expect(readJob({ state: 'success', result: { intervals } })).toMatchObject({ files: ['f-1'], problems: [] })
  })

  it.each([
    [{ result: { intervals: [{ state: 'failure', files: [file] }] } }, 'failure'],
    [{ result: { intervals: [{ state: 'success', error: { message: 'half of it' }, files: [file] }] } }, 'half of it'],
    [{ result: { files: [file] }, detailedState: { intervals: { missingIntervals: [{}] } } }, 'missing'],
    [{ result: { files: [{ url: 'x/..' }] } }, 'cannot be asked for'],
  ])('that succeeded has a problem where it says so: %j', (reply, problem) => {
    expect(readJob({ state: 'success', ...reply })).toMatchObject({ problems: [expect.stringContaining(problem)] })
  })

  it('of a state nobody knows is none', () => {
    for (const state of ['done', '', undefined, 7]) expect(readJob({ state })).toBeUndefined()
    expect(readJob({ state: 'started', progress: 7 })).toEqual({ state: 'waiting', progress: 0 })
  })

  it('has a digest in hex or base64', () => {
    const hex = '9e107d9d372bb6826bd81d3542a419d6'
    const checksum = { algorithm: 'md5', hex }
    expect(readDownload({ md5: hex.toUpperCase(), size: 43, status: 'available' })).toEqual({
      available: true,
      bytes: 43,
      checksum,
    })
    expect(readDownload({ md5: Buffer.from(hex, 'hex').toString('base64') })).toMatchObject({ checksum })
    expect(readDownload({ md5: 'none', size: -1, status: 'expired' })).toEqual({ available: false })
  })
})

describe('an error', () => {
  const clock = hurriedClock()
  const of = (status: number, reason?: string, headers = {}) =>
    errorForApi(
      { what: 'GET /x', status, headers, clock, redact: (text) => text.replaceAll('secret', '***') },
      JSON.stringify({
        code: status,
        message: 'in secret words',
        details: reason ? [{ type: 'errorInfo', reason }] : [],
      }),
    )

  it.each([
    [404, 'outOfRetention', 'EXPIRED', false],
    [404, 'purged', 'EXPIRED', false],
    [410, undefined, 'EXPIRED', false],
    [404, undefined, 'NOT_FOUND', false],
    [503, 'deviceUnavailable', 'SERVER', true],
    [400, 'serviceUnavailable', 'SERVER', true],
    [400, 'tooManyRequests', 'RATE_LIMITED', true],
    [429, undefined, 'RATE_LIMITED', true],
    [409, 'resourceLocked', 'BUSY', true],
    [403, 'quotaExceeded', 'QUOTA', false],
    [400, 'wrongEdition', 'PERMISSION', false],
    [403, undefined, 'PERMISSION', false],
    [401, 'userBlocked', 'AUTHENTICATION', false],
    [418, 'teapot', 'REQUEST', false],
    [500, 'internalError', 'SERVER', true],
    [302, undefined, 'PROTOCOL', false],
  ] as const)('%i %s is %s', (status, reason, code, retryable) => {
    const error = of(status, reason)
    expect(error).toMatchObject({ code, retryable, httpStatus: status, vendor: 'eagleeye' })
    if (reason) expect([error.vendorCode, error.message]).toEqual([reason, expect.stringContaining(reason)])
    expect(error.message).toContain('in *** words')
  })

  it('has the wait that was asked for', () => {
    expect(of(429, undefined, { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7000 })
    expect(of(503, 'deviceUnavailable', { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7000 })
  })
})
