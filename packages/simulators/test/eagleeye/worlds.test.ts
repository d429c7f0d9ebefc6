import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type EagleEyeTruth, eagleEyeSwitches, startEagleEye } from '../../src/eagleeye/index.ts'
import { vendors } from '../../src/vendors.ts'
import { TestClock } from '../test-clock.ts'
import { classic, sha256, v3 } from './client.ts'

const end = Date.UTC(2026, 1, 9)
const week = 7 * 86_400_000

describe('the world week', () => {
  it('has every kind of clip there is', async () => {
    await using cloud = await startEagleEye({ switches: { world: 'week' } })
    const rows = cloud.truth()
    expect(rows.length).toBeGreaterThan(170)
    expect(rows.length).toBeLessThan(230)
    expect(rows.every(({ outcome }) => outcome === 'kept')).toBe(true)
    const of = (index: number) => rows.filter(({ cameraId }) => cameraId === `100a${(0x1000 + index).toString(16)}`)
    const has = (index: number, fits: (row: EagleEyeTruth, before: EagleEyeTruth | undefined) => boolean) =>
      expect(of(index).some((row, at) => fits(row, of(index)[at - 1]))).toBe(true)
    has(0, (row) => row.start < end - week && row.end > end - week)
    has(0, (row) => row.end === end)
    has(1, (row) => row.start === end - week)
    has(1, (row, before) => row.start === before?.end && row.end - row.start === 300_000)
    expect([of(2).length, of(19).length, of(20).length]).toEqual([1, 0, 0])
    has(3, (row) => row.start < end && row.end > end)
    has(5, (row, before) => before !== undefined && row.start < before.end)
    expect(of(6).every((row) => row.start > end - week && row.end < end)).toBe(true)
    has(7, (row) => row.end - row.start === 1_200_000 && row.flv.bytes < 100_000 && row.mp4.bytes < 100_000)
    has(8, (row) => row.end - row.start === 900)
  })

  it('is the same everywhere, and no film is like another', async () => {
    await using one = await startEagleEye({ switches: { world: 'week' } })
    await using other = await startEagleEye({ switches: { world: 'week' } })
    expect(one.truth()).toEqual(other.truth())
    const sums = one.truth().flatMap(({ flv, mp4, exported }) => [flv.sha256, mp4.sha256, exported.sha256])
    expect(new Set(sums).size).toBe(sums.length)
    expect(one.truth().every(({ mp4, exported }) => mp4.bytes === exported.bytes)).toBe(true)
  })

  it('ends when it is told to, and its last clip goes on by the clock', async () => {
    const clock = new TestClock()
    await using cloud = await startEagleEye({ clock, switches: { world: 'week', until: 'now' } })
    const now = clock.now()
    const growing = () => cloud.truth({ end: now + week }).filter(({ outcome }) => outcome === 'pending')
    expect(growing()).toMatchObject([{ cameraId: '100a1003', start: now - 240_000, end: now }])
    clock.advance(60_000)
    expect(growing()).toMatchObject([{ end: now + 60_000 }, { cameraId: '100a1006', end: now + 60_000 }].slice(0, 1))
    clock.advance(3_600_000)
    expect(growing()).toEqual([])
    const start = now - 240_000
    cloud.extend('100a1003', start, 10_000)
    const row = cloud.truth({ start, end: now }).find(({ cameraId }) => cameraId === '100a1003')
    expect(row?.end).toBe(now + 14 * 60_000 + 10_000)
    expect(() => cloud.extend('100a1003', start + 1, 10_000)).toThrow(TypeError)
  })

  it('loses what is out of retention', async () => {
    await using cloud = await startEagleEye({ switches: { world: 'week' } })
    const to = end - week / 2
    cloud.moveRetentionEdge({ to })
    const rows = cloud.truth()
    expect(rows.every(({ start, outcome }) => start < to === (outcome === 'expired'))).toBe(true)
  })
})

describe('every clip of the week', () => {
  it('can be had through the classic API', async () => {
    await using one = await classic({ switches: { world: 'week', mp4Polls: 0 } })
    await one.login()
    const rows = one.cloud.truth()
    const wrong = []
    for (const id of new Set(rows.map(({ cameraId }) => cameraId))) {
      const own = rows.filter(({ cameraId }) => cameraId === id)
      expect(await one.list(id, end - week, end)).toEqual(own.map((row) => [row.start, row.end]))
      for (const row of own)
        if (sha256((await one.play(id, row.start, row.end)).body) !== row.flv.sha256) wrong.push(row)
    }
    expect(wrong).toEqual([])
    expect(one.cloud.violations).toEqual([])
  })

  it('can be had through v3, by whoever looks beyond the edges', async () => {
    await using one = await v3({ switches: { world: 'week' } })
    const rows = one.cloud.truth()
    const cameras = (await one.get('cameras', { pageSize: '500' })).json.results
    const sums = new Set<string>()
    for (const { id } of cameras) {
      const more = { include: 'mp4Url', coalesce: 'false', pageSize: '500' }
      const { results } = (await one.list(id, end - week - 3_600_000, end + 3_600_000, more)).json
      for (const { mp4Url } of results) sums.add(sha256((await one.film(mp4Url)).body))
    }
    expect(rows.filter(({ mp4 }) => !sums.has(mp4.sha256))).toEqual([])
    // Two lie beside the window.
    expect(sums.size).toBe(rows.length + 2)
    expect(one.cloud.violations).toEqual([])
  })
})

describe('a world of one’s own', () => {
  it('is refused where it makes no sense', async () => {
    const camera = { id: '10000001', name: 'One', bridgeId: '10000000', clips: [{ start: 1000, end: 5000 }] }
    const world = (cameras: (typeof camera)[]) => ({
      ...{
        accountId: '00000001',
        window: { start: 0, end: 10_000 },
        bridges: [{ id: '10000000', name: 'B' }],
        cameras,
      },
    })
    await using cloud = await startEagleEye({ world: world([camera]) })
    expect(cloud.truth()).toMatchObject([{ cameraId: '10000001', start: 1000, end: 5000 }])
    expect(() => cloud.set({ world: 'week' })).toThrow(/can only be set at the start/)
    const wrong = [
      { ...camera, id: 'x' },
      { ...camera, bridgeId: 'y' },
      { ...camera, clips: [{ start: 5, end: 5 }] },
    ]
    for (const one of wrong) await expect(startEagleEye({ world: world([one]) })).rejects.toThrow(TypeError)
    await expect(startEagleEye({ world: world([camera, camera]) })).rejects.toThrow(TypeError)
    await expect(startEagleEye({ switches: { world: 'custom' } })).rejects.toThrow(TypeError)
  })
})

describe('the switches', () => {
  it('have a row each in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const part = readme.slice(readme.indexOf('## eagleeye'))
    const rows = [...part.slice(0, part.indexOf('\n## ', 5)).matchAll(/^\| `(\w+)`\s*\| ([^|]*[^|\s])?\s*\|/gm)]
    const found = rows.filter(([, name]) => Object.hasOwn(eagleEyeSwitches, name!))
    expect(found.map(([, name]) => name)).toEqual(Object.keys(eagleEyeSwitches))
    const initials = Object.values(eagleEyeSwitches).map(({ initial }) =>
      String(initial ?? 'off').replace('Infinity', 'always'),
    )
    expect(found.map(([, , initial]) => (initial ?? '').replaceAll('`', ''))).toEqual(initials)
  })

  it('are read from the command line, which is told how to reach it', async () => {
    const vendor = vendors.eagleeye!
    const prepared = (...written: string[]) => vendor.prepare(written, { port: 0, tls: false })
    const first = await prepared('world=week', 'api=classic', 'fail-n=2', 'until=2026-01-05T00:00Z')()
    const second = await prepared('api=v3')()
    try {
      expect(first.args).toEqual(['--api', 'classic', '--base-url', first.url])
      expect(first.env).toMatchObject({ CAM_EAGLEEYE_USERNAME: 'archivist@example.com', CAM_EAGLEEYE_PASSWORD: 'pass' })
      const origins = JSON.parse(second.env.CAM_EAGLEEYE_ORIGINS!)
      expect(second.args).toEqual(['--api', 'v3', '--base-url', origins.api])
      expect(new Set(Object.values(origins)).size).toBe(8)
    } finally {
      await Promise.all([first.close(), second.close()])
    }
    for (const wrong of ['world=custom', 'until=yesterday', 'failStatus=200', 'tfaCode=12', 'pageCap=501'])
      expect(() => prepared(wrong)).toThrow(TypeError)
  })

  it('tls is one certificate for all hosts', async () => {
    await using cloud = await startEagleEye({ tls: true })
    expect(Object.values(cloud.hosts).every((origin) => origin.startsWith('https://127.0.0.1:'))).toBe(true)
    expect(cloud.args.slice(-2)).toEqual(['--fingerprint', cloud.certificate!.fingerprint256])
    expect(cloud.certificate?.fingerprint256).toMatch(/^[0-9A-F:]{95}$/)
  })
})
