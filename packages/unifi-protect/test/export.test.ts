import { isGap } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import {
  call,
  cameraA,
  cameraB,
  failure,
  fetched,
  hour,
  hurriedClock,
  listed,
  minute,
  type Pair,
  pair,
  span,
  worldOf,
} from './pretend-console.ts'

/** Ten minutes with footage, ten without, ten with. */
const window = span('2026-11-02T08:00:00Z', '2026-11-02T08:30:00Z')
const gapAt = { start: window.start + 10 * minute, end: window.start + 20 * minute }
const world = worldOf(window, {
  recorded: [
    { start: window.start, end: gapAt.start },
    { start: gapAt.end, end: window.end },
  ],
})
const segmentMs = 10 * minute

async function pieces(both: Pair) {
  const { recordings } = await listed(both.source, window)
  if (recordings.length !== 3) throw new Error(`${recordings.length} pieces`)
  return recordings as [(typeof recordings)[0], (typeof recordings)[0], (typeof recordings)[0]]
}

describe('a stretch without footage', () => {
  it.each([
    ['legacy', 'profile', 'No files found'],
    ['protect-4', 'profile', 'without pictures'],
    ['protect-7', 'profile', 'error 502'],
    ['protect-7', 'rust', 'track information is not valid'],
    ['protect-7', '200-stub', 'without pictures'],
    ['legacy', '404', 'error 502'],
  ] as const)('is absent, in the words of %s (%s)', async (profile, emptyForm, words) => {
    await using both = await pair({ world, switches: { profile, emptyForm } }, { segmentMs })
    const [first, second] = await pieces(both)
    expect(isGap(await fetched(both.source, first))).toBe(false)
    const answer = await fetched(both.source, second)
    expect(answer).toMatchObject({ outcome: 'absent', cameraId: cameraA, ...gapAt })
    expect(isGap(answer) && answer.reason).toContain(words)
  })

  it('is no stub when it has no Content-Length and ends early in mid-file', async () => {
    const switches = { contentLength: false, truncateAt: 200, truncate: 'clean' } as const
    await using both = await pair({ world, switches }, { segmentMs })
    const [first] = await pieces(both)
    const error = await failure(fetched(both.source, first))
    expect(error).toMatchObject({ code: 'SERVER', retryable: true })
    expect(error.message).toMatch(/200 bytes that are no video/)
  })

  it('is expired where the console threw it away after it was listed', async () => {
    await using both = await pair({ world }, { segmentMs })
    const [first, second, third] = await pieces(both)
    both.console.moveRetentionEdge({ to: gapAt.end + 5 * minute })
    const answer = await fetched(both.source, first)
    expect(answer).toMatchObject({ outcome: 'expired' })
    expect(isGap(answer) && answer.reason).toContain('2026-11-02T08:25:00.000Z')
    expect(await fetched(both.source, second)).toMatchObject({ outcome: 'expired' })
    expect(isGap(await fetched(both.source, third))).toBe(false)
  })

  it('is not concluded from a console that suddenly states nothing at all', async () => {
    await using both = await pair({ world }, { segmentMs })
    const [first] = await pieces(both)
    both.console.moveRetentionEdge({ to: window.end + hour })
    expect(await failure(fetched(both.source, first))).toMatchObject({ code: 'SERVER', retryable: true })
  })

  it.each([
    [14, 'pending'],
    [16, 'absent'],
  ] as const)('of %i minutes ago is %s', async (age, outcome) => {
    const clock = hurriedClock(gapAt.end + age * minute)
    await using both = await pair({ world }, { segmentMs }, clock)
    const { recordings } = await listed(both.source, { ...gapAt, start: gapAt.start })
    const answer = await fetched(both.source, recordings[0]!)
    expect(answer).toMatchObject(outcome === 'pending' ? { outcome, askAgainAfterMs: minute } : { outcome })
  })
})

describe('a reply that is neither video nor "nothing"', () => {
  it.each([
    ['400', 400],
    ['404-html', 404],
    ['500', 500],
    ['502', 502],
    ['503', 503],
    ['504', 504],
    ['200-empty', 200],
    ['200-json', 200],
  ] as const)('%s is a failure that is tried again, never an absence', async (failStatus, httpStatus) => {
    await using both = await pair({ world, switches: { failN: 1, failStatus } }, { segmentMs })
    const [first, second] = await pieces(both)
    for (const piece of [first, second]) {
      expect(await failure(fetched(both.source, piece))).toMatchObject({ code: 'SERVER', retryable: true, httpStatus })
    }
    expect(isGap(await fetched(both.source, first))).toBe(false)
    expect(await fetched(both.source, second)).toMatchObject({ outcome: 'absent' })
  })

  it.each([
    ['200-json', 'a message: Export failed'],
    ['500', 'HTTP 500: Internal Server Error'],
    ['404-html', 'HTTP 404: 404 Not Found'],
    ['200-empty', 'an empty body'],
  ] as const)('%s is quoted', async (failStatus, words) => {
    await using both = await pair({ world, switches: { failN: 1, failStatus } }, { segmentMs })
    const [first] = await pieces(both)
    const { message } = await failure(fetched(both.source, first))
    expect(message).toContain(`(${cameraA}), 2026-11-02T08:00:00.000Z/2026-11-02T08:10:00.000Z`)
    expect(message).toContain(words)
  })

  it('a page under status 200 is never kept as video', async () => {
    await using both = await pair({ world, switches: { failN: 99, failStatus: '200-html' } }, { segmentMs })
    const [first] = await pieces(both)
    expect((await failure(fetched(both.source, first))).code).toMatch(/^(PROTOCOL|SERVER)$/)
  })

  it('a connection that breaks before the head is tried again', async () => {
    // A kept connection that breaks is opened anew at once; the second time it is the console.
    await using both = await pair({ world, switches: { failN: 2, failStatus: 'reset' } }, { segmentMs })
    const [first] = await pieces(both)
    expect(await failure(fetched(both.source, first))).toMatchObject({ code: 'NETWORK', retryable: true })
  })

  it.each(['seconds', 'date'] as const)('429 says how long to wait, in %s', async (retryAfterForm) => {
    const switches = { failN: 1, failStatus: '429', retryAfter: 40, retryAfterForm } as const
    await using both = await pair({ world, switches }, { segmentMs })
    const [first] = await pieces(both)
    const error = await failure(fetched(both.source, first))
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
    const { retryAfterMs } = error as { retryAfterMs?: number }
    expect(retryAfterMs).toBeGreaterThan(38_000)
    expect(retryAfterMs).toBeLessThanOrEqual(40_000)
  })

  it('a damaged index is said once, in words', async () => {
    const nonMonotonic = `${cameraA}@2026-11-02T08:05:00Z/2026-11-02T08:06:00Z`
    await using both = await pair({ world, switches: { nonMonotonic } }, { segmentMs })
    const [first, , third] = await pieces(both)
    const error = await failure(fetched(both.source, first))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    expect(error.message).toMatch(/index .* damaged .*Non-monotonic timestamp/)
    expect(isGap(await fetched(both.source, third))).toBe(false)
  })
})

describe('a camera whose footage is refused', () => {
  const two = worldOf(window, { name: 'Vault', denied: true }, { name: 'Yard' })

  it('is asked once, is named with the right it needs, and stops no other camera', async () => {
    await using both = await pair({ world: two }, { segmentMs })
    const vault = await listed(both.source, window, 'Vault')
    const yard = await listed(both.source, window, 'Yard')
    expect(vault.recordings).toHaveLength(3)
    for (const piece of vault.recordings) {
      const error = await failure(fetched(both.source, piece))
      expect(error).toMatchObject({ code: 'PERMISSION', stops: 'recording', retryable: false })
      expect(error.message).toMatch(/"Vault".*"Playback Download"/)
    }
    expect(both.console.log.of('media')).toHaveLength(1)
    for (const piece of yard.recordings) expect(isGap(await fetched(both.source, piece))).toBe(false)
  })

  it('is asked again later: somebody may have mended it', async () => {
    await using both = await pair({ world, switches: { rightMissing: 'all' } }, { segmentMs })
    const [first] = await pieces(both)
    expect((await failure(fetched(both.source, first))).code).toBe('PERMISSION')
    both.console.set({ rightMissing: 'none' })
    expect((await failure(fetched(both.source, first))).code).toBe('PERMISSION')
    both.clock.advance(6 * minute)
    expect(isGap(await fetched(both.source, first))).toBe(false)
  })
})

describe('what is asked', () => {
  it('is camera, start, end and channel, and never a part of a file', async () => {
    await using both = await pair({ world }, { segmentMs, channel: 2 })
    const [first] = await pieces(both)
    await both.source.open(first, { byte: 5000 }, call)
    const [media] = both.console.log.of('media')
    const asked = new URL(media!.target, 'https://x').searchParams
    expect(Object.fromEntries(asked)).toEqual({
      ...{ camera: cameraA, channel: '2' },
      ...{ start: String(window.start), end: String(window.start + segmentMs) },
    })
    expect(media!.headers.range).toBeUndefined()
  })

  it('waits between all exports, not only before the first', async () => {
    await using both = await pair({ world }, { segmentMs, pauseBetweenMs: 1500 })
    const waits: number[] = []
    for (const piece of await pieces(both)) {
      const before = both.clock.skipped.length
      await fetched(both.source, piece)
      waits.push(...both.clock.skipped.slice(before))
    }
    expect(waits).toHaveLength(2)
    for (const wait of waits) expect(wait).toBeGreaterThan(1000)
  })

  it('ends a pause at once when the run is ended', async () => {
    await using both = await pair({ world }, { segmentMs, pauseBetweenMs: 600_000 })
    const [first, second] = await pieces(both)
    await fetched(both.source, first)
    const abort = new AbortController()
    const reason = new Error('enough')
    const waiting = fetched(both.source, second, abort.signal)
    setImmediate(() => abort.abort(reason))
    await expect(waiting).rejects.toBe(reason)
    expect(both.console.log.of('media')).toHaveLength(1)
  })

  it('is handed on while the console still sends, however long it is and with no length stated', async () => {
    const long = worldOf({ start: window.start, end: window.start + hour }, {})
    await using both = await pair({ world: long, switches: { contentLength: false, stallAt: 100_000 } })
    const { recordings } = await listed(both.source, { start: window.start, end: window.start + hour })
    const opened = await both.source.open(recordings[0]!, { byte: 0 }, call)
    if (!('body' in opened)) throw new Error('Nothing to read.')
    const iterator = opened.body[Symbol.asyncIterator]()
    expect((await iterator.next()).value?.byteLength).toBeGreaterThan(0)
    expect(both.console.log.of('media')[0]?.ended).toBe('not-yet')
    expect(both.console.exports.inFlight).toBe(1)
    await iterator.return?.()
  })

  it('has a camera id that is safe in an address', async () => {
    await using both = await pair({ world }, { segmentMs })
    const camera = { id: '../users?x=1#', name: 'odd' }
    const listing = both.source.recordings(camera, window, call)[Symbol.asyncIterator]()
    await expect(listing.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(both.console.log.entries.at(-2)?.target).toContain('cameras/..%2Fusers%3Fx%3D1%23')
  })

  it('is nothing for a camera that is denied or unknown when it is listed', async () => {
    await using both = await pair({ world }, { segmentMs })
    const listing = both.source.recordings({ id: cameraB, name: 'Gone' }, window, call)[Symbol.asyncIterator]()
    await expect(listing.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
