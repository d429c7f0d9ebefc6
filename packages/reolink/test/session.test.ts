import { describe, expect, it } from 'vitest'
import { countOf, holdingRelay, never, pretend, thrown, until } from './pretend-device.ts'

const info = { cmd: 'GetDevInfo' }
const nodes = (requests: readonly { readonly node: string }[]) => requests.map(({ node }) => node)

describe('one login', () => {
  it('serves everything, also where its token is not known yet, and ends when the device is disposed', async () => {
    const { simulator, device } = await pretend()
    const [first] = await device.call([info], { signal: never })
    expect(first?.value).toMatchObject({ DevInfo: { model: 'RLC-520A' } })
    await device.snapshot(0, never)
    await device[Symbol.asyncDispose]()
    const { sessions } = simulator.truth()
    expect(sessions).toMatchObject({ open: 0, opened: 1, closed: 1, maximum: 1 })
    expect(sessions.history).toMatchObject([{ ended: 'logout' }])
    expect(simulator.violations).toEqual([])
  })

  it('is made once, whoever asks at the same time, and what is asked goes one after the other', async () => {
    const { simulator, device } = await pretend({ switches: { concurrent: 'reset' } })
    await Promise.all([
      ...Array.from({ length: 6 }, () => device.call([info], { signal: never })),
      device.snapshot(0, never),
      device.token(never),
    ])
    expect(countOf(simulator, 'Login')).toBe(1)
    expect(simulator.violations).toEqual([])
  })

  it('is made once more where the device knows it no longer, and the old one is logged out first', async () => {
    const { simulator, device } = await pretend()
    await device.ask(info, never)
    simulator.revokeSessions()
    await Promise.all([device.ask(info, never), device.ask(info, never)])
    expect(countOf(simulator, 'Login')).toBe(2)
    expect(nodes(simulator.requests).filter((node) => /Log/.test(node))).toEqual(['Login', 'Logout', 'Login'])
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 2 })
    expect(simulator.violations).toEqual([])
  })

  it('is given up where a new one is not taken either', async () => {
    const { simulator, device } = await pretend({ switches: { jsonFault: '-6' }, options: { retry: { retries: 0 } } })
    const error = await thrown(device.ask(info, never))
    expect(error).toMatchObject({ code: 'BUSY', retryable: true, vendorCode: -6, vendor: 'reolink' })
    expect(countOf(simulator, 'Login')).toBe(2)
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions.open).toBe(0)
  })

  it('is renewed before its lease is over, the old one ended before the new one begins', async () => {
    const { simulator, device, clock } = await pretend({ switches: { sessionCap: 1 } })
    await device.ask(info, never)
    await clock.advance(3_250_000)
    await device.ask(info, never)
    expect(countOf(simulator, 'Login')).toBe(1)
    await clock.advance(100_000)
    await device.ask(info, never)
    expect(countOf(simulator, 'Login')).toBe(2)
    expect(simulator.truth().sessions).toMatchObject({ open: 1, maximum: 1 })
    expect(simulator.truth().sessions.history[0]).toMatchObject({ ended: 'logout' })
  })

  it('is worked with also where its lease is short', async () => {
    const { simulator, device, clock } = await pretend({ switches: { lease: 120_000 } })
    await device.ask(info, never)
    await clock.advance(50_000)
    await device.ask(info, never)
    expect(countOf(simulator, 'Login')).toBe(1)
    await clock.advance(15_000)
    await device.ask(info, never)
    expect(countOf(simulator, 'Login')).toBe(2)
  })

  it('is renewed on demand, once for all who ask', async () => {
    const { simulator, device } = await pretend()
    const before = await device.token(never)
    const [one, two] = await Promise.all([device.renew(never), device.renew(never)])
    expect(one).toBe(two)
    expect(one).not.toBe(before)
    expect(simulator.truth().sessions).toMatchObject({ open: 1, opened: 2 })
  })
})

describe('nothing is left behind', () => {
  it('where the device answers a Logout with no JSON', async () => {
    const { simulator, device } = await pretend({ switches: { logoutAnswer: 'text' } })
    await device.ask(info, never)
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions.open).toBe(0)
  })

  it('after a failure', async () => {
    const { simulator, device } = await pretend({ switches: { jsonFault: 'reset' } })
    expect(await thrown(device.ask(info, never))).toMatchObject({ code: 'NETWORK' })
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions.open).toBe(0)
  })

  it('after an abort while the device was answering', async () => {
    const { simulator, device } = await pretend({ switches: { snapFault: 'stall' } })
    const end = new AbortController()
    const shot = thrown(device.snapshot(0, end.signal))
    await until(() => countOf(simulator, 'Snap') > 1)
    end.abort(new Error('enough'))
    expect((await shot).message).toBe('enough')
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions.open).toBe(0)
    expect(simulator.violations).toEqual([])
  })

  it('where it is disposed while the device is answering, and whoever asked is told', async () => {
    const { simulator, device } = await pretend({ switches: { snapFault: 'stall' } })
    const shot = thrown(device.snapshot(0, never))
    await until(() => countOf(simulator, 'Snap') > 1)
    await device[Symbol.asyncDispose]()
    expect((await shot).message).toMatch(/has been closed/)
    expect((await thrown(device.ask(info, never))).message).toMatch(/has been closed/)
    expect(simulator.truth().sessions.open).toBe(0)
    expect(simulator.violations).toEqual([])
  })

  it('after an abort in the middle of the login', async () => {
    const { simulator, client } = await pretend()
    const relay = await holdingRelay(simulator.port)
    const device = client({ host: relay.url })
    const end = new AbortController()
    const asked = thrown(device.ask(info, end.signal))
    // The device has let us in, and we do not know it yet.
    await until(() => simulator.truth().sessions.open === 1)
    end.abort(new Error('enough'))
    expect((await asked).message).toBe('enough')
    const disposed = device[Symbol.asyncDispose]()
    relay.release()
    await disposed
    expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 1 })
  })

  it('by somebody who gives up, for the others who wait for the same login', async () => {
    const { simulator, client } = await pretend()
    const relay = await holdingRelay(simulator.port)
    const device = client({ host: relay.url })
    const end = new AbortController()
    const impatient = thrown(device.token(end.signal))
    const patient = device.token(never)
    await until(() => simulator.truth().sessions.open === 1)
    end.abort(new Error('enough'))
    expect((await impatient).message).toBe('enough')
    relay.release()
    expect(await patient).toMatch(/^[\da-f]{15}$/)
    expect(countOf(simulator, 'Login')).toBe(1)
  })

  it('where it is disposed while a renewal waits to log out behind something that hangs', async () => {
    const { simulator, device } = await pretend({ switches: { snapFault: 'stall' } })
    await device.ask(info, never)
    const shot = thrown(device.snapshot(0, never))
    await until(() => countOf(simulator, 'Snap') > 0)
    const renewed = device.renew(never).catch(() => {})
    await device[Symbol.asyncDispose]()
    await Promise.all([shot, renewed])
    expect(simulator.truth().sessions.open).toBe(0)
    expect(simulator.violations).toEqual([])
  })

  it('where a renewal has to wait for its turn longer than a logout may take', async () => {
    const { simulator, device, clock } = await pretend({ switches: { snapFault: 'stall', snapFaultTimes: 1 } })
    await device.ask(info, never)
    const end = new AbortController()
    const shot = thrown(device.snapshot(0, end.signal))
    await until(() => countOf(simulator, 'Snap') > 0)
    const renewed = device.renew(never)
    await clock.advance(6000)
    end.abort(new Error('enough'))
    await shot
    await renewed
    expect(simulator.truth().sessions).toMatchObject({ open: 1, opened: 2 })
  })

  it('where nothing was asked at all: no Logout without a token', async () => {
    const { simulator, device } = await pretend({ switches: { poisonedLogout: true } })
    await device[Symbol.asyncDispose]()
    expect(simulator.requests).toHaveLength(0)
  })
})

describe('short mode', () => {
  it('opens no session for commands and pictures, and one for media', async () => {
    const { simulator, device } = await pretend({ options: { login: 'short' }, password: 'a&b=c d/é+#1' })
    expect(await device.ask(info, never)).toMatchObject({ DevInfo: { model: 'RLC-520A' } })
    expect((await device.snapshot(0, never)).extension).toBe('jpg')
    expect(simulator.truth().sessions.opened).toBe(0)
    await device.token(never)
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 1 })
  })

  it('says so where the model does not take it, after one request', async () => {
    const { simulator, device } = await pretend({ options: { login: 'short' }, switches: { shortSession: false } })
    for (let turn = 0; turn < 3; turn++) {
      const error = await thrown(turn === 1 ? device.snapshot(0, never) : device.ask(info, never))
      expect(error).toMatchObject({ code: 'AUTHENTICATION', vendorCode: -6 })
      expect(error.message).toMatch(/takes? no short sessions.*login 'token'/s)
    }
    expect(simulator.requests).toHaveLength(1)
  })
})

describe('a reboot', () => {
  it.each(['none', '404', '502'] as const)(
    '(then %s for a while) costs a new login and nothing else',
    async (bootStatus) => {
      const { simulator, device, clock } = await pretend({ switches: { bootStatus, bootTimes: 1, bootMs: 60_000 } })
      await device.ask(info, never)
      simulator.reboot()
      expect(await thrown(device.snapshot(0, never))).toMatchObject({ code: 'NETWORK', retryable: true })
      await clock.advance(60_000)
      expect((await device.snapshot(0, never)).extension).toBe('jpg')
      await device[Symbol.asyncDispose]()
      expect(simulator.truth().sessions).toMatchObject({ open: 0, maximum: 1 })
      expect(simulator.violations).toEqual([])
    },
  )
})
