import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { place, runHere } from './run.ts'
import { filesOf } from './truth.ts'

const day = ['--start', '2026-11-02T08:00Z', '--end', '2026-11-02T14:00Z']

/** The planned ones are the seven outcomes together. */
function addsUp(sum: Record<string, unknown>): void {
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped } = sum as Record<string, number>
  expect(kept! + alreadyKept! + absent! + expired! + pending! + failed! + skipped!).toBe(planned)
  expect(planned).toBeGreaterThan(0)
}

describe('events', () => {
  it('are listed with their time, camera and kind, and nothing is written', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    const { code, stdout, stderr } = await runHere(['events', ...line, ...day], env)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^2026-11-02T\d\d:\d\d:\d\d\+01:00 {2}\S+ {2}Garage {2}\S+$/m)
    const count = Number(/\n(\d+) recordings, of which 0 kept\.\n$/.exec(stdout)![1])
    expect(stdout.match(/^2026-/gm)).toHaveLength(count)
    expect(filesOf(dest)).toEqual([])
    const json = (await runHere(['events', ...line, ...day, '--json'], env)).json()
    expect(json.at(-1)).toEqual({ type: 'events-ended', recordings: count, kept: 0, failedLists: 0 })
    expect(json.filter(({ type }) => type === 'recording')).toHaveLength(count)
    expect(console.exports.asked).toBe(0)
  })

  it('are listed from when they began; a clip begins before', async () => {
    await using console = await startUnifiProtect()
    const { env, line } = place(console)
    const first = async (...flags: string[]) => {
      const { json } = await runHere(['events', ...line, ...day, '--json', '--cameras', 'Garage', ...flags], env)
      return json().find(({ type }) => type === 'recording') as unknown as Listed
    }
    const [event, clip] = [await first(), await first('--padding', '5s')]
    expect(event).toEqual(await first('--padding', '0s'))
    const [start, before] = [event, clip].map(({ recording }) => Date.parse(recording.window.start))
    expect(start! - before!).toBe(5000)
  })

  it('of some kinds only, on one camera', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst' } })
    const { env, line } = place(console)
    const days = ['--start', '2026-10-24T00:00Z', '--end', '2026-10-26T00:00Z']
    const kindsOf = async (...flags: string[]) => {
      const { json } = await runHere(['events', ...line, ...days, '--json', '--cameras', 'Garage', ...flags], env)
      const found = json().filter(({ type }) => type === 'recording') as unknown as Listed[]
      return new Set(found.map(({ recording }) => `${recording.facts.type}/${recording.facts.smartTypes ?? ''}`))
    }
    const all = await kindsOf()
    expect(all.size).toBeGreaterThan(2)
    expect(await kindsOf('--event-types', 'motion')).toEqual(new Set(['motion/']))
    expect(await kindsOf('--smart-types', 'person')).toEqual(new Set(['smartDetectZone/person']))
  })

  it('are fetched as clips into folders of their own, once, beside the rest', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    const asked = ['events', '--download', ...line, ...day, '--cameras', 'Garage', '--padding', '3s']
    const first = await runHere([...asked, '--json'], env)
    expect([first.code, first.stderr]).toEqual([0, ''])
    addsUp(first.json().at(-1)!)
    const names = filesOf(dest)
    expect(names.length).toBeGreaterThan(2)
    for (const name of names) {
      expect(name).toMatch(
        /^events\/Garage\/2026-11-02\/\d\d-\d\d-\d\d\+0100 (motion|person|vehicle-licensePlate|alrmBark)\.mp4$/,
      )
    }
    const again = await runHere([...asked, '--json'], env)
    expect(again.json().at(-1)).toMatchObject({ kept: 0, alreadyKept: names.length, failed: 0 })
    const hours = await runHere([...line, ...day, '--cameras', 'Garage', '--json'], env)
    expect(hours.json().at(-1)).toMatchObject({ failed: 0, alreadyKept: 0 })
    expect(filesOf(dest).length).toBeGreaterThan(names.length)
    const listed = await runHere(['events', ...line, ...day, '--cameras', 'Garage'], env)
    expect(listed.stdout.match(/ {2}kept$/gm)).toHaveLength(names.length)
  })
})

interface Listed {
  readonly recording: { readonly facts: Record<string, string>; readonly window: { readonly start: string } }
}

describe('snapshot', () => {
  it('is one picture of each camera, from now or from a moment of the past', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    const live = await runHere(['snapshot', ...line, '--json'], env)
    expect([live.code, live.stderr]).toEqual([0, ''])
    expect(live.json().at(-1)).toMatchObject({ planned: 2, kept: 2 })
    const past = await runHere(
      ['snapshot', ...line, '--at', '2026-11-02 09:30:07+0000', '--cameras', 'Front Door'],
      env,
    )
    expect([past.code, past.stderr]).toEqual([0, ''])
    const names = filesOf(dest).sort()
    expect(names).toHaveLength(3)
    expect(names).toContain('snapshots/Front Door/2026-11-02/10-30-07+0100.jpg')
    for (const name of names) expect(readFileSync(join(dest, name)).subarray(0, 2).toString('hex')).toBe('ffd8')
  })

  it('that is an error text is never a picture', async () => {
    await using console = await startUnifiProtect({ switches: { snapshotForm: 'json' } })
    const { dest, env, line } = place(console)
    const { code, json } = await runHere(['snapshot', ...line, '--max-retries', '0', '--json'], env)
    expect(code).toBe(1)
    expect(json().at(-1)).toMatchObject({ planned: 2, kept: 0, failed: 2 })
    expect(filesOf(dest)).toEqual([])
  })
})

describe('timelapse', () => {
  it('is fetched day by day, at its speed, into a folder of its own', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst' } })
    const { dest, env, line } = place(console)
    const asked = [
      'timelapse',
      ...line,
      '--cameras',
      'Front Door',
      '--start',
      '2026-10-20T00:00Z',
      '--end',
      '2026-10-22T00:00Z',
    ]
    const { code, stderr, json } = await runHere([...asked, '--speed', '600', '--json'], env)
    expect([code, stderr]).toEqual([0, ''])
    expect(json().at(-1)).toMatchObject({ planned: 2, kept: 2 })
    expect(filesOf(dest).sort()).toEqual([
      'timelapse/Front Door/2026-10-20_02-00-00+0200_600x.mp4',
      'timelapse/Front Door/2026-10-21_02-00-00+0200_600x.mp4',
    ])
    expect(console.log.of('media').every(({ target }) => /type=timelapse/.test(target) && /fps=40/.test(target))).toBe(
      true,
    )
    const again = await runHere([...asked, '--speed', '600', '--json'], env)
    expect(again.json().at(-1)).toMatchObject({ kept: 0, alreadyKept: 2 })
    const slower = await runHere([...asked, '--speed', '300', '--json'], env)
    expect(slower.json().at(-1)).toMatchObject({ kept: 2, alreadyKept: 0 })
  })
})

describe('what needs no console', () => {
  it('verify reads every file of every kind', async () => {
    const { dest, env, count } = await filled()
    const { code, stdout } = await runHere(['verify', '--deep', '--dest', dest], env)
    expect([code, stdout]).toEqual([0, expect.stringContaining(`checked=${count} intact=${count} missing=0 altered=0`)])
  })
})

async function filled() {
  await using console = await startUnifiProtect()
  const { dest, env, line } = place(console)
  const hour = ['--start', '2026-11-02T08:00Z', '--end', '2026-11-02T09:00Z']
  await runHere([...line, ...hour, '--cameras', 'Front Door'], env)
  await runHere(['snapshot', ...line], env)
  return { dest, env, count: filesOf(dest).length }
}
