import { type ReolinkSimulator, startReolink } from '@cam/simulators/reolink'
import { expect, it, onTestFinished } from 'vitest'
import { reolink } from '../src/index.ts'
import { berlin, channelsOf, collect, hurriedClock, type ProfileName } from './archiving.ts'
import { calm } from './download/small-world.ts'
import { forward, portOf } from './forwarder.ts'
import { thrown } from './pretend-device.ts'

/** Two devices, an address that belongs to the first one until it is handed to the second, and back. */
async function swapped(profile: ProfileName) {
  const clock = hurriedClock()
  const devices = await Promise.all(
    ['Gate', 'Yard'].map((name) =>
      startReolink({ clock, switches: { profile }, world: { name, zone: berlin, channels: channelsOf([[]]) } }),
    ),
  )
  const [gate, yard] = devices as [ReolinkSimulator, ReolinkSimulator]
  const target = { port: gate.port, hidden: false }
  const entrance = await forward(target, (_, body) => {
    if (!target.hidden || !body.includes('GetChannelstatus')) return undefined
    const alone = (JSON.parse(body) as unknown[]).length === 1
    const refusal = { cmd: 'GetDevInfo', code: 1, error: { rspCode: -8, detail: 'timeout' } }
    const nobody = { cmd: 'GetChannelstatus', code: 0, value: { count: 0, status: [] } }
    return { status: 200, headers: { 'content-type': 'text/html' }, body: JSON.stringify([alone ? nobody : refusal]) }
  })
  const { username, password } = gate
  const source = reolink({ host: `127.0.0.1:${portOf(entrance)}`, username, password, clock, env: {} })
  onTestFinished(async () => {
    await source[Symbol.asyncDispose]()
    entrance.close()
    entrance.closeAllConnections()
    for (const device of devices) await device.close()
  })
  const [camera] = await collect(source.cameras(calm))
  return { source, camera: camera!, clock, gate, yard, target }
}

it.each(['camera', 'nvr-365'] as const)(
  'pictures of a %s that has the address now are not taken for those of the one before',
  async (profile) => {
    const { source, camera, gate, yard, target } = await swapped(profile)
    await source.snapshot(camera, calm)
    target.port = yard.port
    for (let turn = 0; turn < 2; turn++) {
      const error = await thrown(source.snapshot(camera, calm))
      expect(error).toMatchObject({ code: 'PROTOCOL', vendorCode: 'another-device' })
      expect(error.message).toMatch(/it was "Gate", and is "Yard"/)
    }
    target.port = gate.port
    expect((await source.snapshot(camera, calm)).extension).toBe('jpg')
  },
)

it('a camera that comes back is found at the next picture after a minute', async () => {
  const { source, camera, clock, target } = await swapped('nvr-365')
  target.hidden = true
  clock.advance(3_600_000)
  for (let turn = 0; turn < 2; turn++) {
    expect(await thrown(source.snapshot(camera, calm))).toMatchObject({ code: 'NOT_FOUND' })
  }
  target.hidden = false
  clock.advance(60_000)
  expect((await source.snapshot(camera, calm)).extension).toBe('jpg')
})
