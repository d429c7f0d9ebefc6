import type { Camera } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { calm, fleet, hour, minutes, truck12 } from './pretend.ts'

const { signal } = new AbortController()

async function listed(it: Awaited<ReturnType<typeof fleet>>, vehicles?: readonly string[]): Promise<Camera[]> {
  const cameras: Camera[] = []
  for await (const camera of it.source({ vehicles }).cameras({ signal })) cameras.push(camera)
  return cameras
}

describe('vehicles', () => {
  it('are all listed, page after page, with what the vendor tells of them', async () => {
    const it = await fleet({ switches: { vehiclePageSize: 5 } })
    const cameras = await listed(it)
    expect(cameras).toHaveLength(12)
    expect(it.asked('vehicles')).toBe(3)
    expect(cameras[0]).toMatchObject({
      ...{ id: truck12, name: 'Truck 12' },
      facts: { vin: '1FUJGLDR0CLBP8812', serial: 'GVG2-4RT-12X', cameraSerial: 'CKM3-8PW-12Q' },
    })
    expect(cameras.map(({ name }) => name)).toContain('Shuttle 3')
    // Nobody tells which cameras a vehicle has: those asked for would pass for those it has.
    expect(cameras.filter((camera) => 'views' in camera)).toEqual([])
    expect(it.cloud.violations).toEqual([])
  })

  it.each([
    ...['281474976710712', 'Truck 12', ' truck 12 ', '1fujgldr0clbp8812', 'gvg2-4rt-12x', 'CKM3-8PW-12Q'],
    ...['maintenanceId:250012', '250012'],
  ])('are found by %s', async (word) => {
    expect((await listed(await fleet(), [word])).map(({ id }) => id)).toEqual([truck12])
  })

  it('are each taken once, in the order in which they are named', async () => {
    const cameras = await listed(await fleet(), ['Truck 13', 'Truck 12', truck12])
    expect(cameras.map(({ name }) => name)).toEqual(['Truck 13', 'Truck 12'])
  })

  it('that share a name are not guessed at', async () => {
    await expect(listed(await fleet(), ['shuttle'])).rejects.toThrow(
      /^vehicles: "shuttle" stands for 2 vehicles: Shuttle \(281474976710741, VIN \w+, serial \S+\); Shuttle \(281474976710742, .*\)\. Say which by its id/,
    )
    // The name of one is what another is known as elsewhere.
    await expect(listed(await fleet(), ['250041'])).rejects.toThrow(/"250041" stands for 2 vehicles/)
  })

  it('that are not there are missed by name, before anything is ordered', async () => {
    const it = await fleet()
    const run = it.run({ vehicles: ['Truck 99'] }, { window: minutes(0, 1) })
    await expect(run).rejects.toThrow(/^vehicles: no vehicle is "Truck 99"; there are Truck 12 \(281474976710712/)
    expect(it.cloud.orders).toEqual([])
  })

  it('whose list never ends are an error', async () => {
    await expect(listed(await fleet({ switches: { endlessPages: true } }))).rejects.toThrow(/pages go in a circle/)
  })
})

describe('the token', () => {
  it('that is refused is sent once, and ends the run', async () => {
    const it = await fleet()
    const source = it.source({ token: 'samsara_api_NobodyGaveThisTokenAway00' })
    const calls = [1, 2, 3].map(() => source.identify({ signal }))
    for (const each of calls) {
      await expect(each).rejects.toMatchObject({ code: 'AUTHENTICATION', stops: 'run', httpStatus: 401 })
    }
    await expect(source.identify({ signal })).rejects.toThrow(/check it, and the region it belongs to/)
    expect(it.cloud.log.entries).toHaveLength(1)
  })

  it.each([
    ['vehicles', 'Read Vehicles'],
    ['media-read', 'Read Media Retrieval'],
    ['media-write', 'Write Media Retrieval'],
  ])('without the scope %s fails in a way that names it', async (scope, name) => {
    const it = await fleet()
    it.cloud.set({ scopes: 'vehicles media-read media-write trips org'.replace(scope, '').trim() })
    const said = await it.run({}, { window: minutes(0, 2) }).then(
      async () => {
        const messages: string[] = []
        for await (const { outcome } of it.ledger.rows())
          if (outcome?.outcome === 'failed') messages.push(outcome.message)
        return messages.join('\n')
      },
      (error) => String(error),
    )
    expect(said).toContain(`The token needs the scope "${name}"`)
    expect(it.asked('order')).toBe(scope === 'media-write' ? 1 : 0)
  })

  it('that may not ask who it belongs to orders nothing; once it may, each minute is ordered once', async () => {
    const without = 'vehicles media-read media-write'
    const it = await fleet({ switches: { uploadMs: 24 * hour } })
    const run = async (scopes: string) => {
      it.cloud.set({ scopes })
      return it.run({ views: ['road'] }, { window: minutes(0, 2), pendingDeadlineMs: 0 })
    }
    for (const _ of ['first', 'and once more']) {
      await expect(run(without)).rejects.toThrow('The token needs the scope "Read Org Information"')
      expect((await run(`${without} org`)).summary).toMatchObject({ planned: 2, pending: 2 })
    }
    expect(it.ordered()).toEqual(['18:30 road', '18:31 road'])
    for await (const { key } of it.ledger.rows()) expect(key.sourceId).toBe('4001234')
  })

  it('is not sent to where films are, nor where those lead to', async () => {
    const it = await fleet()
    await it.run({ views: ['road'] }, { window: minutes(0, 1) })
    const media = it.cloud.log.entries.filter(({ node }) => node === 'media')
    expect(media.length).toBeGreaterThan(0)
    for (const { headers, method } of media) expect([method, headers.authorization]).toEqual(['GET', undefined])
    expect(it.cloud.violations).toEqual([])
  })
})

it('has to be told from when to when', async () => {
  const it = await fleet()
  const { window: _, ...none } = { window: undefined }
  const { summary } = await it.run(calm, { ...none, window: undefined as never })
  expect(summary).toMatchObject({ planned: 1, failed: 1 })
  for await (const { kind, outcome } of it.ledger.rows()) {
    expect([kind, outcome]).toMatchObject(['listing', { code: 'REQUEST', message: /say from when to when/ }])
  }
})
