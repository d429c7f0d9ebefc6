import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { countOf, never, pretend, thrown } from './pretend-device.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a picture', () => {
  it('is the one that was sent, with the time it was taken at', async () => {
    const { simulator, device, clock } = await pretend()
    const { bytes, takenAt, extension } = await device.snapshot(0, never)
    const [shot] = simulator.truth().shots
    expect(shot).toMatchObject({ channel: 0, stream: 'main', sha256: sha256(bytes), bytes: bytes.length })
    expect(Math.abs(takenAt - clock.now())).toBeLessThan(1000)
    expect(extension).toBe('jpg')
    expect(simulator.requests.at(-1)?.target).toMatch(
      /^\/cgi-bin\/api\.cgi\?cmd=Snap&channel=0&rs=[\da-f]{16}&token=[\da-f]{15}$/,
    )
  })

  it('is of the small stream and of another size where that is wanted', async () => {
    const { simulator, client } = await pretend()
    const device = client({ stream: 'sub', pictureSize: { width: 320, height: 240 } })
    await device.snapshot(0, never)
    expect(simulator.requests.at(-1)?.target).toMatch(/&snapType=sub&width=320&height=240&/)
    expect(simulator.truth().shots).toMatchObject([{ stream: 'sub' }])
  })

  it.each(['padded', 'chunked'] as const)('is taken where it is %s', async (snapFault) => {
    const { device } = await pretend({ switches: { snapFault } })
    expect((await device.snapshot(0, never)).bytes.length).toBeGreaterThan(100)
  })

  it.each([
    ['-12', 'SERVER', -12],
    ['-17', 'SERVER', -17],
    ['-48', 'SERVER', -48],
    ['-99', 'SERVER', -99],
    ['-6', 'BUSY', -6],
    ['empty', 'INCOMPLETE', undefined],
    ['short', 'INCOMPLETE', undefined],
    ['cut', 'INCOMPLETE', undefined],
    ['reset', 'NETWORK', undefined],
  ] as const)('is none where %s comes in its place, and worth another try', async (snapFault, code, vendorCode) => {
    const { simulator, device } = await pretend({ switches: { snapFault } })
    const error = await thrown(device.snapshot(0, never))
    expect(error).toMatchObject({ code, retryable: true })
    if (vendorCode !== undefined) expect(error).toMatchObject({ vendorCode, vendor: 'reolink' })
    expect(error.message).not.toMatch(/pass-1234|token=[\da-f]/)
    simulator.set({ snapFault: 'none' })
    const { bytes } = await device.snapshot(0, never)
    expect(simulator.truth().shots.map((shot) => shot.sha256)).toEqual([sha256(bytes)])
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, maximum: 1 })
  })

  it('is none where a page comes in its place', async () => {
    const { device } = await pretend({ switches: { snapFault: 'html' } })
    expect(await thrown(device.snapshot(0, never))).toMatchObject({ code: 'PROTOCOL' })
  })

  it('of a channel that is not there, or not connected, says so', async () => {
    const { device } = await pretend({ switches: { profile: 'nvr-classic' } })
    expect(await thrown(device.snapshot(77, never))).toMatchObject({ code: 'NOT_FOUND', vendorCode: -49 })
    const offline = (await device.facts(never)).channels.find(({ online }) => !online)!
    const error = await thrown(device.snapshot(offline.index, never))
    expect(error).toMatchObject({ code: 'SERVER', vendorCode: -99 })
    expect(error.message).toMatch(/not connected to its recorder/)
  })

  it('comes with a new login where the session is over', async () => {
    const { simulator, device } = await pretend()
    await device.snapshot(0, never)
    simulator.revokeSessions()
    await device.snapshot(0, never)
    expect(countOf(simulator, 'Login')).toBe(2)
  })

  it('that does not come in time is a time-out, and the next one comes', async () => {
    const { simulator, device, clock } = await pretend({ switches: { snapFault: 'stall', snapFaultTimes: 1 } })
    const shot = thrown(device.snapshot(0, never))
    while (countOf(simulator, 'Snap') < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await clock.advance(30_000)
    expect(await shot).toMatchObject({ code: 'TIMEOUT', retryable: true })
    expect((await device.snapshot(0, never)).bytes.length).toBeGreaterThan(100)
  })
})

describe('a frozen camera', () => {
  it('is told from one that looks at a wall: the third repetition in a row is refused, until something moves', async () => {
    const { simulator, device, clock } = await pretend({ switches: { snapFault: 'frozen' } })
    for (let shot = 0; shot < 3; shot++) await device.snapshot(0, never)
    for (const times of [3, 4]) {
      const error = await thrown(device.snapshot(0, never))
      expect(error).toMatchObject({ code: 'PROTOCOL', vendorCode: 'frozen', retryable: false })
      expect(error.message).toContain(`${times} times in a row`)
    }
    simulator.set({ snapFault: 'none' })
    await clock.advance(1000)
    await device.snapshot(0, never)
  })

  it('is looked for as closely as one wants, each channel by itself', async () => {
    const { client, simulator } = await pretend({ switches: { snapFault: 'frozen', profile: 'nvr-classic' } })
    const strict = client({ identicalPictures: 1 })
    const channels = (await strict.facts(never)).channels.filter(({ online }) => online).slice(0, 2)
    for (const { index } of channels) await strict.snapshot(index, never)
    for (const { index } of channels) {
      expect(await thrown(strict.snapshot(index, never))).toMatchObject({ vendorCode: 'frozen' })
    }
    const lax = client({ identicalPictures: 'allowed' })
    for (let shot = 0; shot < 8; shot++) await lax.snapshot(channels[0]!.index, never)
    expect(simulator.violations).toEqual([])
  })
})
