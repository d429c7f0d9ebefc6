import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type SamsaraWorld, samsaraSwitches, startSamsara } from '../../src/samsara/index.ts'
import { vendors } from '../../src/vendors.ts'
import { ask, begin, minute, samsara, sha256, truck12, truck13, van7 } from './client.ts'

describe('the default world', () => {
  it('has Truck 12 on 2025-04-16 from 13:30 in Chicago', async () => {
    await using cloud = await startSamsara()
    const local = new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/Chicago',
      timeStyle: 'short',
      dateStyle: 'short',
    })
    expect(local.format(begin).replace(/\s/g, ' ')).toBe('4/16/25, 1:30 PM')
    const rows = cloud.truth({ vehicle: 'Truck 12', start: begin, minutes: 60 })
    expect(rows.length).toBe(180)
    expect(rows.every(({ outcome }) => outcome === 'kept')).toBe(true)
    expect(rows.slice(0, 3).map(({ angle, vehicleId, start }) => [angle, vehicleId, start])).toEqual(
      ['road', 'driver', 'analog1'].map((angle) => [angle, truck12, begin]),
    )
    const gap = cloud.truth({ vehicle: truck12, start: minute(89), minutes: 12, angles: ['dashcamRoadFacing'] })
    expect(gap.map(({ outcome }) => outcome[0]).join('')).toBe(`k${'a'.repeat(10)}k`)
  })

  it('is the same everywhere, and no film is like another', async () => {
    await using one = await startSamsara()
    await using other = await startSamsara({ switches: { region: 'ca', pendingPolls: 5 } })
    const sums = (cloud: typeof one) => cloud.truth({ start: begin, minutes: 2 }).map(({ film }) => film?.sha256)
    expect(sums(one)).toEqual(sums(other))
    const made = sums(one).filter((sum) => sum !== undefined)
    expect(new Set(made).size).toBe(made.length)
  })

  it('has a vehicle of which one minute is missing and one angle fails', async () => {
    await using cloud = await startSamsara()
    const rows = cloud.truth({ vehicle: truck13, start: begin, minutes: 30 })
    const odd = rows.filter(({ outcome }) => outcome !== 'kept')
    expect(odd).toMatchObject([
      ...['road', 'driver', 'analog1'].map((angle) => ({ angle, start: minute(11), outcome: 'absent' })),
      { angle: 'driver', start: minute(17), end: minute(18), outcome: 'failed', reason: 'failed' },
    ])
    expect(odd.every((row) => !('film' in row))).toBe(true)
  })

  it('has a vehicle whose clips do not go together, all of which can be had', async () => {
    await using one = await samsara({ switches: { pendingPolls: 0 } })
    const rows = one.cloud.truth({ vehicle: van7, start: begin, minutes: 10, angles: ['road'] })
    for (const row of rows) {
      const [film] = await one.delivered(van7, row.start, ['dashcamRoadFacing'])
      expect(film!.startTime).toBe(new Date(row.shows!.start).toISOString().replace('.000Z', 'Z'))
      const { body } = await ask(film!.urlInfo!.url)
      expect([sha256(body), body.length]).toEqual([row.film!.sha256, row.film!.bytes])
    }
    expect(rows.map(({ shows }) => (shows!.end - shows!.start) / 1000)).toEqual([
      40, 60, 60, 57, 60, 60, 60, 60, 60, 40,
    ])
    expect(rows.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      ...['kept', 'kept', 'kept', 'kept', 'kept', 'kept', 'damaged', 'damaged', 'kept', 'kept'],
    ])
    expect([rows[0]!.shows!.start, rows[4]!.shows!.start]).toEqual([begin + 20_000, minute(4) + 800])
    expect(rows[7]!.film!.bytes).toBe(0)
    one.cloud.set({ itemTimes: 'asked' })
    const [asked] = await one.delivered(van7, minute(8) + 1, ['dashcamRoadFacing'])
    expect([asked!.startTime, asked!.endTime]).toEqual(['2025-04-16T18:38:00.001Z', '2025-04-16T18:39:00.001Z'])
  })
})

describe('a world of one’s own', () => {
  const vehicle = {
    ...{ id: '7', name: 'Seven', cameras: [{ input: 'analog2' as const, width: 256, height: 144 }] },
    recorded: [{ start: begin, end: minute(2) }],
  }
  const world = (...vehicles: SamsaraWorld['vehicles']): SamsaraWorld => ({
    ...{ orgId: '1', orgName: 'One', window: { start: begin, end: minute(3) }, vehicles },
  })

  it('is what a program hands in', async () => {
    await using cloud = await startSamsara({ world: world(vehicle) })
    expect(cloud.truth()).toMatchObject(
      ['kept', 'kept', 'absent'].map((outcome, at) => ({
        vehicleId: '7',
        angle: 'analog2',
        start: minute(at),
        outcome,
      })),
    )
    expect(() => cloud.set({ world: 'default' })).toThrow(/can only be set at the start/)
    expect(() => cloud.truth({ vehicle: 'Eight' })).toThrow(TypeError)
    expect(cloud.film({ vehicle: '7', angle: 'road', start: begin })).toBeUndefined()
  })

  it('is written to a file, for whoever is another process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samsara-'))
    const truthFile = join(folder, 'truth.json')
    try {
      const failed = '7/analog2@2025-04-16T18:31:00Z'
      await using cloud = await startSamsara({ world: world(vehicle), switches: { truthFile, failed } })
      const rows = JSON.parse(readFileSync(truthFile, 'utf8'))
      expect(rows).toEqual(JSON.parse(JSON.stringify(cloud.truth())))
      expect(rows.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['kept', 'failed', 'absent'])
      expect(rows[0].film.sha256).toMatch(/^[0-9a-f]{64}$/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is refused where it makes no sense', async () => {
    const twice = { ...vehicle, cameras: [...vehicle.cameras, ...vehicle.cameras] }
    const backwards = { ...vehicle, recorded: [{ start: minute(2), end: begin }] }
    for (const wrong of [world({ ...vehicle, id: 'x' }), world(vehicle, vehicle), world(twice), world(backwards)])
      await expect(startSamsara({ world: wrong })).rejects.toThrow(TypeError)
    await expect(startSamsara({ switches: { world: 'custom' } })).rejects.toThrow(TypeError)
  })
})

describe('the switches', () => {
  it('have a row each in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const part = readme.slice(readme.indexOf('## samsara'))
    const rows = [...part.slice(0, part.indexOf('\n## ', 5)).matchAll(/^\| `(\w+)`\s*\| ([^|]*[^|\s])?\s*\|/gm)]
    const found = rows.filter(([, name]) => Object.hasOwn(samsaraSwitches, name!))
    expect(found.map(([, name]) => name)).toEqual(Object.keys(samsaraSwitches))
    const initials = Object.values(samsaraSwitches).map(({ initial }) =>
      String(initial ?? 'off').replace('Infinity', 'always'),
    )
    expect(found.map(([, , initial]) => initial ?? '')).toEqual(initials)
  })

  it('are read from the command line, which is told how to reach it', async () => {
    const vendor = vendors.samsara!
    const prepared = (...written: string[]) => vendor.prepare(written, { port: 0, tls: false })
    const running = await prepared('region=ca', `failed=${truck12}/driver@2025-04-16T18:30:00Z`)()
    try {
      expect(running.args).toEqual(['--base-url', running.url])
      expect(JSON.parse(running.env.CAM_SAMSARA_ORIGINS!).ca).toBe(running.url)
    } finally {
      await running.close()
    }
    for (const wrong of ['world=custom', 'region=uk', 'mediaPageSize=0', 'urlTtl=soon'])
      expect(() => prepared(wrong)).toThrow(TypeError)
    await expect(prepared('failed=Truck 12')()).rejects.toThrow(/switch failed: "Truck"/)
  })

  it('tls is one certificate for all hosts', async () => {
    await using cloud = await startSamsara({ tls: true })
    expect(Object.values(cloud.hosts).every((origin) => origin.startsWith('https://127.0.0.1:'))).toBe(true)
    expect(cloud.args.slice(-2)).toEqual(['--fingerprint', cloud.certificate!.fingerprint256])
  })
})
