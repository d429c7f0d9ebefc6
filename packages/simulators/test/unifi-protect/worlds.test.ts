import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startUnifiProtect, unifiProtectSwitches } from '../../src/unifi-protect/index.ts'
import { vendors } from '../../src/vendors.ts'
import { ask } from '../raw-client.ts'
import { console, front, garage, json, yard } from './client.ts'

const hour = 3_600_000
const at = (text: string) => Date.parse(`2026-10-${text}Z`)

describe('the truth', () => {
  it('has one outcome for every hour of every camera over the end of summer time', async () => {
    await using one = await console({ switches: { world: 'dst' } })
    const window = { start: at('23T22:00'), end: at('25T23:00') }
    const rows = one.simulator.truth(window)
    for (const camera of [front, garage, yard]) {
      const own = rows.filter(({ cameraId }) => cameraId === camera)
      expect([own[0]!.start, own.at(-1)!.end]).toEqual([window.start, window.end])
      own.slice(1).forEach(({ start }, index) => {
        expect(start).toBe(own[index]!.end)
      })
      // The hour in which the footage begins is two pieces.
      expect(own).toHaveLength(camera === yard ? 50 : 49)
    }
    const outcome = (camera: string, start: number) =>
      rows.find((row) => row.cameraId === camera && row.start === start)?.outcome
    expect(outcome(front!, at('24T21:00'))).toBe('absent')
    expect([13, 14, 15].map((index) => outcome(front!, at(`25T${index}:00`)))).toEqual(['absent', 'absent', 'absent'])
    expect([outcome(yard!, at('24T04:00')), outcome(yard!, at('24T05:00'))]).toEqual(['expired', 'expired'])
    expect(outcome(yard!, at('24T05:17:40'))).toBe('kept')
    expect(outcome(yard!, at('24T11:00'))).toBe('absent')
    const partly = rows.find(({ cameraId, start }) => cameraId === front && start === at('25T00:00'))
    expect(partly).toMatchObject({
      outcome: 'kept',
      footage: [
        { start: at('25T00:00'), end: at('25T00:20:35') },
        { start: at('25T00:47:10'), end: at('25T01:00') },
      ],
    })
    const shortened = rows.find(({ cameraId, start }) => cameraId === yard && start === at('24T12:00'))
    expect(shortened?.footage).toEqual([{ start: at('24T12:30:05'), end: at('24T13:00') }])
  })

  it('does not change by who asks, what is asked, or what is broken', async () => {
    await using one = await console({ switches: { world: 'dst' } })
    const window = { start: at('24T10:00'), end: at('24T14:00'), segmentMs: hour / 2, channel: 2 }
    const before = one.simulator.truth(window)
    expect(before.map(({ width }) => width)).toContain(160)
    one.simulator.set({ failN: 9, truncateAt: 100, standIn: true, drop: 'all@2026-10-24T10:00Z/2026-10-24T12:00Z' })
    await one.login()
    await one.film(front!, window.start, window.start + hour)
    one.simulator.crash()
    expect(one.simulator.truth(window)).toEqual(before)
    one.simulator.set({ creationTime: 'now' })
    expect(one.simulator.truth(window).every((row) => !('sha256' in row))).toBe(true)
  })

  it('is written to a file, for who only has the process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'truth-'))
    try {
      const truthFile = join(folder, 'truth.json')
      await using one = await console({ switches: { truthFile } })
      expect(JSON.parse(readFileSync(truthFile, 'utf8'))).toEqual(one.simulator.truth())
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the nasty world', () => {
  it('lists cameras that are hard to name, to tell apart or to read', async () => {
    await using one = await console({ switches: { world: 'nasty' } })
    await one.login()
    const cameras: Record<string, unknown>[] = json(await one.get('cameras'))
    const names = cameras.map(({ name }) => name)
    expect(names.filter((name) => name === null)).toHaveLength(2)
    expect(names.filter((name) => name === 'Twins')).toHaveLength(2)
    expect(cameras.filter(({ isAdopted }) => isAdopted === false)).toHaveLength(2)
    const never = cameras.find(({ name }) => name === 'Never Recorded')
    expect(never).toMatchObject({
      recordingSettings: { mode: 'never' },
      hasRecordings: false,
      stats: { video: { recordingStart: null, recordingStartLQ: null, timelapseStart: null } },
    })
    const denied = cameras.find(({ name }) => name === 'Denied')
    const { start } = one.simulator.truth()[0]!
    expect((await one.film(String(denied?.id), start, start + hour)).status).toBe(403)
    const truth = one.simulator.truth()
    expect(truth.filter((row) => row.denied).map(({ cameraId }) => cameraId)).toEqual([denied?.id, denied?.id])
    const listed = new Set(truth.map(({ cameraId }) => cameraId))
    expect([listed.size, listed.has(String(cameras.find(({ name }) => name === 'Not Ours')?.id))]).toEqual([12, false])
  })

  it('has a camera that cannot be asked about', async () => {
    await using one = await console({ switches: { world: 'dst', failCamera: 'Garage' } })
    await one.login()
    expect((await one.get(`cameras/${garage}`)).status).toBe(500)
    expect((await one.get(`cameras/${front}`)).status).toBe(200)
    expect(json(await one.get('cameras'))).toHaveLength(3)
  })
})

describe('a world of one’s own', () => {
  it('is plain JSON', async () => {
    const id = '61b3f5c90050a703e7000999'
    const start = Date.UTC(2026, 0, 1)
    const world = {
      nvr: { id: '61b3f5c7033ea703e7000999', mac: 'AABBCCDDEEFF', name: 'Mine', timezone: 'America/New_York' },
      window: { start, end: start + hour },
      cameras: [{ id, mac: 'E063DA00FFFF', name: 'Only', recorded: [{ start: start + 1, end: start + 59_999 }] }],
    }
    await using one = await console({ world })
    await one.login()
    expect(json(await one.get('nvr'))).toMatchObject({ name: 'Mine', timezone: 'America/New_York', version: '7.1.87' })
    expect(json(await one.get('bootstrap'))).toMatchObject({ cameras: [{ id }], nvr: { name: 'Mine' } })
    expect(one.simulator.truth()).toMatchObject([{ outcome: 'kept', footage: [{ start, end: start + 60_000 }] }])
    const broken = { ...world.cameras[0]!, recorded: [{ start: 10, end: 5 }] }
    await expect(startUnifiProtect({ world: { ...world, cameras: [broken] } })).rejects.toThrow(/not in order/)
    await expect(startUnifiProtect({ switches: { world: 'custom' } })).rejects.toThrow(/needs the world/)
  })
})

describe('what nobody may do', () => {
  it('is remembered: deleting footage, and any other write', async () => {
    await using one = await console()
    const { url } = one.simulator
    await one.login()
    const path = '/proxy/protect/api/video?camera=x&start=1&end=2'
    expect((await ask(url, path, { method: 'DELETE', headers: one.credentials() })).status).toBe(403)
    await ask(url, '/proxy/protect/api/cameras/x', { method: 'PATCH', body: '{}' })
    expect(one.simulator.violations).toEqual([`DELETE ${path}`, 'PATCH /proxy/protect/api/cameras/x'])
  })
})

describe('the switches', () => {
  it('have a row each in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const part = readme.slice(readme.indexOf('## unifi-protect'))
    const rows = [...part.slice(0, part.indexOf('\n## ', 5)).matchAll(/^\| `(\w+)`\s*\| ([^|]*[^|\s])?\s*\|/gm)]
    const found = rows.filter(([, name]) => Object.hasOwn(unifiProtectSwitches, name!))
    expect(found.map(([, name]) => name)).toEqual(Object.keys(unifiProtectSwitches))
    const initials = Object.values(unifiProtectSwitches).map(({ initial }) =>
      String(initial ?? 'off').replace('Infinity', 'always'),
    )
    expect(found.map(([, , initial]) => (initial ?? '').replaceAll('`', ''))).toEqual(initials)
  })

  it('are read from the command line, and a profile is only where one begins', async () => {
    const vendor = vendors['unifi-protect']!
    const start = vendor.prepare(['profile=legacy', 'emptyForm=404', 'login-limit=5'], { port: 0, tls: false })
    const simulator = await start()
    try {
      expect(simulator.url).toMatch(/^https:/)
      expect(simulator.args.slice(0, 3)).toEqual(['--address', '127.0.0.1', '--port'])
      expect(simulator.env).toEqual({ CAM_UNIFI_USERNAME: 'archivist', CAM_UNIFI_PASSWORD: 'pass' })
      expect((await ask(simulator.url, '/api/cameras')).status).toBe(401)
    } finally {
      await simulator.close()
    }
    for (const wrong of ['world=custom', 'drop=front', 'drop=front@2/1', 'failStatus=418'])
      expect(() => vendor.prepare([wrong], { port: 0, tls: false })).toThrow(TypeError)
  })
})
