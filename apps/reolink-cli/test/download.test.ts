import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptyFolder, filesOf, outcomes, place, runHere } from './run.ts'

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe.each(['camera', 'nvr-365', 'hub'] as const)('all recordings of one day: %s', (profile) => {
  const day = ['--start', '2026-03-02T00:00:00Z', '--end', '2026-03-03T00:00:00Z']

  test('are fetched whole, once, and the same line again fetches nothing', async () => {
    const { device, dest, env, line } = await place({ profile })
    const there = device.truth({ stream: 'main', start: Date.UTC(2026, 2, 2), end: Date.UTC(2026, 2, 3) }).recordings
    const first = await runHere(['--json', ...day, ...line], env)
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(first.json().at(-1)).toMatchObject({
      type: 'archive-ended',
      planned: there.length,
      kept: there.length,
      failed: 0,
    })
    const kept = filesOf(dest).map((path) => sha256(join(dest, path)))
    expect(kept.sort()).toEqual(there.map(({ sha256 }) => sha256).sort())
    const before = device.log.entries.filter(({ node }) => node === 'Download').length
    const again = await runHere(['--json', ...day, ...line], env)
    expect(again.json().at(-1)).toMatchObject({ planned: there.length, alreadyKept: there.length, kept: 0 })
    expect(device.log.entries.filter(({ node }) => node === 'Download')).toHaveLength(before)
    expect(device.truth().sessions.open).toBe(0)
    expect(device.violations).toEqual([])
  })
})

test("the seed's settings file says which device, who asks, and the password is nowhere", async () => {
  const { device, dest } = await place({ world: 'busy' })
  const file = join(emptyFolder(), 'settings.env')
  writeFileSync(
    file,
    `CAMERA_NAME=reolink1\nCAMERA_IP=${device.host}\nUSERNAME=admin\nPASSWORD=pass-1234\nformatExpected=hourly\n`,
    { mode: 0o600 },
  )
  const { code, stdout, stderr } = await runHere(['cameras', '--env-file', file, '--verbose'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('reolink1')
  expect(stdout).not.toContain('pass-1234')
  expect(filesOf(dest)).toEqual([])
})

test('what the device cannot deliver has failed, with its reason; the rest is kept, and the exit code says so', async () => {
  const { device, dest, env, line } = await place({ downloadFailN: 99, downloadFailAs: '-222' })
  const run = await runHere(
    ['--json', '--start', '2026-03-02T00:00:00Z', '--end', '2026-03-02T03:00:00Z', '--retry-delay', '0', ...line],
    env,
  )
  expect(run.code).toBe(1)
  const { planned, failed } = run.json().at(-1) as { planned: number; failed: number }
  expect([planned > 0, failed]).toEqual([true, planned])
  expect(await outcomes(dest)).toEqual({ 'main failed': planned })
  expect(filesOf(dest)).toEqual([])
  expect(device.truth().sessions.open).toBe(0)
})
