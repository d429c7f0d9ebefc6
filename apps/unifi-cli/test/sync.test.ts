import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startUnifiProtect, type TimeWindow, type UnifiProtectTruth } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { clockAt, place, runHere } from './run.ts'
import { expectTruth, filesOf, outcomesIn, windowFlags } from './truth.ts'

const hour = 3_600_000
const day = { start: Date.parse('2026-11-02T08:00Z'), end: Date.parse('2026-11-02T14:00Z') }
const until = ['--end', '2026-11-02T14:00:00Z', '--json']
const part = (from: number, to: number): TimeWindow => ({ start: day.start + from * hour, end: day.start + to * hour })
const ofFrontDoor = (truth: readonly UnifiProtectTruth[]) => truth.filter(({ cameraId }) => cameraId.endsWith('42a'))

describe('download without --start', () => {
  it('begins at the oldest footage, and neither its edge nor now is cut anew the next time', async () => {
    const clock = clockAt('2026-11-02T13:00:30Z')
    await using console = await startUnifiProtect({ clock })
    const { dest, env, line } = place(console)
    const all = [...line, '--cameras', 'Front Door', '--json']
    const first = await runHere([...all, '--end', '2026-11-02T12:30:00Z'], env, clock)
    expect([first.code, first.stderr]).toEqual([0, ''])
    expectTruth(first.json(), dest, ofFrontDoor(console.truth(part(0, 4.5))))
    console.moveRetentionEdge({ to: day.start + 1.5 * hour })
    const asked = console.log.of('media').length
    clock.set('2026-11-02T14:10:00Z')
    const second = await runHere(all, env, clock)
    expect([second.code, second.stderr]).toEqual([0, ''])
    const windows = console.log
      .of('media')
      .slice(asked)
      .map(({ target }) => new URL(target, 'https://unifi').searchParams)
    expect(windows.map((query) => [Number(query.get('start')), Number(query.get('end'))])).toEqual([
      [day.start + 4.5 * hour, day.start + 5 * hour],
      [day.start + 5 * hour, day.start + 6 * hour],
      [day.start + 6 * hour, day.start + 6 * hour + 8 * 60_000],
    ])
  })
})

describe('sync', () => {
  it('fetches everything the console holds, and the second time nothing but what came since', async () => {
    const clock = clockAt('2026-11-02T13:00:30Z')
    await using console = await startUnifiProtect({ clock })
    const { dest, env, line } = place(console)
    const sync = ['sync', ...line, '--cameras', 'Front Door', '--json']
    const truth = (to: number) => ofFrontDoor(console.truth(part(0, to)))
    const first = await runHere([...sync, '--end', '2026-11-02T12:00:00Z'], env, clock)
    expect([first.code, first.stderr]).toEqual([0, ''])
    expectTruth(first.json(), dest, truth(4))
    const exports = console.exports.asked
    const again = await runHere([...sync, '--end', '2026-11-02T12:00:00Z'], env, clock)
    expectTruth(again.json(), dest, truth(4))
    expect(console.exports.asked).toBe(exports)
    // The last two minutes are still being written.
    const now = await runHere(sync, env, clock)
    expect([now.code, now.stderr]).toEqual([0, ''])
    expect(now.json().at(-1)).toMatchObject({ kept: 1, pending: 1, failed: 0 })
    expect(console.exports.asked).toBe(exports + 1)
    clock.set('2026-11-02T14:10:00Z')
    const last = await runHere([...sync, '--end', '2026-11-02T14:00:00Z'], env, clock)
    expect([last.code, last.stderr]).toEqual([0, ''])
    expect(last.json().at(-1)).toMatchObject({ kept: 2, pending: 0, failed: 0 })
    expect(console.logins.ok).toBe(1)
  })

  it('begins where the archive begins and fills its hole', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    line.push('--cameras', 'Front Door')
    for (const window of [part(1, 2), part(4, 5)]) {
      expect((await runHere([...line, ...windowFlags(window)], env)).code).toBe(0)
    }
    const before = console.exports.asked
    const synced = await runHere(['sync', ...line, ...until], env)
    expect([synced.code, synced.stderr]).toEqual([0, ''])
    expectTruth(synced.json(), dest, ofFrontDoor(console.truth(part(1, 6))))
    expect(
      console.log
        .of('media')
        .slice(before)
        .every(({ target }) => !target.includes(`start=${day.start}`)),
    ).toBe(true)
    const asked = console.exports.asked
    const again = await runHere(['sync', ...line, ...until], env)
    expect(again.json().at(-1)).toMatchObject({ kept: 0, failed: 0 })
    expect(console.exports.asked).toBe(asked)
  })

  it('never moves past an error: what one could not get, the next one fetches', async () => {
    await using console = await startUnifiProtect({ switches: { failN: 1, failStatus: '500' } })
    const { dest, env, line } = place(console)
    line.push('--cameras', 'Front Door', '--max-retries', '0', ...until)
    const first = await runHere(['sync', ...line], env)
    expect([first.code, first.json().at(-1)]).toEqual([1, expect.objectContaining({ kept: 0, failed: 6 })])
    console.set({ failN: 0 })
    const second = await runHere(['sync', ...line], env)
    expect([second.code, second.stderr]).toEqual([0, ''])
    expectTruth(second.json(), dest, ofFrontDoor(console.truth(part(0, 6))))
  })

  it('brings back a file that was lost', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    line.push('--cameras', 'Front Door', ...until)
    expect((await runHere(['sync', ...line], env)).code).toBe(0)
    rmSync(join(dest, filesOf(dest)[0]!))
    const synced = await runHere(['sync', ...line], env)
    expect([synced.code, synced.json().at(-1)]).toEqual([0, expect.objectContaining({ kept: 1 })])
    expectTruth(synced.json(), dest, ofFrontDoor(console.truth(part(0, 6))))
  })

  it('is not drawn back to what was gone before the archive began', async () => {
    await using console = await startUnifiProtect()
    const { env, line } = place(console)
    const old = ['--start', '2026-10-01T00:00Z', '--end', '2026-11-02T09:00Z', '--json']
    expect((await runHere([...line, ...old], env)).json().at(-1)).toMatchObject({ expired: 2 })
    const synced = await runHere(['sync', ...line, ...until], env)
    expect([synced.code, synced.json().at(-1)]).toEqual([0, expect.objectContaining({ expired: 0, failed: 0 })])
  })

  it('does not ask for what the console no longer has', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    expect((await runHere([...line, ...windowFlags(part(0, 1))], env)).code).toBe(0)
    console.moveRetentionEdge({ to: day.start + 3 * hour })
    const synced = await runHere(['sync', ...line, ...until], env)
    expect(synced.code).toBe(0)
    const told = outcomesIn(synced.json())
    expect(told.filter(({ outcome }) => outcome === 'expired').length).toBeGreaterThan(0)
    const first = told.filter(({ outcome, start }) => outcome === 'kept' && start < day.start + hour)
    expect(first.length).toBeGreaterThan(0)
    expect(filesOf(dest).length).toBe(told.filter(({ outcome }) => outcome === 'kept').length)
  })
})
