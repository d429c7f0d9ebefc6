import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { place, runHere, windowFlags } from './run.ts'
import { cameraA, cameraB, day, filesOf, hour, hurriedClock, minute, worldEnd, worldOf } from './world.ts'

const noon = worldEnd - 12 * hour
const clips = [
  { start: noon - 2 * hour, end: noon - 2 * hour + minute },
  { start: noon - hour, end: noon - hour + minute },
]

describe('what a run leaves behind', () => {
  it('names every clip in its log, and failed.csv holds the failures of all runs, not only of the last', async () => {
    const clock = hurriedClock(noon)
    await using cloud = await startEagleEye({
      world: worldOf([clips[0]!], [clips[1]!]),
      clock,
      switches: { api: 'classic' },
    })
    const { dest, env, line } = await place(cloud, { clock })
    const logs = join(dest, 'logs')
    const failures = () =>
      readFileSync(join(logs, 'failed.csv'), 'utf8')
        .replace(/^\uFEFF/, '')
        .split('\r\n')
        .slice(1, -1)

    cloud.set({ failN: Number.POSITIVE_INFINITY, failStatus: '418', only: cameraA })
    expect((await runHere([...line, '--cameras', cameraA], env, clock)).code).toBe(1)
    clock.advance(minute)
    cloud.set({ failStatus: '403', only: cameraB })
    expect((await runHere([...line, '--cameras', cameraB], env, clock)).code).toBe(1)
    expect(failures()).toEqual([
      expect.stringMatching(new RegExp(`^00032123,${cameraA},Dock,.*,REQUEST,418,.*,1,no,`)),
      expect.stringMatching(new RegExp(`^00032123,${cameraB},Yard,.*,PERMISSION,403,.*,1,no,`)),
    ])

    clock.advance(minute)
    cloud.set({ failN: 0 })
    expect((await runHere(line, env, clock)).code).toBe(0)
    expect(failures()).toEqual([])
    const written = readdirSync(logs).sort()
    expect(written).toHaveLength(7)
    expect(
      written.slice(0, -1).every((name) => /^eagleeye-cli_2026-02-08_12-\d\d-\d\d(-\d)?\.(log|ndjson)$/.test(name)),
    ).toBe(true)
    const last = written.filter((name) => name.endsWith('.ndjson')).at(-1)!
    const ended = readFileSync(join(logs, last), 'utf8').match(/"type":"recording-ended"/g)
    expect(ended).toHaveLength(2)
  })

  it('is nothing, where nobody can be reached: exit 2, words on stderr even with --quiet, and a notice', async () => {
    const told: string[] = []
    const monitor = createServer(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      told.push((JSON.parse(text) as { event: string }).event)
      response.end()
    })
    await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve))
    try {
      await using cloud = await startEagleEye({ switches: { api: 'classic' } })
      const { dest, env, line } = await place(cloud)
      await cloud.close()
      const bell = `http://127.0.0.1:${(monitor.address() as AddressInfo).port}/`
      const window = windowFlags({ start: worldEnd - day, end: worldEnd })
      const args = [...line, ...window, '--quiet', '--max-retries', '0', '--notify', bell]
      const { code, stdout, stderr } = await runHere(args, env)
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^ERROR: .*refused/)])
      expect(told).toEqual(['fail'])
      expect(filesOf(dest)).toEqual([])
    } finally {
      monitor.close()
    }
  })
})
