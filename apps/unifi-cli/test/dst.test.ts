import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { place, runHere, spawnUnifi } from './run.ts'
import { expectTruth, filesOf, leftovers, outcomesIn } from './truth.ts'

const hour = 3_600_000

describe('49 hours over the end of summer time, three cameras, gaps', () => {
  it('has one outcome for each hour of each camera, and costs one login; the second run costs nothing', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', crashOn: 'any' } })
    const { dest, env, line } = place(console)
    const asked = [
      '--cameras',
      'all',
      '--start',
      '2026-10-24 00:00:00+0200',
      '--end',
      '2026-10-26 00:00:00+0100',
      '--json',
    ]
    const truth = console.truth({
      start: Date.parse('2026-10-24T00:00+02:00'),
      end: Date.parse('2026-10-26T00:00+01:00'),
    })
    expect(truth.length).toBe(3 * 49 + 1)
    expect(new Set(truth.map(({ outcome }) => outcome))).toEqual(new Set(['kept', 'absent', 'expired']))

    const first = await spawnUnifi([...line, ...asked], env).ended
    expect([first.code, first.stderr]).toEqual([0, ''])
    expectTruth(first.json(), dest, truth)
    expect(leftovers(dest)).toEqual([])
    expect(console.logins).toEqual({ ok: 1, refused: 0, limited: 0 })
    expect(console.exports.maximum).toBe(1)
    expect([console.crashes, console.violations]).toEqual([0, []])

    const exports = console.exports.asked
    const second = await spawnUnifi([...line, ...asked], env).ended
    expect([second.code, second.stderr]).toEqual([0, ''])
    expectTruth(second.json(), dest, truth)
    expect(second.json().at(-1)).toMatchObject({ kept: 0, bytes: 0, alreadyKept: first.json().at(-1)!.kept })
    expect(console.logins.ok).toBe(1)
    expect(console.exports.asked).toBe(exports)
  }, 90_000)

  it('names the hour that comes twice twice, and says which files are the small picture', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst' } })
    const { dest, env, line } = place(console)
    const start = Date.parse('2026-10-25T00:00Z')
    const window = [
      '--start',
      '2026-10-25 02:00:00+0200',
      '--end',
      '2026-10-25 04:00:00+0100',
      '--cameras',
      'Back Yard',
    ]
    const { code, json } = await runHere([...line, ...window, '--json', '--use-subfolders'], env)
    expect(code).toBe(0)
    expectTruth(
      json(),
      dest,
      console.truth({ start, end: start + 3 * hour }).filter(({ cameraId }) => cameraId.endsWith('42c')),
    )
    expect(filesOf(dest).sort()).toEqual([
      '2026/10/25/Back_Yard_042c/Back_Yard_042c_2026-10-25--02-00-00+0100_2026-10-25--02-59-59+0100.mp4',
      '2026/10/25/Back_Yard_042c/Back_Yard_042c_2026-10-25--02-00-00+0200_2026-10-25--02-59-59+0200.mp4',
      '2026/10/25/Back_Yard_042c/Back_Yard_042c_2026-10-25--03-00-00+0100_2026-10-25--03-59-59+0100.mp4',
    ])
    expect(outcomesIn(json()).map(({ fidelity }) => fidelity)).toEqual(['proxy', 'proxy', 'proxy'])
  })

  it.each(['legacy', 'protect-4'] as const)('the same from %s', async (profile) => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', profile, crashOn: 'any' } })
    const { dest, env, line } = place(console)
    const asked = ['--start', '2026-10-24 23:00:00+0200', '--end', '2026-10-25 04:00:00+0100', '--json']
    const truth = console.truth({
      start: Date.parse('2026-10-24T23:00+02:00'),
      end: Date.parse('2026-10-25T04:00+01:00'),
    })
    const { code, stderr, json } = await runHere([...line, ...asked], env)
    expect([code, stderr]).toEqual([0, ''])
    expectTruth(json(), dest, truth)
    expect(console.logins.ok).toBe(1)
    expect(console.crashes).toBe(0)
  })
})
