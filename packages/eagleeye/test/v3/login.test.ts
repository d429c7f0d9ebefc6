import { startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { eagleEye } from '../../src/index.ts'
import { exchangeCode } from '../../src/session/v3-login.ts'
import { authorizeUrl } from '../../src/session/v3-oauth.ts'
import { loadTokens, loginExpiresAt } from '../../src/session/v3-stored.ts'
import {
  call,
  client,
  collect,
  day,
  hashes,
  hour,
  hurriedClock,
  keyOf,
  logIn,
  openAtLast,
  optionsFor,
  pair,
  recordingsOf,
  sharedStore,
  today,
} from './pretend-cloud.ts'

const redirectUri = 'http://127.0.0.1:3333'

async function consented(change: { readonly redirectUri?: string } = {}) {
  const clock = hurriedClock()
  const cloud = await startEagleEye({ clock })
  const sessions = sharedStore()
  const options = optionsFor(cloud, sessions, clock)
  const url = authorizeUrl({ clientId: client.clientId, redirectUri, authOrigin: cloud.hosts.auth, state: 'a b&c' })
  const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location')!)
  const code = back.searchParams.get('code')!
  const exchange = () => exchangeCode(options, { code, redirectUri, ...change }, call)
  return { clock, cloud, sessions, options, back, code, exchange }
}

describe('a consent', () => {
  it('is asked for with the redirect address as it is registered, and its code becomes a stored login', async () => {
    const { clock, cloud, sessions, options, back, exchange } = await consented()
    await using _ = cloud
    expect(back.origin).toBe(redirectUri)
    expect(back.searchParams.get('state')).toBe('a b&c')
    await exchange()
    expect(sessions.steps).toEqual(['lock', 'save', 'unlock'])
    expect(await loadTokens(sessions, keyOf(cloud))).toMatchObject({
      ...{ base: cloud.hosts.apiCluster, firstLoginAt: clock.now(), lastRefreshAt: clock.now() },
      expiresAt: clock.now() + 43_198_000,
    })
    await using source = eagleEye(options)
    expect(await collect(source.cameras(call))).toHaveLength(2)
    expect(cloud.tokens).toMatchObject({ exchanged: 1, refreshed: 0 })
  })

  it('is good once', async () => {
    const { cloud, exchange, code } = await consented()
    await using _ = cloud
    await exchange()
    const error = await exchange().catch((caught) => caught)
    expect(error).toMatchObject({ code: 'AUTHENTICATION', vendorCode: 'invalid_grant' })
    expect(error.message).toContain('eagleeye-cli login')
    expect(error.message).not.toContain(code)
  })

  it('is only good for the address it was asked for with', async () => {
    const { cloud, exchange, sessions } = await consented({ redirectUri: 'http://localhost:3333' })
    await using _ = cloud
    await expect(exchange()).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    expect(sessions.values.size).toBe(0)
  })
})

describe('a stored login', () => {
  it('is needed: without one nobody is asked, and the command is named', async () => {
    await using it = await pair()
    it.sessions.values.clear()
    const before = it.cloud.log.entries.length
    const error = await it.source.identify(call).catch((caught) => caught)
    expect(error).toMatchObject({ code: 'AUTHENTICATION', stops: 'run' })
    expect(error.message).toContain('eagleeye-cli login')
    expect(it.cloud.log.entries.length).toBe(before)
  })

  it('is renewed at four fifths of its life, once, whoever asks; stored before it is used', async () => {
    await using it = await pair()
    it.clock.advance(9.5 * hour)
    await it.source.identify(call)
    expect(it.cloud.tokens.refreshed).toBe(0)
    it.clock.advance(0.2 * hour)
    await Promise.all([it.source.identify(call), collect(it.source.cameras(call)), it.source.identify(call)])
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, reused: 0, overlapping: 0, refused: 0 })
    // Marked as begun, then replaced; both within one lock.
    expect(it.sessions.steps.slice(-4)).toEqual(['lock', 'save', 'save', 'unlock'])
    expect(await loadTokens(it.sessions, keyOf(it.cloud))).toMatchObject({
      ...{ firstLoginAt: today, lastRefreshAt: it.clock.now() },
    })
    expect((await loadTokens(it.sessions, keyOf(it.cloud)))?.renewingSince).toBeUndefined()
  })

  it('is renewed once by two sources that share it, and both go on', async () => {
    await using it = await pair({ switches: { tokenMs: 5 } })
    const other = it.again()
    await Promise.all([it.source.identify(call), other.identify(call)])
    it.clock.advance(10 * hour)
    await Promise.all([it.source, other, it.again()].map((source) => collect(source.cameras(call))))
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, reused: 0, overlapping: 0, refused: 0 })
  })

  it('that another program has renewed is read again, not renewed again', async () => {
    await using it = await pair()
    await it.source.identify(call)
    await logIn(it.cloud, it.sessions, it.clock)
    it.cloud.expireSessions()
    await logIn(it.cloud, it.sessions, it.clock)
    await it.source.identify(call)
    expect(it.cloud.tokens).toMatchObject({ refreshed: 0, reused: 0 })
  })

  it('that is refused in mid-run is renewed once, and the request is sent again', async () => {
    await using it = await pair()
    await it.source.identify(call)
    it.cloud.expireSessions()
    expect(await collect(it.source.cameras(call))).toHaveLength(2)
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, refused: 0 })
    expect(it.asked('cameras')).toBe(2)
  })

  it('that was revoked ends the run with the command, and is not tried again', async () => {
    await using it = await pair()
    await it.source.identify(call)
    // Somebody else renewed it, and keeps the new tokens for themselves.
    it.cloud.rotateNow()
    for (const _ of [1, 2]) {
      const error = await it.source.identify(call).catch((caught) => caught)
      expect(error).toMatchObject({ code: 'AUTHENTICATION', stops: 'run', vendorCode: 'invalid_grant' })
      expect(error.message).toContain('eagleeye-cli login')
    }
    expect(it.asked('token')).toBe(1)
  })

  it.each([
    ['14 days without a run', 14 * day],
    ['90 days', 90 * day],
  ])('is over after %s, as it says beforehand', async (_, age) => {
    await using it = await pair()
    const key = keyOf(it.cloud)
    const stored = (await loadTokens(it.sessions, key))!
    expect(await loginExpiresAt(it.sessions, key)).toBe(today + 14 * day)
    it.sessions.values.set(key, JSON.stringify({ ...stored, lastRefreshAt: today + 85 * day }))
    expect(await loginExpiresAt(it.sessions, key)).toBe(today + 90 * day)
    expect(await loginExpiresAt(it.sessions, 'another')).toBeUndefined()
    it.clock.advance(age)
    await expect(it.source.identify(call)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
  })

  it('outlives a login server that is busy: the token still serves, and the next try is a minute later', async () => {
    await using it = await pair({ switches: { tokenFailN: 4, tokenFailStatus: '503' } })
    it.clock.advance(10 * hour)
    await it.source.identify(call)
    await it.source.identify(call)
    expect(it.asked('token')).toBe(4)
    it.clock.advance(61_000)
    await it.source.identify(call)
    expect(it.cloud.tokens.refreshed).toBe(1)
  })

  it('whose renewal is lost on its way is tried once more, and then needs a new consent', async () => {
    await using it = await pair({ switches: { tokenFailN: 1, tokenFailStatus: 'after' } })
    it.clock.advance(10 * hour)
    const error = await it.source.identify(call).catch((caught) => caught)
    expect(error).toMatchObject({ code: 'AUTHENTICATION', vendorCode: 'invalid_grant' })
    expect(error.message).toMatch(/lost on its way.*eagleeye-cli login/)
    expect(it.asked('token')).toBe(2)
  })

  it('whose renewal breaks off twice is left alone for a minute, and the command is named in case it is over', async () => {
    await using it = await pair({ switches: { rotation: 'permanent', tokenFailN: 2, tokenFailStatus: 'after' } })
    it.clock.advance(13 * hour)
    for (const _ of [1, 2]) {
      const error = await it.source.identify(call).catch((caught) => caught)
      expect(error).toMatchObject({ code: 'NETWORK', retryable: true, vendorCode: 'renewal-broke-off' })
      expect(error.message).toContain('eagleeye-cli login')
      expect(it.asked('token')).toBe(2)
    }
    it.clock.advance(60_000)
    await it.source.identify(call)
    expect(it.asked('token')).toBe(3)
  })

  it('stays good where the store fails before the renewal: nothing was asked for', async () => {
    await using it = await pair()
    it.clock.advance(10 * hour)
    it.sessions.failing = 1
    await expect(it.source.identify(call)).rejects.toMatchObject({ code: 'DISK_IO' })
    expect(it.asked('token')).toBe(0)
    await it.source.identify(call)
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, refused: 0 })
  })

  it('survives a store that fails for a moment after the renewal', async () => {
    await using it = await pair()
    it.clock.advance(10 * hour)
    const { save } = it.sessions
    let saves = 0
    it.sessions.save = async (key, value) => {
      if (++saves === 2) throw new Error('EIO')
      return save(key, value)
    }
    await it.source.identify(call)
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, refused: 0 })
    await it.again().identify(call)
  })

  it('stays what it is where tokens are permanent', async () => {
    await using it = await pair({ switches: { rotation: 'permanent' } })
    for (const _ of [1, 2, 3]) {
      it.clock.advance(10 * hour)
      await it.source.identify(call)
    }
    expect(it.cloud.tokens.refused).toBe(0)
    expect(it.cloud.tokens.refreshed).toBeLessThanOrEqual(4)
  })

  it('of a client without a secret lasts as long as its token', async () => {
    await using it = await pair({ switches: { publicClient: true } }, { v3: { clientId: client.clientId } })
    it.clock.advance(11.5 * hour)
    await it.source.identify(call)
    it.clock.advance(hour)
    await expect(it.source.identify(call)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    expect(it.asked('token')).toBe(0)
  })

  it('is not lost when a run is given up during its renewal', async () => {
    await using it = await pair({ switches: { tokenMs: 20 } })
    it.clock.advance(10 * hour)
    const abort = new AbortController()
    const reason = new Error('enough')
    const source = it.again()
    const asking = source.identify({ signal: abort.signal }).catch((error) => error)
    for (let turn = 0; turn < 10_000 && it.asked('token') === 0; turn++)
      await new Promise((resolve) => setImmediate(resolve))
    abort.abort(reason)
    expect(await asking).toBe(reason)
    await source[Symbol.asyncDispose]()
    await it.again().identify(call)
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, refused: 0 })
  })
})

describe('a download', () => {
  it('whose token is replaced meanwhile breaks off, and is whole with the new one', async () => {
    await using it = await pair({ switches: { rotationCuts: true, stallAt: 1000, faultTimes: 1 } })
    const [recording] = await recordingsOf(it.source)
    const { answer } = await openAtLast(it.source, recording!)
    if (!('body' in answer)) throw new Error('No body.')
    const reading = hashes(answer.body).catch((error) => error)
    it.clock.advance(10 * hour)
    await it.again().identify(call)
    expect(await reading).toMatchObject({ retryable: true })
    const again = await openAtLast(it.source, recording!)
    if (!('body' in again.answer)) throw new Error('No body.')
    const truth = it.cloud.truth().find(({ start }) => start === recording!.window!.start)!
    expect((await hashes(again.answer.body)).sha256).toBe(truth.mp4.sha256)
    expect(it.cloud.tokens).toMatchObject({ refreshed: 1, reused: 0 })
  })
})
