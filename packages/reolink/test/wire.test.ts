import { isCamError } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { refused } from '../src/failures.ts'
import { notLetIn } from '../src/session/log-in.ts'
import { readChallenge } from '../src/wire/challenge.ts'
import { readDeviceTime } from '../src/wire/device-time.ts'
import { bodyOf, readAnswers } from '../src/wire/envelope.ts'
import { queryOf } from '../src/wire/query.ts'
import { readToken } from '../src/wire/token.ts'

const asked = { address: 'cam.local', username: 'admin' }

describe('the envelope', () => {
  it('holds commands as devices want them', () => {
    expect(JSON.parse(bodyOf([{ cmd: 'A' }, { cmd: 'B', action: 1, param: { channel: 2 } }]))).toEqual([
      { cmd: 'A', action: 0, param: {} },
      { cmd: 'B', action: 1, param: { channel: 2 } },
    ])
  })

  it('is judged by its error, whatever its code says', () => {
    const error = { detail: 'please login first', rspCode: -6 }
    for (const code of [0, 1]) {
      expect(readAnswers(JSON.stringify([{ cmd: 'A', code, error }]))).toEqual([
        { cmd: 'A', refusal: { code: -6, detail: 'please login first' } },
      ])
    }
    expect(readAnswers('[ { "cmd" : "A", "code" : 1 } ]')).toEqual([{ cmd: 'A', refusal: { code: 1 } }])
    expect(readAnswers('{"cmd":"A","code":0,"value":{"x":1}}')).toEqual([{ cmd: 'A', value: { x: 1 } }])
  })

  it('tells how many tries are left, in bounds', () => {
    const answer = (auth_warning_info: unknown) =>
      readAnswers(JSON.stringify([{ cmd: 'Login', code: 1, error: { auth_warning_info, rspCode: '-502' } }]))?.[0]
        ?.refusal
    expect(answer({ remain_times: 9, unlock_time: 0 })).toEqual({ code: -502, remaining: 9, unlockSeconds: 0 })
    expect(answer({ remain_times: -1, unlock_time: 1e9 })).toEqual({ code: -502, unlockSeconds: 86_400 })
    expect(answer('many')).toEqual({ code: -502 })
  })

  it.each(['', ' ', 'null', '[]', '[1]', '{"a":1}', '[{"cmd":"A"}]', '[{"cmd":"A","co', '<html>', '"x"'])(
    'is none: %s',
    (text) => {
      expect(readAnswers(text)).toBeUndefined()
    },
  )
})

describe('the table of errors', () => {
  // The vendor's numbers, and what follows for whoever asked.
  it.each([
    [-1, 'REQUEST', false],
    [-4, 'REQUEST', false],
    [-5, 'BUSY', true],
    [-6, 'BUSY', true],
    [-7, 'AUTHENTICATION', false],
    [-8, 'SERVER', true],
    [-9, 'UNAVAILABLE', false],
    [-12, 'SERVER', true],
    [-13, 'SERVER', true],
    [-16, 'SERVER', true],
    [-17, 'SERVER', true],
    [-21, 'BUSY', true],
    [-26, 'PERMISSION', false],
    [-27, 'AUTHENTICATION', false],
    [-48, 'SERVER', true],
    [-49, 'NOT_FOUND', false],
    [-99, 'SERVER', true],
    [-105, 'RATE_LIMITED', true],
    [-220, 'SERVER', true],
    [-221, 'BUSY', true],
    [-222, 'NOT_FOUND', false],
    [-501, 'AUTHENTICATION', false],
    [-502, 'AUTHENTICATION', false],
    [-503, 'AUTHENTICATION', false],
    [-506, 'RATE_LIMITED', true],
    [-12_345, 'PROTOCOL', false],
  ] as const)('%i is %s', (code, ours, retryable) => {
    const error = refused(asked, 'Search', { code, detail: 'its own words' })
    expect(error).toMatchObject({ code: ours, retryable, vendorCode: code, vendor: 'reolink' })
    expect(error.message).toContain('its own words')
    expect(error.message).toContain('cam.local')
    expect(refused(asked, 'Search', { code }).message).toContain(`(${code})`)
  })

  it.each([-5, -105, -506])('%i says how long to wait', (code) => {
    expect(refused(asked, 'Login', { code })).toHaveProperty('retryAfterMs')
  })

  it('tells a locked account from a wrong password by its words or its time, too', () => {
    const locked = { code: -7, detail: 'Login has been locked, please try again later!' }
    expect(notLetIn(asked, locked)).toMatchObject({ code: 'RATE_LIMITED', stops: 'run', retryAfterMs: 300_000 })
    expect(notLetIn(asked, { code: -502, unlockSeconds: 77 })).toMatchObject({ retryAfterMs: 77_000 })
    expect(notLetIn(asked, { code: -502, remaining: 1 }).message).toMatch(/takes 1 more try before/)
    expect(notLetIn(asked, { code: -502, remaining: 1 })).toMatchObject({ code: 'AUTHENTICATION' })
    expect(isCamError(notLetIn(asked, { code: -9 }))).toBe(true)
  })
})

describe('a query', () => {
  it('keeps slashes, writes spaces as %20, and escapes what would end a value', () => {
    const written = queryOf([
      ['source', 'a b/c&d=e+f%2F#é?\ud800'],
      ['encrypt', 'ab+c/d=='],
    ])
    expect(written).toBe('source=a%20b/c%26d=e%2Bf%252F%23%C3%A9%3F%EF%BF%BD&encrypt=ab+c/d==')
  })
})

describe('a token', () => {
  it('is read with its lease, which is never shorter than a minute', () => {
    expect(readToken({ Token: { leaseTime: 3600, name: '84ed5bb9b5c2e1c' } })).toEqual({
      name: '84ed5bb9b5c2e1c',
      leaseMs: 3_600_000,
    })
    expect(readToken({ Token: { leaseTime: 0, name: 'a' } })?.leaseMs).toBe(60_000)
    expect(readToken({ Token: { name: 'a' } })?.leaseMs).toBe(3_600_000)
    expect(readToken({ Token: { name: 'a', countTotal: 8, checkBasic: 1000 } })?.counters).toEqual({
      total: 8,
      first: 1000,
    })
  })

  it.each([
    undefined,
    {},
    { Token: {} },
    { Token: { name: '' } },
    { Token: { name: 'null' } },
    { Token: { name: 'a b' } },
    { Token: { name: 7 } },
  ])('is none: %j', (value) => {
    expect(readToken(value)).toBeUndefined()
  })
})

describe('a challenge', () => {
  it('is read whatever its order', () => {
    expect(readChallenge('Digest qop="auth", realm="Reolink", nonce="abc", nc=00000001')).toEqual({
      ...{ qop: 'auth', realm: 'Reolink', nonce: 'abc', nc: '00000001' },
    })
    expect(readChallenge('Digest nonce=abc,realm="R"')).toMatchObject({ nonce: 'abc', nc: '00000001', qop: 'auth' })
    expect(readChallenge('Basic realm="x"')).toBeUndefined()
    expect(readChallenge('Digest realm="x"')).toBeUndefined()
    expect(readChallenge(undefined)).toBeUndefined()
  })
})

describe('the time of a device', () => {
  const Time = { year: 2026, mon: 5, day: 12, hour: 14, min: 1, sec: 2, timeZone: -3600 }
  const Dst = {
    ...{ enable: 1, offset: 1, startMon: 3, startWeek: 5, startWeekday: 0, startHour: 2, startMin: 0, startSec: 0 },
    ...{ endMon: 10, endWeek: 5, endWeekday: 0, endHour: 3, endMin: 0, endSec: 0 },
  }

  it('has the sign of its zone turned, and its rule', () => {
    expect(readDeviceTime({ Time, Dst })).toEqual({
      now: { year: 2026, month: 5, day: 12, hour: 14, minute: 1, second: 2 },
      offsetSeconds: 3600,
      summer: {
        addSeconds: 3600,
        start: { month: 3, week: 5, weekday: 0, hour: 2, minute: 0, second: 0 },
        end: { month: 10, week: 5, weekday: 0, hour: 3, minute: 0, second: 0 },
      },
    })
  })

  it('has no rule where it is switched off or makes no sense', () => {
    for (const off of [undefined, { ...Dst, enable: 0 }, { ...Dst, startMon: 13 }, { ...Dst, endWeekday: 'Sunday' }]) {
      expect(readDeviceTime({ Time, Dst: off })).not.toHaveProperty('summer')
    }
    expect(readDeviceTime({ Time: { ...Time, timeZone: 0 } })?.offsetSeconds).toBe(0)
    expect(readDeviceTime({ Time: { ...Time, mon: 0 } })).toBeUndefined()
    expect(readDeviceTime({ Time: { ...Time, timeZone: undefined } })).toBeUndefined()
    expect(readDeviceTime('now')).toBeUndefined()
  })
})
