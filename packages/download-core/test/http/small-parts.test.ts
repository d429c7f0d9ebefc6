import { describe, expect, it } from 'vitest'
import { NetworkError } from '../../src/footage/errors.ts'
import { redact } from '../../src/footage/redact.ts'
import { strongCondition } from '../../src/footage/validator.ts'
import { wasNotSent } from '../../src/http/client.ts'
import { parseContentRange, parseUnsatisfied } from '../../src/http/content-range.ts'
import { createOriginCheck } from '../../src/http/origins.ts'
import { requestRate } from '../../src/http/rate-limit.ts'
import { retryAfterMs } from '../../src/http/retry-after.ts'
import { errorForStatus } from '../../src/http/status.ts'
import { toCamError } from '../../src/http/to-cam-error.ts'
import { manualClock } from './manual-clock.ts'

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12)
  const date = (offsetMs: number) => new Date(now + offsetMs).toUTCString()

  it.each([
    ['0', 0],
    ['2', 2000],
    ['1.5', 1500],
    ['-5', 0],
    ['99999', 99_999_000],
    ['soon', undefined],
    ['', undefined],
    ['2 minutes', undefined],
    ['2026-01-01', undefined],
  ])('%j is %s', (value, expected) => {
    expect(retryAfterMs({ 'retry-after': value }, now)).toBe(expected)
  })

  it('measures dates against the clock of the server, whatever ours says', () => {
    for (const skewMs of [0, 3_600_000, -3_600_000]) {
      expect(retryAfterMs({ 'retry-after': date(skewMs + 2000), date: date(skewMs) }, now)).toBe(2000)
    }
    expect(retryAfterMs({ 'retry-after': date(-60_000), date: date(0) }, now)).toBe(0)
    expect(retryAfterMs({ 'retry-after': date(5000) }, now)).toBe(5000)
    expect(retryAfterMs({ 'retry-after': 'Thu Jan  1 12:00:03 2026' }, now)).toBe(3000)
    expect(retryAfterMs({ 'retry-after': 'Thursday, 01-Jan-26 12:00:03 GMT' }, now)).toBe(3000)
  })
})

describe('a request rate', () => {
  it('is kept by all who share a key, and only by them', async () => {
    const clock = manualClock()
    const never = new AbortController().signal
    const went: number[] = []
    const take = (key: string) =>
      requestRate(key, { perSecond: 4, clock })
        .take(never)
        .then(() => void went.push(clock.monotonic()))
    const all = [take('a'), take('a'), take('a'), take('b')]
    await clock.advance(10_000)
    await Promise.all(all)
    expect(went.sort((a, b) => a - b)).toEqual([0, 0, 250, 500])
    const later = take('a')
    await later
    expect(went.at(-1)).toBe(10_000)
  })

  it('lets a burst go after a pause', async () => {
    const clock = manualClock()
    const rate = requestRate('c', { perSecond: 1, burst: 3, clock })
    const never = new AbortController().signal
    for (let i = 0; i < 3; i++) await rate.take(never)
    const fourth = rate.take(never)
    await new Promise(setImmediate)
    expect(clock.waits()).toEqual([1000])
    await clock.advance(1000)
    await fourth
    const control = new AbortController()
    const aborted = rate.take(control.signal)
    control.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    expect(() => requestRate('d', { perSecond: 0 })).toThrow(RangeError)
  })
})

describe('a status', () => {
  it.each([
    [400, 'REQUEST', false],
    [401, 'AUTHENTICATION', false],
    [403, 'PERMISSION', false],
    [404, 'NOT_FOUND', false],
    [408, 'SERVER', true],
    [410, 'EXPIRED', false],
    [418, 'REQUEST', false],
    [425, 'SERVER', true],
    [429, 'RATE_LIMITED', true],
    [500, 'SERVER', true],
    [501, 'REQUEST', false],
    [503, 'SERVER', true],
    [505, 'REQUEST', false],
    [599, 'SERVER', true],
    [302, 'PROTOCOL', false],
    [202, 'PROTOCOL', false],
  ])('%s becomes %s', (status, code, retryable) => {
    expect(errorForStatus({ status, headers: {} }, 'Listing')).toMatchObject({ code, retryable, httpStatus: status })
  })

  it('carries the wait, and an excerpt without markup and secrets', () => {
    const text = `<p>token=abcdef&x=1 and ${'long '.repeat(100)}</p>`
    const error = errorForStatus({ status: 503, headers: { 'retry-after': '7' }, text }, 'Listing', { vendor: 'axis' })
    expect(error).toMatchObject({ retryAfterMs: 7000, vendor: 'axis' })
    expect(error.message.length).toBeLessThan(240)
    expect(errorForStatus({ status: 400, headers: {}, text: 'see /x?token=abcdef' }, 'x').message).not.toContain(
      'abcdef',
    )
  })
})

it('keeps bugs apart from what the network does', () => {
  const system = (code: string) => Object.assign(new Error(code), { code })
  expect(toCamError(system('EHOSTUNREACH'), 'x')).toMatchObject({ code: 'NETWORK', reason: 'EHOSTUNREACH' })
  expect(toCamError(system('HPE_INVALID_CONSTANT'), 'x')).toMatchObject({ code: 'NETWORK', retryable: true })
  expect(toCamError(system('HPE_INVALID_CONTENT_LENGTH'), 'x')).toMatchObject({ code: 'PROTOCOL' })
  const several = new AggregateError([system('ENETUNREACH'), system('ECONNREFUSED')])
  expect(toCamError(new Error('outer', { cause: several }), 'x')).toMatchObject({ reason: 'ECONNREFUSED' })
  const bug = new TypeError('undefined is not a function')
  expect(toCamError(bug, 'x')).toBe(bug)
  const badHeader = Object.assign(new TypeError('Invalid character'), { code: 'ERR_INVALID_CHAR' })
  expect(toCamError(new Error('wrapped', { cause: badHeader }), 'x')).toBe(badHeader)
})

it('knows whose origin it is', () => {
  const check = createOriginCheck(['https://api.example.com', 'https://*.media.example.com'])
  expect(check('https://api.example.com')).toBe(true)
  expect(check('https://c1.media.example.com')).toBe(true)
  expect(check('http://c1.media.example.com')).toBe(false)
  expect(check('https://media.example.com')).toBe(false)
  expect(check('https://evilmedia.example.com')).toBe(false)
  expect(check('https://c1.media.example.com:8443')).toBe(false)
  expect(check('https://api.example.com.evil.org')).toBe(false)
})

it('reads ranges, and nothing else', () => {
  expect(parseContentRange('bytes 5-9/10')).toEqual({ start: 5, end: 9, total: 10 })
  expect(parseContentRange('bytes 5-9/*')).toEqual({ start: 5, end: 9 })
  for (const text of [
    '',
    'bytes 9-5/10',
    'bytes 5-10/10',
    'bytes */10',
    'items 1-2/3',
    'bytes 5-9',
    'bytes 0-9,20-29/100',
  ]) {
    expect(parseContentRange(text)).toBeUndefined()
  }
  expect(parseUnsatisfied('bytes */10')).toBe(10)
  expect(parseUnsatisfied('bytes 0-1/10')).toBeUndefined()
})

it('takes only strong validators for If-Range', () => {
  const served = Date.UTC(2026, 0, 1)
  const at = (secondsBefore: number) => new Date(served - secondsBefore * 1000).toUTCString()
  const date = new Date(served).toUTCString()
  expect(strongCondition({ etag: '"a"', lastModified: at(1), date })).toBe('"a"')
  expect(strongCondition({ etag: 'W/"a"', lastModified: at(1000), date })).toBeUndefined()
  expect(strongCondition({ etag: 'unquoted' })).toBeUndefined()
  expect(strongCondition({ lastModified: at(60), date })).toBe(at(60))
  expect(strongCondition({ lastModified: at(59), date })).toBeUndefined()
  expect(strongCondition({ lastModified: at(1000) })).toBeUndefined()
  expect(strongCondition(undefined)).toBeUndefined()
})

it('a network that went away in the middle of a request is no proof that nothing was sent', () => {
  const gone = (syscall: string) =>
    wasNotSent(
      new NetworkError('x', { reason: 'EHOSTUNREACH', cause: new Error(`${syscall} EHOSTUNREACH 192.0.2.1:443`) }),
    )
  expect([gone('connect'), gone('read'), gone('write')]).toEqual([true, false, false])
})

it('takes secrets out of signed addresses and headers, and leaves what is said behind an address', () => {
  const signed = 'https://storage/a.mp4?X-Amz-Security-Token=t0k&X-Amz-Expires=9&X-Amz-Signature=s1g'
  const bare = 'https://storage/a.mp4?X-Amz-Security-Token=***&X-Amz-Expires=9&X-Amz-Signature=***'
  expect(redact(`GET ${signed}: HTTP 500`)).toBe(`GET ${bare} HTTP 500`)
  expect(redact('sent X-Api-Key: abc def, and more')).toBe('sent X-Api-Key: ***')
  expect(redact('a;x-auth-token: abc def')).toBe('a;x-auth-token: ***')
})
