import { startUnifiProtect, type TimeWindow } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { place, runHere } from './run.ts'
import { windowFlags } from './truth.ts'

const window = { start: Date.parse('2026-10-24T06:00Z'), end: Date.parse('2026-10-24T12:00Z') }

describe('coverage', () => {
  it('of an hour on motion only counts the minutes that it holds', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst' } })
    const { dest, env, line } = place(console)
    expect((await runHere([...line, '--cameras', 'Garage', ...windowFlags(window)], env)).code).toBe(0)
    const { code, json } = await runHere(['coverage', '--dest', dest, '--json', ...windowFlags(window)], env)
    expect(code).toBe(0)
    const [camera] = json() as unknown as [{ totalsMs: Record<string, number>; segments: Segment[] }]
    const truth = console.truth(window).filter(({ cameraId }) => cameraId.endsWith('42b'))
    const recorded = joined(truth.flatMap(({ footage }) => footage))
    const kept = camera.segments.filter(({ state }) => state === 'kept')
    expect(kept.map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) }))).toEqual(recorded)
    const sum = recorded.reduce((ms, { start, end }) => ms + end - start, 0)
    expect(sum).toBeGreaterThan(0)
    expect(sum).toBeLessThan((window.end - window.start) / 4)
    expect(camera.totalsMs).toMatchObject({ kept: sum, absent: window.end - window.start - sum, unknown: 0, failed: 0 })
  })

  it('is about footage, and about clips only where there is nothing else', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    const asked = [...line, '--cameras', 'Garage', '--start', '2026-11-02T08:00Z', '--end', '2026-11-02T11:00Z']
    const linesOf = async () => {
      const { stdout } = await runHere(['coverage', '--dest', dest], env)
      return stdout.match(/^\w.*: kept /gm)
    }
    expect((await runHere(['events', '--download', ...asked], env)).code).toBe(0)
    expect(await linesOf()).toEqual(['Garage (61b3f5c90050a703e700042b): kept '])
    const clips = (await runHere(['coverage', '--dest', dest, '--json'], env)).json()[0]!
    expect(clips.sourceId).toMatch(/\/events$/)
    expect((await runHere(asked, env)).code).toBe(0)
    expect(await linesOf()).toEqual(['Garage (61b3f5c90050a703e700042b): kept '])
    const json = (await runHere(['coverage', '--dest', dest, '--json'], env)).json()
    expect(json[0]!.sourceId).toMatch(/^\w+$/)
    expect(json[1]).toMatchObject({ type: 'coverage-ended', totalsMs: json[0]!.totalsMs })
    expect((await runHere([...asked, '--channel', '2'], env)).code).toBe(0)
    expect(await linesOf()).toEqual([
      expect.stringMatching(/^Garage \(\w+\) from \w+: kept /),
      expect.stringMatching(/^Garage \(\w+\) from \w+\/channel-2: kept /),
    ])
  })
})

interface Segment {
  readonly state: string
  readonly start: string
  readonly end: string
}

function joined(windows: readonly TimeWindow[]): TimeWindow[] {
  const all: { start: number; end: number }[] = []
  for (const { start, end } of windows) {
    const last = all.at(-1)
    if (last?.end === start) last.end = end
    else all.push({ start, end })
  }
  return all
}
