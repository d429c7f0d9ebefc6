import type { Recording } from '@cam/download-core/source'
import type { EagleEyeSwitches } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { call, hashes, hour, openAtLast, type Pair, pair, recordingsOf } from './pretend-cloud.ts'

const truthOf = ({ cloud }: Pair, { cameraId, window }: Recording) =>
  cloud.truth().find((row) => row.cameraId === cameraId && row.start === window!.start)!

/** Tries as the core would: as long as it is worth trying. */
async function persist(it: Pair, recording: Recording, mostTries = 12) {
  for (let tries = 1; ; tries++) {
    try {
      // The switches that spoil an address spoil exports too: those are meant to be whole.
      const ordered = await it.source.open(recording, { byte: 0 }, call)
      if ('body' in ordered) return { answer: ordered, tries }
      if ('askAgainAfterMs' in ordered) it.cloud.set({ failN: 0 })
      const { answer } = await openAtLast(it.source, recording)
      return { answer, tries }
    } catch (error) {
      const known = error as { readonly retryable?: boolean }
      if (!known.retryable || tries >= mostTries) return { error: error as Error & { code: string }, tries }
    }
  }
}

async function first(switches: Partial<EagleEyeSwitches> = {}) {
  const it = await pair({ switches })
  const [recording, second] = await recordingsOf(it.source)
  return { it, recording: recording!, second: second! }
}

describe('the address in the list', () => {
  it('is fetched as it stands, with its size', async () => {
    const { it, recording } = await first()
    await using _ = it
    const { answer } = await openAtLast(it.source, recording)
    if (!('body' in answer)) throw new Error('No body.')
    const { mp4 } = truthOf(it, recording)
    expect(answer).toMatchObject({ representation: 'mp4Url', extension: 'mp4', totalBytes: mp4.bytes, startsAtByte: 0 })
    expect(await hashes(answer.body)).toMatchObject(mp4)
    expect(it.cloud.violations).toEqual([])
    expect([it.asked('list'), it.asked('export')]).toEqual([1, 0])
  })

  it('is asked for anew when it is ninety minutes old, and for a recording of an earlier run', async () => {
    const { it, recording } = await first({ mediaUrlTtl: 2 * hour })
    await using _ = it
    it.clock.advance(89 * 60_000)
    expect('body' in (await openAtLast(it.source, recording)).answer).toBe(true)
    expect(it.asked('list')).toBe(1)
    it.clock.advance(2 * 60_000)
    expect('body' in (await openAtLast(it.source, recording)).answer).toBe(true)
    expect(it.asked('list')).toBe(2)
    const later = it.again()
    expect('body' in (await openAtLast(later, JSON.parse(JSON.stringify(recording)))).answer).toBe(true)
    expect([it.asked('list'), it.asked('export')]).toEqual([3, 0])
  })

  it.each(['401', '404'] as const)(
    'that has ended early (%s) is asked for anew, and the login is left alone',
    async (mediaUrlExpired) => {
      const { it, recording } = await first({ mediaUrlTtl: 1000, mediaUrlExpired })
      await using _ = it
      it.clock.advance(2000)
      const { answer } = await openAtLast(it.source, recording)
      expect('body' in answer && answer.representation).toBe('mp4Url')
      expect([it.asked('list'), it.asked('token'), it.asked('export')]).toEqual([2, 0, 0])
    },
  )

  it('is continued where a version is stated, and begun again where none is', async () => {
    for (const [ranges, startsAtByte] of [
      ['206', 1000],
      ['ignore', 0],
      ['416', 0],
    ] as const) {
      const { it, recording } = await first({ ranges })
      await using _ = it
      const { answer } = await openAtLast(it.source, recording)
      if (!('body' in answer)) throw new Error('No body.')
      await answer.body[Symbol.asyncIterator]().return?.()
      const { representation, validator } = answer
      const from = { byte: 1000, representation, ...(validator && { validator }) }
      const rest = await it.source.open(recording, from, call)
      expect('body' in rest && rest.startsAtByte).toBe(startsAtByte)
      if ('body' in rest) expect((await hashes(rest.body)).bytes).toBe(truthOf(it, recording).mp4.bytes - startsAtByte)
    }
  })
})

describe('an export', () => {
  it.each(['intervals', 'files'] as const)(
    'is made where there is no address, waited for, and comes with size and md5 (%s)',
    async (jobShape) => {
      const { it, recording } = await first({ mp4UrlNull: 'all', jobShape, jobPending: 1, jobStarted: 2 })
      await using _ = it
      const progress: (number | undefined)[] = []
      for (;;) {
        const answer = await it.source.open(recording, { byte: 0 }, call)
        if ('body' in answer) {
          const { exported } = truthOf(it, recording)
          const read = await hashes(answer.body)
          expect(read).toMatchObject(exported)
          expect(answer).toMatchObject({ totalBytes: exported.bytes, checksum: { algorithm: 'md5', hex: read.md5 } })
          expect(answer.representation).toMatch(/^export [\da-f-]{36}$/)
          break
        }
        if (!('askAgainAfterMs' in answer)) throw new Error('A gap.')
        expect(answer.askAgainAfterMs).toBe(5000)
        progress.push('progress' in answer ? answer.progress : undefined)
      }
      expect(progress).toHaveLength(4)
      expect(progress.slice(0, 2)).toEqual([0, 0])
      expect(progress[3]).toBeGreaterThan(progress[2]!)
      expect([it.asked('export'), it.asked('job')]).toEqual([1, 4])
      expect(it.cloud.violations).toEqual([])
    },
  )

  it('is not ordered twice, whoever asks again', async () => {
    const { it, recording, second } = await first({ mp4UrlNull: 'all', jobPending: 1000 })
    await using _ = it
    for (let polls = 0; polls < 5; polls++) await it.source.open(recording, { byte: 0 }, call)
    await recordingsOf(it.source)
    await it.source.open(recording, { byte: 0 }, call)
    await it.source.open(second, { byte: 0 }, call)
    expect([it.asked('export'), it.asked('job')]).toEqual([2, 5])
  })

  it('is ordered when the address brings nothing three times', async () => {
    const { it, recording } = await first({ failN: 3, failStatus: '503' })
    await using _ = it
    const { answer, tries } = await persist(it, recording)
    expect(tries).toBe(3)
    expect(answer && 'body' in answer && answer.representation).toMatch(/^export /)
    expect([it.asked('media'), it.asked('export')]).toEqual([4, 1])
  })

  it.each(['200-json', '202-json', '200-json-as-video', '200-html', '200-empty', '404'] as const)(
    'is ordered where the address has %s for a video, and that is never handed on',
    async (failStatus) => {
      const { it, recording } = await first({ failN: 2, failStatus })
      await using _ = it
      const { answer, error } = await persist(it, recording)
      if (error) throw error
      expect('body' in answer && answer.representation).toMatch(/^export /)
      if ('body' in answer) expect(await hashes(answer.body)).toMatchObject(truthOf(it, recording).exported)
    },
  )

  it.each(['partial', 'failure', 'revoked'] as const)(
    'that ends as %s is copied once, and the copy is whole',
    async (jobOutcome) => {
      const { it, recording } = await first({ mp4UrlNull: 'all', jobOutcome })
      await using _ = it
      const { answer, tries, error } = await persist(it, recording)
      if (error) throw error
      expect(tries).toBe(2)
      if ('body' in answer) expect(await hashes(answer.body)).toMatchObject(truthOf(it, recording).exported)
      expect(it.asked('export')).toBe(2)
      expect(it.cloud.violations).toEqual([])
    },
  )

  it('of footage on a bridge that is away fails, after two orders', async () => {
    const { it, recording } = await first({ bridgeOffline: 'all' })
    await using _ = it
    const { error } = await persist(it, recording, 8)
    expect(error).toMatchObject({ code: 'SERVER', vendorCode: 'deviceUnavailable' })
    expect([it.asked('media'), it.asked('export')]).toEqual([3, 2])
    // A new list brings new tries.
    it.cloud.set({ bridgeOffline: 'none' })
    await recordingsOf(it.source)
    expect('body' in (await openAtLast(it.source, recording)).answer).toBe(true)
  })

  it.each([
    ['quotaExceeded', 'QUOTA', 'quotaExceeded'],
    ['noVideo-400', 'REQUEST', 'noVideo'],
    ['noVideo-404', 'NOT_FOUND', 'noVideo'],
    ['noVideo-409', 'REQUEST', 'noVideo'],
    ['500', 'SERVER', 'internalError'],
  ] as const)('that is refused (%s) is a failure with the reason', async (exportRefused, code, vendorCode) => {
    const { it, recording } = await first({ mp4UrlNull: 'all', exportRefused })
    await using _ = it
    const error = await openAtLast(it.source, recording).catch((caught) => caught)
    expect(error).toMatchObject({ code, vendorCode })
    expect(error.message).toContain(vendorCode)
    expect(it.asked('export')).toBe(1)
  })
})

describe('a token that media hosts refuse', () => {
  it('ends no run, and costs no login: the list takes it', async () => {
    const { it, recording } = await first({ failN: 4, failStatus: '401' })
    await using _ = it
    for (;;) {
      const answer = await it.source.open(recording, { byte: 0 }, call).catch((error) => error)
      if (answer instanceof Error) expect(answer).toMatchObject({ code: 'SERVER', retryable: true })
      else if ('body' in answer) {
        expect(await hashes(answer.body)).toMatchObject(truthOf(it, recording).exported)
        break
      }
    }
    expect([it.asked('token'), it.asked('export')]).toEqual([0, 1])
  })
})

describe('what the vendor says of a recording', () => {
  it.each(['none', 'all'] as const)('out of retention is expired (without an address: %s)', async (mp4UrlNull) => {
    const { it, recording } = await first({ mp4UrlNull })
    await using _ = it
    it.cloud.set({ expired: 'all' })
    const { answer } = await openAtLast(it.source, recording)
    expect(answer).toMatchObject({
      outcome: 'expired',
      ...recording.window,
      reason: expect.stringContaining('outOfRetention'),
    })
  })

  it('forbidden is said once', async () => {
    const { it, recording } = await first()
    await using _ = it
    it.cloud.set({ denied: 'all' })
    const { error, tries } = await persist(it, recording)
    expect(error).toMatchObject({ code: 'PERMISSION', httpStatus: 403, vendorCode: 'invalidPermission' })
    expect([tries, it.asked('media'), it.asked('export')]).toEqual([1, 1, 0])
  })

  it.each([
    [0, undefined],
    [9, 9000],
  ])('too many requests is waited for (Retry-After %s)', async (retryAfter, retryAfterMs) => {
    const { it, recording } = await first({ failN: 5, failStatus: '429', retryAfter })
    await using _ = it
    const error = await openAtLast(it.source, recording).catch((caught) => caught)
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
    expect(error.retryAfterMs).toBe(retryAfterMs)
    const { answer, tries } = await persist(it, recording)
    expect(tries).toBe(5)
    expect(answer && 'body' in answer && answer.representation).toBe('mp4Url')
    expect(it.asked('export')).toBe(0)
  })

  it.each([
    ['400', 'REQUEST'],
    ['418', 'REQUEST'],
    ['463', 'REQUEST'],
  ] as const)('%s is a failure, tried once', async (failStatus, code) => {
    const { it, recording } = await first({ failN: 9, failStatus })
    await using _ = it
    const { error, tries } = await persist(it, recording)
    expect(error).toMatchObject({ code, httpStatus: Number(failStatus) })
    expect([tries, it.asked('media')]).toEqual([1, 1])
  })

  it('nothing of is asked for where it was not listed here', async () => {
    const { it, recording } = await first()
    await using _ = it
    await expect(it.source.open({ ...recording, id: 'main/1' }, { byte: 0 }, call)).rejects.toMatchObject({
      code: 'REQUEST',
    })
  })
})

describe('a file that an export made', () => {
  it.each(['404', '410'] as const)(
    'and that is deleted by now (%s) is made once more: the recording is not expired',
    async (downloadExpired) => {
      const { it, recording } = await first({ mp4UrlNull: 'all', downloadTtl: 60_000, downloadExpired })
      await using _ = it
      const { answer } = await openAtLast(it.source, recording)
      if ('body' in answer) await answer.body[Symbol.asyncIterator]().return?.()
      it.clock.advance(60_000)
      await expect(it.source.open(recording, { byte: 0 }, call)).rejects.toMatchObject({
        ...{ code: 'SERVER', retryable: true, message: expect.stringContaining('deleted') },
      })
      const again = await openAtLast(it.source, recording)
      if (!('body' in again.answer)) throw new Error('No body.')
      expect(await hashes(again.answer.body)).toMatchObject(truthOf(it, recording).exported)
      expect(it.asked('export')).toBe(2)
    },
  )

  it('is made once more where the job is forgotten', async () => {
    const { it, recording } = await first({ mp4UrlNull: 'all', refreshIdle: 90 * 24 * hour })
    await using _ = it
    await it.source.open(recording, { byte: 0 }, call)
    it.clock.advance(29 * 24 * hour)
    const { answer, tries } = await persist(it, recording)
    expect([tries, it.asked('export')]).toEqual([2, 2])
    expect(answer && 'body' in answer && answer.representation).toMatch(/^export /)
  })
})
