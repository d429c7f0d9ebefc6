import { describe, expect, it } from 'vitest'
import { countOf, never, pretend, thrown } from './pretend-device.ts'

const info = { cmd: 'GetDevInfo' }
const time = { cmd: 'GetTime' }
const unknown = { cmd: 'GetNothing' }

describe('commands', () => {
  it('get one reply each, in their order, and what one is refused with is its own', async () => {
    const { simulator, device } = await pretend()
    const replies = await device.call([time, unknown, info], { signal: never })
    expect(replies.map(({ cmd }) => cmd)).toEqual(['GetTime', 'GetNothing', 'GetDevInfo'])
    expect(replies[0]?.value).toHaveProperty('Time')
    expect(replies[1]?.error).toMatchObject({ code: 'UNAVAILABLE', vendorCode: -9, vendor: 'reolink' })
    expect(replies[2]?.value).toHaveProperty('DevInfo')
    expect(countOf(simulator, 'batch')).toBeGreaterThan(0)
    expect(await thrown(device.ask(unknown, never))).toMatchObject({ vendorCode: -9 })
  })

  it('go out 35 at a time', async () => {
    const { simulator, device } = await pretend()
    const replies = await device.call(
      Array.from({ length: 80 }, (_, at) => (at % 2 ? info : time)),
      { signal: never },
    )
    expect(replies.filter(({ value }) => value !== undefined)).toHaveLength(80)
    expect(simulator.violations).toEqual([])
  })

  it('are asked one by one where one of them spoils the batch', async () => {
    const { simulator, device } = await pretend({ switches: { poison: 'GetHddInfo' } })
    const replies = await device.call([info, { cmd: 'GetHddInfo' }, time], { signal: never })
    expect(replies.map(({ value }) => value !== undefined)).toEqual([true, false, true])
    expect(replies[1]?.error).toMatchObject({ code: 'SERVER', retryable: true, vendorCode: -8 })
    expect(countOf(simulator, 'GetTime')).toBe(1)
  })

  it.each(['cut', 'utf8', 'empty', 'html', '404', '502'] as const)(
    'that get an answer that is none (%s) are asked again with a new login, then one by one',
    async (jsonFault) => {
      for (const jsonFaultTimes of [1, 2]) {
        const { simulator, device } = await pretend({ switches: { jsonFault, jsonFaultTimes } })
        const replies = await device.call([info, time], { signal: never })
        expect(replies.map(({ value }) => value !== undefined)).toEqual([true, true])
        expect(countOf(simulator, 'Login')).toBe(2)
        await device[Symbol.asyncDispose]()
        expect(simulator.truth().sessions).toMatchObject({ open: 0, maximum: 1 })
      }
    },
  )

  it.each([
    ['cut', 'INCOMPLETE', true],
    ['empty', 'INCOMPLETE', true],
    ['html', 'PROTOCOL', false],
    ['404', 'SERVER', true],
    ['502', 'SERVER', true],
    ['reset', 'NETWORK', true],
  ] as const)('that never get an answer (%s) end in %s', async (jsonFault, code, retryable) => {
    const { simulator, device } = await pretend({ switches: { jsonFault } })
    const error = await thrown(device.call([info, time], { signal: never }))
    expect(error).toMatchObject({ code, retryable })
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions.open).toBe(0)
  })

  it('refused while a service of the device wakes up are asked once more', async () => {
    for (const code of ['-12', '-17'] as const) {
      const { device } = await pretend({ switches: { jsonFault: code, jsonFaultTimes: 1 } })
      expect(await device.ask(info, never)).toHaveProperty('DevInfo')
    }
    const { simulator, device } = await pretend({ switches: { jsonFault: '-12' } })
    expect(await thrown(device.ask(info, never))).toMatchObject({ code: 'SERVER', vendorCode: -12 })
    // The first one comes right after the login, too early for its token.
    expect(countOf(simulator, 'GetDevInfo')).toBe(3)
  })

  it('are not sent at all when their signal is aborted', async () => {
    const { simulator, device } = await pretend()
    const reason = new Error('enough')
    expect(await thrown(device.ask(info, AbortSignal.abort(reason)))).toBe(reason)
    expect(simulator.requests).toHaveLength(0)
  })
})

describe('facts', () => {
  it('of a camera', async () => {
    const { device, clock, simulator } = await pretend({ switches: { skew: -90_000, zone: 'new-york' } })
    const facts = await device.facts(never)
    expect(facts).toMatchObject({
      ...{ model: 'RLC-520A', kind: 'camera', isNvr: false, isHub: false, firmware: 'v3.1.0.951_22041566' },
      ...{
        hardware: 'IPC_523128M5MP',
        clockAheadMs: -90_000,
        mac: expect.stringMatching(/^ec:71:db(:[\da-f]{2}){3}$/),
      },
      disks: [{ kind: 'card', usable: true, capacityMiB: 60_874, freeMiB: 41_220 }],
    })
    expect(facts.uid).toMatch(/^\w{10,}$/)
    expect(facts).not.toHaveProperty('serial')
    expect(facts.channels).toEqual([{ index: 0, name: facts.name, online: true, uid: facts.uid }])
    expect(facts.time).toMatchObject({ offsetSeconds: -5 * 3600, summer: { addSeconds: 3600 } })
    expect(facts.abilities.version('snap', 0)).toBe(1)
    expect(facts.abilities.version('nothing')).toBeUndefined()
    const asked = simulator.requests.length
    await device.facts(never)
    expect(simulator.requests).toHaveLength(asked)
    await clock.advance(300_001)
    await device.facts(never)
    expect(simulator.requests.length).toBeGreaterThan(asked)
  })

  it('of a camera whose zone is told by the user', async () => {
    const { client } = await pretend({ switches: { zone: 'berlin' } })
    expect(await client({ timeZone: 'UTC' }).facts(never)).toMatchObject({ clockAheadMs: 7_200_000 })
    expect(await client().facts(never)).toMatchObject({ clockAheadMs: 0 })
  })

  it.each([
    ['nvr-classic', 'nvr'],
    ['nvr-365', 'nvr'],
    ['hub', 'hub'],
  ] as const)('of a %s, whose channels have gaps', async (profile, kind) => {
    const { device } = await pretend({ switches: { profile } })
    const facts = await device.facts(never)
    expect(facts).toMatchObject({ kind, isNvr: true, isHub: kind === 'hub' })
    const indexes = facts.channels.map(({ index }) => index)
    expect(indexes.length).toBeGreaterThan(1)
    expect([...new Set(indexes)].sort((a, b) => a - b)).toEqual(indexes)
    for (const { online, uid } of facts.channels) expect(uid !== undefined).toBe(online)
  })

  it('that cannot be asked for say why', async () => {
    const { device } = await pretend({ switches: { jsonFault: '-25' as '-4', jsonFaultCommand: 'GetDevInfo' } }).catch(
      () => pretend({ switches: { jsonFault: '-4' } }),
    )
    expect(await thrown(device.facts(never))).toMatchObject({ code: 'REQUEST', vendorCode: -4 })
  })

  it.each(['-17', '-8'] as const)(
    'are none where a recorder does not tell its cameras for the moment (%s)',
    async (code) => {
      const { simulator, device } = await pretend({
        switches: { profile: 'nvr-classic', jsonFault: code, jsonFaultCommand: 'GetChannelstatus', poison: 'GetP2p' },
      })
      expect(await thrown(device.facts(never))).toMatchObject({ code: 'SERVER', vendorCode: Number(code) })
      simulator.set({ jsonFault: 'none' })
      expect((await device.facts(never)).channels.map(({ index }) => index)).toEqual([0, 1, 2, 5])
    },
  )

  it('are none where an old camera does not tell its number for the moment: it would pass for another one', async () => {
    const { simulator, device } = await pretend({ switches: { jsonFault: '-17', jsonFaultCommand: 'GetP2p' } })
    expect(await thrown(device.facts(never))).toMatchObject({ code: 'SERVER', vendorCode: -17 })
    simulator.set({ jsonFault: 'none' })
    expect((await device.facts(never)).uid).toMatch(/^9527/)
  })

  it('of a recorder without cameras have none', async () => {
    const { device } = await pretend({
      switches: { profile: 'nvr-classic' },
      world: { name: 'NVR', zone: { timeZone: 0 }, channels: [] },
    })
    expect((await device.facts(never)).channels).toEqual([])
  })
})
