import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { reolinkZones, startReolink } from '@cam/simulators/reolink'
import { startSamsara } from '@cam/simulators/samsara'
import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { probe } from '@cam/video-merge'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled } from '../../tools/bundle.ts'

const examples = fileURLToPath(new URL('..', import.meta.url))
const day = 86_400_000
const first = Date.UTC(2026, 2, 2, 6)
/** A week of one profile, without its fourth day. */
const archives = [0, 1, 2, 4, 5, 6].map((index) => ({
  bytes: 30_000,
  first: first + index * day,
  last: first + index * day + 14 * 3_600_000,
}))

let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'cam-examples-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))

async function run(
  file: string,
  args: string[],
  env: Record<string, string> = {},
  nodeArgs: string[] = [],
  /** What it has said when it is time for Ctrl-C. */
  enough?: (out: string) => boolean,
): Promise<{ code: number | null; out: string }> {
  const program = await bundled(new URL(`../${file}`, import.meta.url))
  return new Promise((resolve, reject) => {
    const command = [...nodeArgs, program, ...args]
    const child = spawn(process.execPath, command, { cwd: folders, env: { PATH: process.env.PATH, ...env } })
    let out = ''
    let ended = false
    const hear = (chunk: Buffer) => {
      out += chunk
      // Once: a second Ctrl-C would end it at once.
      if (!ended && enough?.(out)) ended = child.kill('SIGINT')
    }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', hear)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out }))
  })
}

describe('examples', () => {
  it('are all tested here, and short', async () => {
    const files = (await readdir(examples)).filter((name) => name.endsWith('.ts'))
    expect(files.sort()).toEqual([
      'archive-everything.ts',
      'footage-of-a-day.ts',
      'last-week.ts',
      'minutes-of-a-vehicle.ts',
      'missing-report.ts',
      'picture-every-minute.ts',
      'side-by-side.ts',
      'tell-how-it-went.ts',
      'who-was-there.ts',
    ])
    for (const file of files) {
      expect((await readFile(join(examples, file), 'utf8')).trimEnd().split('\n').length, file).toBeLessThanOrEqual(30)
    }
  })

  it('archive-everything keeps all, then finds nothing new; missing-report says what is not there', async () => {
    await using camera = await startAxisTimelapse2({ archives, switches: { vanish: 1 } })
    const into = join(folders, 'everything')
    const before = await run('archive-everything.ts', [camera.host, into], camera.env)
    expect(before.out).toContain('5 new, 0 already here, 1 failed')
    expect(before.out).toMatch(/failed .*_2026_03_03_0000\.mp4 .*goes on listing/)
    expect(before.code).toBe(1)

    const report = join(folders, 'missing.csv')
    const missing = await run('missing-report.ts', [into, report])
    expect(missing).toMatchObject({ code: 0 })
    const text = await readFile(report, 'utf8')
    expect(text).toMatch(
      /_2026_03_03_0000\.mp4","2026-03-02T06:00:00\.000Z","2026-03-02T20:00:00\.001Z",".*goes on listing/,
    )
    expect(text).toContain('"nothing listed","2026-03-04T20:00:00.001Z","2026-03-06T06:00:00.000Z"')

    camera.set({ vanish: 0 })
    const after = await run('archive-everything.ts', [camera.host, into], camera.env)
    expect(after).toMatchObject({ code: 0 })
    expect(after.out).toContain('1 new, 5 already here, 0 failed')
    expect(camera.violations).toEqual([])
  })

  it('last-week fetches seven days and draws them', async () => {
    const earlier = { bytes: 30_000, first: first - 9 * day, last: first - 9 * day + 3_600_000 }
    await using camera = await startAxisTimelapse2({ archives: [earlier, ...archives] })
    const until = new Date(first + 7 * day - 6 * 3_600_000).toISOString()
    const { code, out } = await run('last-week.ts', [camera.host, join(folders, 'week'), until], camera.env)
    expect(out).toContain('6 new, 0 already here')
    expect(out).toMatch(/Front_Gate: ###\.###$/m)
    expect(code).toBe(0)
    expect(camera.violations).toEqual([])
  })

  it('footage-of-a-day says how much of a day there is, and how much there never was', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst' } })
    const { fingerprint256 } = console.certificate
    const args = [console.host, join(folders, 'footage'), '2026-10-25', fingerprint256]
    const { code, out } = await run('footage-of-a-day.ts', args, console.env)
    expect(code).toBe(0)
    const start = Date.UTC(2026, 9, 25)
    for (const name of ['Front Door', 'Garage', 'Back Yard']) {
      const [, kept, never] = new RegExp(`^${name}: (\\S+) hours kept, (\\S+) never recorded$`, 'm').exec(out)!
      expect(Number(kept) + Number(never), name).toBeCloseTo(24, 0)
    }
    const recorded = console
      .truth({ start, end: start + day })
      .filter(({ cameraId }) => cameraId === '61b3f5c90050a703e700042a')
      .flatMap(({ footage }) => footage)
      .reduce((sum, { start, end }) => sum + end - start, 0)
    expect(out).toContain(`Front Door: ${(recorded / 3_600_000).toFixed(1)} hours kept`)
    expect(console.violations).toEqual([])
  })

  it('tell-how-it-went archives a day, and hands the counts to a program', async () => {
    await using cloud = await startEagleEye({ switches: { api: 'classic' } })
    const { classicLogin: classic, classicBranded: branded } = cloud.hosts
    const env = { ...cloud.env, EAGLEEYE_HOSTS: JSON.stringify({ classic, branded }) }
    const heard = join(folders, 'heard.json')
    const args = [`exec:tee ${heard}`, join(folders, 'cloud'), '2026-02-09T00:00:00Z']
    const { code, out } = await run('tell-how-it-went.ts', args, env)
    expect(out).toContain('told')
    expect(code).toBe(0)
    const clips = cloud.truth({ start: Date.UTC(2026, 1, 8), end: Date.UTC(2026, 1, 9) })
    expect(JSON.parse(await readFile(heard, 'utf8'))).toMatchObject({
      event: 'finish',
      summary: { kept: clips.length, failed: 0 },
    })
    expect(cloud.violations).toEqual([])
  })

  it('picture-every-minute takes one of each camera, and says what nobody took; Ctrl-C ends it, and its logins', async () => {
    const channel = { channel: 0, name: 'Gate', recordings: [] }
    await using gate = await startReolink({ world: { name: 'Gate', zone: reolinkZones.berlin, channels: [channel] } })
    // An error text comes in place of each second picture.
    await using yard = await startReolink({ switches: { snapFault: '-12', snapFaultEvery: 2 } })
    const into = join(folders, 'pictures')
    const args = [into, gate.host, yard.host, '1s']
    const enough = (out: string) => ['Gate', 'Yard'].every((name) => out.split(`kept ${name}/`).length > 1)
    const before = await run('picture-every-minute.ts', args, gate.env, [], enough)
    expect(before.out).toMatch(/^\d+ due, \d+ kept, \d+ failed\n$/m)
    await new Promise((resolve) => setTimeout(resolve, 1600))
    const { out } = await run('picture-every-minute.ts', args, gate.env, [], enough)
    for (const name of ['Gate', 'Yard']) expect(out).toMatch(new RegExp(`^missed ${name} \\d+ not running$`, 'm'))

    const sent = [gate, yard].flatMap((device) => device.truth().shots.map(({ sha256 }) => sha256))
    const names = (await readdir(into, { recursive: true })).filter((name) => name.endsWith('.jpg'))
    const kept = `${before.out}${out}`.match(/^kept \S+$/gm)!.map((line) => line.slice(5))
    expect(names.sort()).toEqual(kept.sort())
    for (const name of names) {
      expect(sent).toContain(
        createHash('sha256')
          .update(await readFile(join(into, name)))
          .digest('hex'),
      )
    }
    for (const device of [gate, yard]) {
      expect(device.truth().sessions.open).toBe(0)
      expect(device.violations).toEqual([])
    }
  })

  it('who-was-there keeps what a person started, and when', async () => {
    await using camera = await startReolink()
    const into = join(folders, 'visits')
    const { code, out } = await run('who-was-there.ts', [camera.host, into, '2026-03-02T00:00+01:00'], camera.env)
    const window = { start: Date.UTC(2026, 2, 1, 23), end: Date.UTC(2026, 2, 2, 23) }
    const { recordings } = camera.truth({ stream: 'main', ...window })
    const visits = recordings.filter(({ triggers }) => triggers.includes('person'))
    expect(visits.length).toBeGreaterThan(2)
    expect(recordings.length).toBeGreaterThan(visits.length)
    expect(out.match(/^2026\S+/gm)).toEqual(visits.map(({ start }) => new Date(start).toISOString()))
    expect(out).toContain(`${visits.length} new, 0 already here, 0 failed`)
    expect(code).toBe(0)
    expect([camera.truth().sessions.open, camera.violations]).toEqual([0, []])
  })

  it('minutes-of-a-vehicle orders each minute once; side-by-side shows them together, and says what is black', async () => {
    const unrecorded = '281474976710712/driver@2025-04-16T18:31:00Z'
    await using cloud = await startSamsara({ switches: { unavailable: unrecorded, pendingPolls: 0 } })
    const env = { ...cloud.env, SAMSARA_URL: cloud.url }
    const into = join(folders, 'vehicle')
    // It waits ten seconds for what it ordered; here they pass quickly.
    const quickly = ['--import', new URL('../../apps/samsara-cli/test/hurry.mjs', import.meta.url).href]
    const args = ['Truck 12', '2025-04-16T13:30-05:00', '2', into]
    const first = await run('minutes-of-a-vehicle.ts', args, env, quickly)
    expect(first.out).toContain('driver highres/2025-04-16T18:31:00Z Samsara has no such footage: unavailable.')
    expect(first.out).toMatch(/5 new, 0 already here, 1 never recorded\n.*usage is \d+\.0 seconds .* out of 900000\.0/)
    expect(first.code).toBe(0)
    const again = await run('minutes-of-a-vehicle.ts', args, env, quickly)
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('0 new, 5 already here, 1 never recorded') })
    expect([cloud.orders.length, cloud.violations]).toEqual([2, []])

    const { path: ffmpeg } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }
    const film = join(folders, 'film.mp4')
    const made = await run('side-by-side.ts', [into, 'Truck 12', film, 'America/Chicago'], { FFMPEG_PATH: ffmpeg })
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/film\.mp4: 120 s, .*\ndriver is black from 13:31:00 to 13:32:00\n$/),
    })
    expect(await probe(film)).toMatchObject({ durationMs: 120_000, video: { width: 3 * 320, height: 240 } })
  })
})
