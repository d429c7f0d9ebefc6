import { describe, expect, it } from 'vitest'
import { originOf } from '../../src/client/classic/log-in.ts'
import { toRecordings } from '../../src/client/classic/pieces.ts'
import { readOptions } from '../../src/options.ts'
import { readDeviceRow } from '../../src/wire/classic/device-row.ts'
import { distinct, readInterval } from '../../src/wire/classic/interval.ts'
import { readCookies, readToken, readUser } from '../../src/wire/classic/login.ts'
import { fromTimestamp, toTimestamp } from '../../src/wire/classic/timestamp.ts'
import { readWorker } from '../../src/wire/classic/worker.ts'
import { readRecordingId, recordingId } from '../../src/wire/recording-id.ts'
import { trusts, vendorDomains } from '../../src/wire/trusted.ts'

const start = Date.UTC(2026, 1, 9, 7, 30, 0, 137)

describe('timestamps', () => {
  it('are UTC, with three digits at the end', () => {
    expect(toTimestamp(start)).toBe('20260209073000.137')
    expect(fromTimestamp('20260209073000.137')).toBe(start)
  })

  it.each([
    '',
    'now',
    '+300000',
    '20260209073000',
    '20260209073000.13',
    '20260230000000.000',
    '19700101000000.000',
    null,
    1,
  ])('refuses %j', (value) => expect(fromTimestamp(value)).toBeUndefined())
})

describe('intervals', () => {
  it.each<[unknown, string]>([
    [[], 'is no object'],
    [{ e: '20260209073000.137' }, 'has no usable start'],
    [{ s: '20260209073000.137', e: 'now' }, 'has no usable end'],
    [{ s: '20260209073000.137', e: '20260209072959.000' }, 'ends before it begins'],
  ])('%j %s', (value, why) => expect(readInterval(value)).toBe(why))

  it('come once, in order, the longer of two that begin together', () => {
    const [a, b, c] = [start, start + 60_000, start + 120_000] as const
    const noisy = [
      { start: c, end: c + 1 },
      { start: a, end: a + 5 },
      { start: a, end: a + 9 },
      { start: a, end: a + 7 },
      { start: b, end: b },
    ]
    expect(distinct(noisy)).toEqual([
      { start: a, end: a + 9 },
      { start: c, end: c + 1 },
    ])
  })
})

describe('ids', () => {
  it.each<[{ start: number; offsetMs?: number }, string]>([
    [{ start }, 'main/2026-02-09T07:30:00.137Z'],
    [{ start, offsetMs: 300_000 }, 'main/2026-02-09T07:30:00.137Z+300000'],
  ])('%o is %s', (place, id) => {
    expect(recordingId(place)).toBe(id)
    expect(readRecordingId(id)).toEqual(place)
  })

  it.each([
    '',
    'main/now',
    'preview/2026-02-09T07:30:00.137Z',
    'main/2026-02-31T07:30:00.137Z0',
    'main/2026-02-09T07:30:00.137Z+',
  ])('refuses %j', (id) => expect(readRecordingId(id)).toBeUndefined())
})

describe('pieces', () => {
  const cutting = { cameraId: 'a', format: 'flv', pieceMs: 300_000, settledUntil: start + 700_000 } as const
  const cut = (end: number) => toRecordings({ start, end: start + end }, cutting)

  it('keep their ids while an interval grows', () => {
    const before = cut(310_000)
    const after = cut(650_000)
    expect(before.map(({ id }) => id)).toEqual([recordingId({ start }), recordingId({ start, offsetMs: 300_000 })])
    expect(after.map(({ id }) => id)).toEqual([
      ...before.map(({ id }) => id),
      recordingId({ start, offsetMs: 600_000 }),
    ])
    expect(after[0]).toEqual(before[0])
    expect(after.map(({ window }) => window?.end)).toEqual([start + 300_000, start + 600_000, start + 650_000])
  })

  it('are one where the interval is exactly as long', () => expect(cut(300_000)).toHaveLength(1))

  it('are settled one by one', () => {
    expect(cut(900_000).map(({ settled }) => settled)).toEqual([undefined, undefined, false])
  })

  it.each([
    [900, 1000],
    [4000, 2000],
    [60_000, 10_000],
  ])('of %d ms may be %d ms short', (length, toleranceMs) => {
    expect(cut(length)[0]?.expect).toEqual({ durationMs: length, toleranceMs })
  })
})

describe('device rows', () => {
  const row = (...more: unknown[]) => [
    ...['00032123', '100a1000', 'Dock', 'camera', [['100b1000', 'ATTD']], 'ATTD', 'swr', [], 'guid', 'SN'],
    ...[0x1a0000 | 0x40000, 'America/Chicago', -21_600, 0, '*10.0.0.1', 1, 'Other', false, '', '', []],
    ...['', '', 0, [], 0, []],
    ...more,
  ]

  it.each([[[]], [['20190503182953.000']], [[{ state: 'attached' }, 0]], [[1, 2, 3, 4]]])(
    'are read by their places, with %j behind them',
    (more) => {
      expect(readDeviceRow(row(...more), 0)).toEqual({
        ...{
          id: '100a1000',
          name: 'Dock',
          service: 'ATTD',
          state: 'online',
          timeZone: 'America/Chicago',
          shared: true,
        },
      })
    },
  )

  it('leave out bridges', () => {
    expect(readDeviceRow(['00032123', '100b1000', 'Bridge', 'bridge', ...Array(23).fill('')], 0)).toBeUndefined()
  })

  it('take what is missing as unknown', () => {
    expect(readDeviceRow(['', '100a1000', '', 'camera', ...Array(23).fill('')], 0)).toEqual({
      ...{ id: '100a1000', name: '', state: 'unknown', shared: false },
    })
    expect(readDeviceRow(['', '100a1000', 'a\u0000b\nc', 'mca_camera'], 0)).toMatchObject({ name: 'a b c' })
  })

  it.each<[unknown, string]>([
    [{ id: 'x' }, 'is no list of fields'],
    [['a', 'b'], 'ends before it says what it is'],
    [['', '', 'Dock', 'camera'], 'has no usable id'],
    [['', '../x', 'Dock', 'camera'], 'has no usable id'],
    [['', 12, 'Dock', 'camera'], 'has no usable id'],
  ])('%j %s', (value, problem) => expect(readDeviceRow(value, 3)).toEqual({ position: 3, problem }))
})

describe('logins', () => {
  it.each<[string | undefined, object]>([
    [undefined, {}],
    ['auth_key=c001~0123456789; Path=/; HttpOnly', { session: { name: 'auth_key', value: 'c001~0123456789' } }],
    ['videobank_sessionid=c001~0123456789', { session: { name: 'videobank_sessionid', value: 'c001~0123456789' } }],
    [
      'x=y; Expires=Mon, 09 Feb 2026 00:00:00 GMT, videobank_sessionid=c001~old56789, auth_key="c001~new56789"; Path=/, tfa_key=0123456789; Secure',
      { session: { name: 'auth_key', value: 'c001~new56789' }, tfaKey: '0123456789' },
    ],
    ['my_auth_key=c001~0123456789, auth_key=short, auth_key=', {}],
  ])('%j', (header, found) => expect(readCookies(header)).toEqual(found))

  it('have a token, and may want a second factor', () => {
    expect(readToken({ token: 'a' })).toEqual({ token: 'a', secondFactor: false })
    expect(readToken({ token: 'a', two_factor_authentication_code: { sms: 'x' } })).toMatchObject({
      secondFactor: true,
    })
    for (const wrong of [undefined, [], {}, { token: 5 }, { token: '' }]) expect(readToken(wrong)).toBeUndefined()
  })

  const settings = readOptions({ api: 'classic', classic: { username: 'a', password: 'b' } })
  const hostOf = (subdomain: unknown, hosts: Partial<typeof settings.hosts> = {}, trusted = settings.trusted) =>
    originOf(
      { ...settings, trusted, classic: settings.classic!, hosts: { ...settings.hosts, ...hosts } },
      readUser({ active_account_id: '1', active_brand_subdomain: subdomain })!,
    )

  it('go to the host of the account', () => {
    expect(hostOf('c001')).toBe('https://c001.eagleeyenetworks.com')
    expect(hostOf('c001', { branded: 'https://a.example.com' })).toBe('https://a.example.com')
  })

  it.each([
    ...['evil.com/', 'evil.com#', 'evil.com?', 'a@evil.com:443/', 'evil.com\\', '//evil.com', '', '-', 'a.b', 'c001\n'],
    ...['localhost:80', '..', 'ｅvil', 5, null, ['c001'], 'a'.repeat(64)],
  ])('stay where they are for the subdomain %j', (subdomain) => {
    expect(hostOf(subdomain)).toBe('https://login.eagleeyenetworks.com')
  })

  it('go nowhere else where the login is elsewhere, or the host is not trusted', () => {
    expect(hostOf('c001', { classic: 'http://127.0.0.1:8080' })).toBe('http://127.0.0.1:8080')
    expect(hostOf('c001', {}, [])).toBe('https://login.eagleeyenetworks.com')
  })
})

it.each<[string, boolean]>([
  ['https://c001.eagleeyenetworks.com/a', true],
  ['https://media.c001.eagleeyenetworks.com', true],
  ['https://a.een.cloud', true],
  ['http://c001.eagleeyenetworks.com', false],
  ['https://c001.eagleeyenetworks.com:8443', false],
  ['https://eagleeyenetworks.com.evil.com', false],
  ['https://evileagleeyenetworks.com', false],
  ['https://c001.eagleeyenetworks.com@evil.com', false],
  ['nonsense', false],
])('%s is trusted: %s', (address, is) => expect(trusts(vendorDomains, address)).toBe(is))

it.each<[string, object]>([
  ['{"id":"x"}', {}],
  ['nonsense', {}],
  ['{"data":{"meta":{"x-een-svc-renderer-transcode-complete-ratio":"0.25"},"error":null}}', { progress: 0.25 }],
  [
    '{"data":{"meta":{"x-een-svc-renderer-transcode-complete-ratio":"7"},"error":"No key frame"}}',
    { error: 'No key frame' },
  ],
])('%s says %o', (text, worker) => expect(readWorker(text)).toEqual(worker))
