import { NetworkError } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { errorForApi, wasNotAccepted } from '../src/failures.ts'
import { readMediaItem, readStandings, standingOf } from '../src/wire/media.ts'
import { readPage } from '../src/wire/page.ts'
import { orderId, pieceId, piecesOf, quotaSecondsOf, readOrderId, readPieceId, windowOf } from '../src/wire/piece.ts'
import { readQuotaStatus } from '../src/wire/quota-status.ts'
import { readVehicle } from '../src/wire/vehicle.ts'
import { inOrder, named, views, viewsOf } from '../src/wire/view.ts'
import { begin, hour, hurriedClock, minute } from './pretend.ts'

const piece = { media: 'highres', start: begin, minutes: 1 } as const

describe('minutes', () => {
  const starts = (from: number, to: number, media: 'highres' | 'image' = 'highres', length = 1) =>
    [...piecesOf({ start: begin + from, end: begin + to }, media, length)].map(({ start }) => (start - begin) / minute)

  it('are as many as the window has, never one more', () => {
    expect(starts(0, 30 * minute)).toEqual(Array.from({ length: 30 }, (_, at) => at))
    expect(starts(0, 24 * hour)).toHaveLength(1440)
    expect(starts(0, minute)).toEqual([0])
    expect(starts(0, 1)).toEqual([0])
    expect(starts(minute - 1, minute + 1)).toEqual([0, 1])
  })

  it('lie on a grid that does not depend on the window', () => {
    expect(starts(20_000, 140_000)).toEqual([0, 1, 2])
    expect(starts(0, 25 * minute, 'highres', 10)).toEqual([0, 10, 20])
    expect(starts(5 * minute, 6 * minute, 'highres', 10)).toEqual([0])
    expect(starts(1, 10 * minute + 1, 'image', 5)).toEqual([5, 10])
    expect(starts(0, 10 * minute, 'image', 5)).toEqual([0, 5])
  })

  it('have ids that can be read, and so have orders', () => {
    const all = [
      ['highres/2025-04-16T18:30:00Z', piece],
      ['lowres/2025-04-16T18:30:00Z+10m', { media: 'lowres', start: begin, minutes: 10 }],
      ['image/2025-04-16T18:30:00Z', { media: 'image', start: begin, minutes: 1 }],
    ] as const
    for (const [id, one] of all) {
      expect(pieceId(one)).toBe(id)
      expect(readPieceId(id)).toEqual(one)
      const bought = { vehicleId: '281474976710712', piece: one, views: ['road', 'rearHigh'] } as const
      expect(orderId({ ...bought, views: ['rearHigh', 'road', 'road'] })).toBe(`281474976710712/${id}/road+rearHigh`)
      expect(readOrderId(orderId(bought))).toEqual(bought)
    }
    for (const id of ['', 'highres', 'highres/x', 'other/2025-04-16T18:30:00Z', 'highres/2025-04-16T18:30:00']) {
      expect(readPieceId(id)).toBeUndefined()
    }
    for (const id of ['quota', '1/highres/2025-04-16T18:30:00Z', '1/highres/2025-04-16T18:30:00Z/top', '../a/b/road']) {
      expect(readOrderId(id)).toBeUndefined()
    }
    expect(windowOf(piece)).toEqual({ start: begin, end: begin + minute })
    expect(windowOf({ ...piece, media: 'image' })).toEqual({ start: begin, end: begin })
    expect([quotaSecondsOf(piece), quotaSecondsOf({ ...piece, media: 'image' })]).toEqual([60, 0.1])
  })
})

describe('views', () => {
  it('are known by both vocabularies, and by role', () => {
    expect(viewsOf('dashcamForwardFacing', undefined)).toEqual(['road'])
    expect(viewsOf('dashcamDriverFacing', 7)).toEqual(['driver'])
    expect(viewsOf('analog2', 'rearHigh')).toEqual(['analog2', 'rearHigh'])
    expect(viewsOf('constructor', 'toString')).toEqual([])
    expect(named(['road', 'analog1', 'hopper'])).toEqual({
      inputs: ['dashcamRoadFacing', 'analog1'],
      cameraRoles: ['hopper'],
    })
    expect(inOrder(['analog1', 'road', 'analog1'])).toEqual(['road', 'analog1'])
    expect(new Set(views).size).toBe(25)
  })
})

const item = {
  ...{ vehicleId: '1', input: 'dashcamRoadFacing', mediaType: 'videoHighRes', status: 'available' },
  ...{ startTime: '2025-04-16T13:30:00-05:00', endTime: '2025-04-16T18:31:00.250Z' },
  urlInfo: { url: 'https://media.example.com/1?X-Amz-Signature=s', urlExpiryTime: '2025-04-17T02:30:00Z' },
}

describe('entries of media', () => {
  it('are read, with or without what may be missing', () => {
    expect(readMediaItem(item)).toEqual({
      ...{ vehicleId: '1', views: ['road'], media: 'highres', start: begin, end: begin + minute + 250 },
      ...{ status: 'available', url: { href: item.urlInfo.url, expiresAt: begin + 8 * hour } },
    })
    expect(readMediaItem({ ...item, urlInfo: { url: 'https://x/y' } })?.url).toEqual({ href: 'https://x/y' })
    expect(readMediaItem({ ...item, urlInfo: null })?.url).toBeUndefined()
  })

  it.each([
    ...[null, 7, [], {}, { ...item, vehicleId: 1 }, { ...item, input: 'dashcamTop' }, { ...item, mediaType: 'gif' }],
    ...[
      { ...item, startTime: '16.4.2025' },
      { ...item, endTime: '2025-04-16T18:29:59Z' },
    ],
  ])('%j is none', (value) => {
    expect(readMediaItem(value)).toBeUndefined()
  })

  const standing = (...items: object[]) => {
    const window = { start: begin, end: begin + minute }
    return standingOf(readStandings({ data: { media: items } }, '1') ?? [], 'road', window).is
  }

  it('say how an order stands, and whatever is not an end is none', () => {
    expect(standing()).toBe('waiting')
    expect(standing(item)).toBe('available')
    expect(standing({ ...item, urlInfo: undefined })).toBe('waiting')
    for (const status of ['pending', 'transcoding', undefined, 7]) expect(standing({ ...item, status })).toBe('waiting')
    expect(standing({ ...item, status: 'failed' })).toBe('failed')
    expect(standing({ ...item, status: 'invalid' })).toBe('absent')
    expect(standing({ ...item, status: 'unavailable' })).toBe('absent')
    expect(standing({ ...item, status: 'failed' }, { ...item, status: 'pending' })).toBe('waiting')
    expect(standing({ ...item, status: 'failed' }, item)).toBe('available')
    expect(standing({ ...item, vehicleId: '2' })).toBe('waiting')
    expect(standing({ ...item, input: 'analog1' })).toBe('waiting')
    // Another minute is not the one that was asked for, even where it is the nearest.
    const next = { ...item, startTime: '2025-04-16T18:31:00Z', endTime: '2025-04-16T18:32:00Z' }
    expect(standing(next)).toBe('elsewhere')
    expect(standing(next, { ...item, status: 'pending' })).toBe('waiting')
    expect(standing(next, item)).toBe('available')
    expect(readStandings({ data: {} }, '1')).toBeUndefined()
    expect(readStandings('<html>', '1')).toBeUndefined()
  })

  it('of several for one camera, the one that covers the most is taken', () => {
    const part = { ...item, endTime: '2025-04-16T18:30:10Z', urlInfo: { url: 'https://x/part' } }
    const items = readStandings({ data: { media: [part, item, part] } }, '1')!
    const best = standingOf(items, 'road', { start: begin, end: begin + minute })
    expect(best).toMatchObject({ is: 'available', item: { url: { href: item.urlInfo.url } } })
  })
})

describe('pages', () => {
  it('end where they say so, or where nothing leads on', () => {
    const page = (pagination: unknown) => readPage({ data: [1], pagination })
    expect(page({ endCursor: 'a+b', hasNextPage: true })).toEqual({ entries: [1], after: 'a+b' })
    for (const last of [{ endCursor: 'x', hasNextPage: false }, { endCursor: '', hasNextPage: true }, undefined]) {
      expect(page(last)).toEqual({ entries: [1] })
    }
    expect(page({ endCursor: 7, hasNextPage: true })).toHaveProperty('problem')
    expect(readPage({ data: { media: [2] } }, 'media')).toEqual({ entries: [2] })
    for (const none of [null, '<html>', { data: {} }, { data: { media: 3 } }]) {
      expect(readPage(none, 'media')).toHaveProperty('problem')
    }
  })
})

it('vehicles are known by what the vendor tells, and nothing else', () => {
  const read = readVehicle({ id: '1', name: '  A\u0000 B ', vin: 'V', externalIds: { key: 'K' }, gateway: null })
  expect(read).toMatchObject({ camera: { id: '1', name: 'A B', facts: { vin: 'V' } } })
  expect('words' in read && [...read.words]).toEqual(['v', 'k', 'key:k'])
  for (const id of [undefined, 7, '', '../1', 'a/b', 'x'.repeat(200)]) {
    expect(readVehicle({ id })).toHaveProperty('problem')
  }
})

it('the quota is read from prose with two numbers', () => {
  expect(readQuotaStatus('Current monthly usage is 1,360.5 seconds out of 900000.0 available.')).toEqual({
    ...{ usedSeconds: 1360.5, ofSeconds: 900_000 },
  })
  for (const other of ['', 'plenty', 'Usage: 3.0s.', '1 of 2 of 3']) expect(readQuotaStatus(other)).toBeUndefined()
})

describe('refusals', () => {
  const refusal = (status: number, message: string, headers = {}) =>
    errorForApi({
      ...{ what: 'POST /x', scope: 'Write Media Retrieval', status, headers, clock: hurriedClock() },
      ...{ text: JSON.stringify({ message, requestId: '9a1b2c3d' }), redact: (text: string) => text },
    })

  it('mean what they say', () => {
    expect(refusal(400, 'vehicle 1 not recording at 2025-04-16T18:30:00Z')).toMatchObject({
      ...{ code: 'REQUEST', vendorCode: 'not-recording', message: expect.stringContaining('(request 9a1b2c3d)') },
    })
    expect(refusal(400, 'Invalid value for parameter.')).toMatchObject({ code: 'REQUEST', vendorCode: '9a1b2c3d' })
    expect(refusal(400, 'The requested media is no longer stored on the device.').code).toBe('EXPIRED')
    expect(refusal(400, 'The subscription has expired.').code).toBe('REQUEST')
    expect(refusal(429, 'Exceeded rate limit.', { 'retry-after': '0.40235' })).toMatchObject({
      ...{ code: 'RATE_LIMITED', retryAfterMs: 402 },
    })
    expect(refusal(429, 'The monthly media usage limit is reached.').code).toBe('QUOTA')
    expect(refusal(400, 'Quota exceeded.').code).toBe('QUOTA')
    expect([401, 403, 404, 500, 501, 503].map((status) => refusal(status, '').code)).toEqual([
      ...['AUTHENTICATION', 'PERMISSION', 'NOT_FOUND', 'SERVER', 'REQUEST', 'SERVER'],
    ])
  })

  it('of which it is certain that nothing was accepted are those before 500, and no others', () => {
    expect([400, 401, 403, 404, 413, 429].map((status) => wasNotAccepted(refusal(status, '')))).not.toContain(false)
    expect([408, 500, 501, 502, 503, 504].map((status) => wasNotAccepted(refusal(status, '')))).not.toContain(true)
    expect(wasNotAccepted(new Error('what?'))).toBe(false)
    const unreachable = (syscall: string) =>
      new NetworkError('x', { reason: 'EHOSTUNREACH', cause: new Error(`${syscall} EHOSTUNREACH`) })
    expect(['connect', 'read', 'write'].map((syscall) => wasNotAccepted(unreachable(syscall)))).toEqual([
      true,
      false,
      false,
    ])
  })
})
