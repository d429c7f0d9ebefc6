import { describe, expect, it } from 'vitest'
import { readOptions } from '../src/options.ts'
import { createCipher, digestResponse } from '../src/session/cipher.ts'
import { createSeals } from '../src/session/seals.ts'
import { countOf, never, pretend, thrown } from './pretend-device.ts'

const handshake = {
  ...{ username: 'sim', password: 'sim-Pass.1', realm: 'ReolinkSim', nonce: '0011223344556677' },
  ...{ nc: '00000001', qop: 'auth', cnonce: '00112233445566778899aabbccddeeff0011223344556677' },
}

describe('the cipher of an encrypted session', () => {
  it('answers the challenge and encrypts as in the known vectors', () => {
    expect(digestResponse(handshake, 'cgi-bin/api.cgi?cmd=Login')).toBe('6aca94edb8d05f75a0993f529995cb66')
    const cipher = createCipher(handshake)
    expect(cipher.encrypt('[{"cmd":"GetDevInfo","action":0,"param":{}}]')).toBe(
      'AkrgtsfiFXN8j6JdcXEp3HULmFniLlcnVQYpbEBO9AtEjAvHjT7HkFvRwm+PSnT5',
    )
    expect(cipher.encrypt('countId=3&checkNum=1001&cmd=Search')).toBe(
      'Ol63u97PU3Rt7qRBUHc02/cPG+V3crLzFbbVgHzMNBWFSRlwk/fGTuOXhoYl2lnX',
    )
  })

  it('reads what it wrote, whatever its length, and says where something is not its own', () => {
    const cipher = createCipher(handshake)
    for (const text of ['', 'a', 'x'.repeat(16), 'Größe ü\n'.repeat(9)]) {
      expect(text === '' ? '' : cipher.decrypt(cipher.encrypt(text))).toBe(text)
    }
    expect(cipher.decrypt('<html>')).toBeUndefined()
    expect(cipher.decrypt('')).toBeUndefined()
  })

  it('takes each number of each counter once, and leaves the first three counters alone', () => {
    const cipher = createCipher(handshake)
    const seals = createSeals(cipher, { total: 5, first: 1000 })
    const stamps = Array.from({ length: 4 }, (_, at) => cipher.decrypt(seals.stamp(at < 3 ? 'Search' : undefined)))
    expect(stamps).toEqual([
      'countId=3&checkNum=1000&cmd=Search',
      'countId=4&checkNum=1000&cmd=Search',
      'countId=3&checkNum=1001&cmd=Search',
      'countId=4&checkNum=1001',
    ])
  })
})

describe('the encrypted login', () => {
  const hub = { profile: 'hub' } as const

  it.each([true, false])(
    'is made where it is asked for, whether its answer is encrypted (%s) or not',
    async (encryptedLoginReply) => {
      const { simulator, device } = await pretend({
        options: { login: 'encrypted' },
        switches: { ...hub, encryptedLoginReply },
      })
      const replies = await device.call([{ cmd: 'GetDevInfo' }, { cmd: 'GetNothing' }, { cmd: 'GetTime' }], {
        signal: never,
      })
      expect(device.encrypted).toBe(true)
      expect(replies.map(({ value }) => value !== undefined)).toEqual([true, false, true])
      expect(replies[1]?.error).toMatchObject({ vendorCode: -9 })
      expect((await device.snapshot(0, never)).bytes.length).toBeGreaterThan(100)
      await device[Symbol.asyncDispose]()
      expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 1, history: [{ ended: 'logout' }] })
      expect(JSON.stringify(simulator.requests)).not.toMatch(/pass-1234|cmd=Get/)
      expect(simulator.violations).toEqual([])
    },
  )

  it('is renewed like any other', async () => {
    const { simulator, device } = await pretend({ options: { login: 'encrypted' }, switches: hub })
    await device.facts(never)
    simulator.revokeSessions()
    await device.ask({ cmd: 'GetTime' }, never)
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 2, maximum: 1 })
  })

  it('is ended also where a request, and its number with it, was lost on the way', async () => {
    const { simulator, device } = await pretend({ options: { login: 'encrypted' }, switches: hub })
    const time = { cmd: 'GetTime' }
    await device.ask(time, never)
    // Takes a number of the second counter, and is never sent.
    await device.media([['cmd', 'download']], never)
    for (let turn = 0; turn < 4; turn++) await device.ask(time, never)
    // There are five: now it is the second one's turn again.
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 1, history: [{ ended: 'logout' }] })
    expect(simulator.requests.at(-2)?.authenticated).toBeFalsy()
  })

  it('is found out where the device takes no other', async () => {
    const { simulator, device } = await pretend({ switches: { ...hub, encryptedLogin: 'required' } })
    expect(await device.facts(never)).toMatchObject({ kind: 'hub' })
    expect(device.encrypted).toBe(true)
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, opened: 1 })
    expect(simulator.violations).toEqual([])
  })

  it('is not made where the device takes the simple one', async () => {
    const { simulator, device } = await pretend({ switches: hub })
    await device.ask({ cmd: 'GetTime' }, never)
    expect(device.encrypted).toBe(false)
    expect(countOf(simulator, 'Login')).toBe(1)
  })

  it('is said to be missing where a camera does not know it, without the password', async () => {
    const { simulator, device } = await pretend({ options: { login: 'encrypted' } })
    const error = await thrown(device.ask({ cmd: 'GetTime' }, never))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', vendorCode: 'encrypted-login', retryable: false })
    expect(JSON.stringify(simulator.requests)).not.toContain('pass-1234')
  })

  it('is one of four', () => {
    const options = { host: 'camera', username: 'u', password: 'p' }
    expect(readOptions(options).login).toBe('auto')
    expect(() => readOptions({ ...options, login: 'digest' as never })).toThrow(/auto, token, short, encrypted/)
  })
})
