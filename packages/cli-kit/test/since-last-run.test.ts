import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandsOf } from '../src/command-table.ts'
import { helpText } from '../src/parse.ts'
import { cloudCli, day, hour, PretendCloud, runCloud } from './pretend-cloud.ts'
import { definition } from './streams.ts'

let folder: string
let cloud: PretendCloud
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-since-'))
  cloud = new PretendCloud()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const file = () => join(folder, 'archive', '.cam', 'listed-until.json')
const run = (...argv: string[]) => runCloud(cloud, folder, argv)
const later = (ms: number) => {
  cloud.now += ms
}

/** The marks of a source, in hours from now. */
async function marks(id = cloud.id): Promise<Record<string, number>> {
  const text = await readFile(file(), 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  const { sources } = JSON.parse(text) as { sources: Record<string, Record<string, string>> }
  const found = Object.entries(sources[id] ?? {})
  return Object.fromEntries(found.map(([camera, mark]) => [camera, (Date.parse(mark) - cloud.now) / hour]))
}

const from = (start: number, end = 0) => [
  ['c1', start, end],
  ['c2', start, end],
]

describe('a run without --start', () => {
  it('asks for a day the first time, says so, and then goes on a look-back before where the last one ended', async () => {
    const first = await run()
    expect([first.code, cloud.asked()]).toEqual([0, from(-24)])
    expect(first.stdout.match(/INFO {2}The first run here fetches the last 24 hours; --start .*-30d/g)).toHaveLength(1)
    expect(await marks()).toEqual({ c1: 0, c2: 0 })
    later(3 * day)
    const second = await run()
    expect([second.code, cloud.asked(), await marks()]).toEqual([0, from(-74), { c1: 0, c2: 0 }])
    expect(second.stdout).not.toContain('first run')
    expect(second.stdout).toContain('Nothing in the time asked for. An earlier --start looks further back.')
    later(hour)
    await run('--look-back', '12h')
    expect(cloud.asked()).toEqual(from(-13))
  })

  it('ends at --end, and refuses one before its beginning', async () => {
    await run()
    later(5 * hour)
    cloud.asked()
    await run('--end', '-1h')
    expect([cloud.asked(), await marks()]).toEqual([from(-7, -1), { c1: -1, c2: -1 }])
    const { code, stderr } = await run('--end', '-9h')
    expect([code, stderr]).toEqual([64, expect.stringMatching(/--end "-9h" is before .*Gate.*--start/s)])
    expect(await marks()).toEqual({ c1: -1, c2: -1 })
  })

  it('never notes a moment that is still to come as listed', async () => {
    await run('--end', '+5h')
    expect([cloud.asked(), await marks()]).toEqual([from(-24, 5), { c1: 0, c2: 0 }])
  })

  it('is shown by plan and --dry-run, which move nothing', async () => {
    await run('plan')
    expect([cloud.asked(), await readdir(folder)]).toEqual([from(-24), []])
    await run()
    later(day)
    cloud.asked()
    await run('--dry-run')
    expect([cloud.asked(), await marks()]).toEqual([from(-26), { c1: -24, c2: -24 }])
  })

  it('is no business of retry, nor of a command line whose vendor does not ask for it', async () => {
    await run()
    const before = await readFile(file(), 'utf8')
    later(day)
    cloud.asked()
    expect((await run('retry')).code).toBe(0)
    expect([cloud.asked(), await readFile(file(), 'utf8')]).toEqual([[], before])
    expect((await run('retry', '--look-back', '1h')).code).toBe(64)
    expect((await run('--start', '-1h', '--look-back', '1h')).code).toBe(64)
    const help = helpText(cloudCli(cloud), commandsOf(cloudCli(cloud))[0])
    expect(help.replace(/\s+/g, ' ')).toMatch(/--look-back.*default: 2h\b/)
    expect(helpText(definition, commandsOf(definition)[0])).not.toContain('look-back')
    const beginsThere = (name: string) => {
      const command = commandsOf(cloudCli(cloud)).find((one) => one.name === name)!
      return helpText(cloudCli(cloud), command).replace(/\s+/g, ' ').includes('since the last run, and the first time')
    }
    expect(['download', 'plan', 'retry', 'coverage'].map(beginsThere)).toEqual([true, true, false, false])
  })
})

describe('no clip is lost', () => {
  it('that is listed late, within the look-back', async () => {
    await run()
    cloud.clip('c1', cloud.now - hour, { from: cloud.now + 5 * hour })
    later(hour)
    await run()
    expect(cloud.fetched).toEqual([])
    later(4 * hour)
    await run('--look-back', '6h')
    expect(cloud.fetched).toEqual(['c1 -6'])
  })

  it('when a run ends between the lists and the plan', async () => {
    await run()
    cloud.clip('c1', cloud.now + hour)
    later(3 * day)
    // The first camera is listed by then.
    cloud.onList = ({ id }) => void (id === 'c2' && cloud.signals.emit('SIGTERM'))
    expect((await run()).code).toBe(143)
    expect(await marks()).toEqual({ c1: -72, c2: -72 })
    cloud.onList = undefined
    later(3 * day)
    cloud.asked()
    await run()
    expect([cloud.asked(), cloud.fetched]).toEqual([from(-146), ['c1 -143']])
  })

  it('of a camera whose list failed: it keeps its mark, and the others move on', async () => {
    await run()
    later(3 * day)
    cloud.unlisted.add('c1')
    expect((await run()).code).toBe(1)
    expect(await marks()).toEqual({ c1: -72, c2: 0 })
    cloud.unlisted.clear()
    later(hour)
    cloud.asked()
    await run()
    expect(cloud.asked()).toEqual([
      ['c1', -75, 0],
      ['c2', -3, 0],
    ])
  })

  it('of a camera that was offline for days, and lists what it recorded only once it is back', async () => {
    await run()
    const [gate, yard] = cloud.cameras
    cloud.cameras = [gate!, { ...yard!, state: 'offline' }]
    const start = cloud.clip('c2', cloud.now + 2 * hour, { from: cloud.now + 4 * day })
    for (let days = 1; days <= 3; days++) {
      later(day)
      await run()
      expect(await marks()).toEqual({ c1: 0, c2: -24 * days })
    }
    later(day)
    cloud.cameras = [gate!, yard!]
    cloud.asked()
    await run()
    expect(cloud.asked()).toEqual([
      ['c1', -26, 0],
      ['c2', -98, 0],
    ])
    expect(cloud.fetched).toEqual([`c2 ${(start - cloud.now) / hour}`])
    expect(await marks()).toEqual({ c1: 0, c2: 0 })
  })

  it('of a camera that never comes back: a month is asked for, and no more', async () => {
    await run()
    cloud.cameras = cloud.cameras.map((camera) => ({ ...camera, state: 'offline' }))
    later(40 * day)
    await run()
    expect(await marks()).toEqual({ c1: -31 * 24, c2: -31 * 24 })
  })

  it('where an old list still fails: it is asked for each time, and keeps no mark from moving on', async () => {
    await run('--cameras', 'Gate')
    later(day)
    cloud.unreadable = cloud.now - 4.5 * day
    const old = { start: cloud.now - 5 * day, end: cloud.now - 4 * day }
    const times = [old.start, old.end].flatMap((at, index) => [
      ['--start', '--end'][index]!,
      new Date(at).toISOString(),
    ])
    await run('--cameras', 'Gate', ...times)
    cloud.asked()
    for (let turn = 1; turn <= 2; turn++) {
      const hours = (at: number) => (at - cloud.now) / hour
      expect((await run('--cameras', 'Gate')).code).toBe(1)
      expect(cloud.asked()).toEqual([
        ['c1', turn === 1 ? -26 : -27, 0],
        ['c1', hours(old.start), hours(old.end)],
      ])
      expect(await marks()).toEqual({ c1: 0 })
      later(turn === 1 ? 25 * hour : 0)
    }
    cloud.clip('c1', old.start + hour)
    cloud.unreadable = undefined
    expect((await run('--cameras', 'Gate')).code).toBe(0)
    expect(cloud.fetched).toHaveLength(1)
  })

  it('of a new camera whose list fails while the others move on without it', async () => {
    await run()
    cloud.cameras = [...cloud.cameras, { id: 'c3', name: 'Roof' }]
    later(day)
    cloud.unlisted.add('c3')
    await run()
    later(3 * day)
    await run('--cameras', 'Gate,Yard')
    cloud.unlisted.clear()
    later(day)
    expect(await marks()).toEqual({ c1: -24, c2: -24, c3: -120 })
    cloud.asked()
    await run()
    expect(cloud.asked().at(-1)).toEqual(['c3', -122, 0])
  })

  it('before a later --start: the mark stays before the hole', async () => {
    await run()
    later(3 * day)
    await run('--start', '-1d')
    expect(await marks()).toEqual({ c1: -72, c2: -72 })
    await run('--start', '-3d', '--end', '-2d')
    expect(await marks()).toEqual({ c1: -48, c2: -48 })
    await run('--start', '-9d', '--end', '-8d')
    expect(await marks()).toEqual({ c1: -48, c2: -48 })
  })

  it('of a camera that is new, or was never asked for: it begins where the least known one does', async () => {
    await run()
    later(2 * day)
    await run('--cameras', 'Gate')
    cloud.cameras = [...cloud.cameras, { id: 'c3', name: 'Roof' }]
    later(day)
    await run('--start', '-1h', '--cameras', 'Roof')
    cloud.asked()
    await run()
    expect(cloud.asked()).toEqual([
      ['c1', -26, 0],
      ['c2', -74, 0],
      ['c3', -74, 0],
    ])
  })

  it('when the clock of the machine jumped back: the mark in the future is not believed, and gives way', async () => {
    await run()
    later(-30 * day)
    const back = await run()
    cloud.asked()
    expect(back.stderr.match(/WARN {2}By the clock of this machine the last run was in the future/g)).toHaveLength(1)
    expect(back.stderr).toMatch(
      /the last run was in the future \(2026-03-02T12:00:00\+00:00\); 24 hours are looked back on/,
    )
    expect(await marks()).toEqual({ c1: 0, c2: 0 })
    later(5 * day)
    const { stderr } = await run()
    expect([cloud.asked(), stderr]).toEqual([from(-122), ''])
  })

  it('of the days on which the clock of the machine was ahead, once it is right again', async () => {
    cloud.clip('c1', cloud.now - hour)
    await run()
    // By the machine it is ten days later. What is recorded meanwhile has its real time.
    const real = cloud.now
    later(10 * day)
    await run()
    cloud.clip('c1', real + 3 * hour)
    cloud.now = real + 14 * day
    await run()
    cloud.now = real + 4 * day
    const { stderr } = await run()
    expect([cloud.fetched.length, stderr]).toEqual([2, expect.stringContaining('4d02h are looked back on')])
  })

  it('when the marks are damaged or gone: the run begins where the newest footage ends', async () => {
    cloud.clip('c1', cloud.now - hour)
    await run()
    for (const damage of ['{"v":1,"sources":{"account-1":{"c1":"so', '{"v":1,"sources":{"account-1":{"c1":5}}}', '']) {
      await writeFile(file(), damage)
      later(5 * day)
      cloud.asked()
      const { code, stderr } = await run()
      const [[, start] = []] = cloud.asked()
      expect([code, start! <= -122]).toEqual([0, true])
      expect(stderr.match(/WARN .*listed-until\.json is damaged/g)).toHaveLength(1)
      expect(stderr.match(/WARN .*newest footage.*--start/g)).toHaveLength(1)
      expect(await marks()).toEqual({ c1: 0, c2: 0 })
    }
    await rm(file())
    later(5 * day)
    const { code, stderr } = await run()
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^WARN .*newest footage/)])
    expect(cloud.fetched).toHaveLength(1)
  })

  it('of another source in the same archive', async () => {
    await run()
    later(3 * day)
    cloud.id = 'account-2'
    cloud.asked()
    await run()
    expect(cloud.asked()).toEqual(from(-24))
    expect([await marks('account-1'), await marks('account-2')]).toEqual([
      { c1: -72, c2: -72 },
      { c1: 0, c2: 0 },
    ])
    cloud.id = 'account-1'
    await run()
    expect(cloud.asked()).toEqual(from(-74))
  })

  it('that was still growing when it was listed, though the window moved on', async () => {
    cloud.clip('c1', cloud.now - hour, { settles: cloud.now + 2 * day })
    await run()
    later(day)
    await run()
    later(3 * day)
    cloud.asked()
    const { code, stdout } = await run()
    expect([code, cloud.fetched, stdout]).toEqual([0, ['c1 -97'], expect.stringContaining('downloaded=1')])
    expect(cloud.asked()).toContainEqual(['c1', -74, 0])
  })

  it('that failed and may be retried, though the window moved on', async () => {
    const broken = cloud.clip('c1', cloud.now - hour)
    cloud.broken.set(broken, 'for a while')
    expect((await run()).code).toBe(1)
    later(day)
    expect((await run()).code).toBe(1)
    cloud.broken.clear()
    later(3 * day)
    expect((await run('plan')).stdout).toContain('Would fetch 1 of 1')
    await run('--start', '-1h')
    expect(cloud.fetched).toEqual([])
    await run()
    expect(cloud.fetched).toEqual(['c1 -97'])
  })

  it('when the marks cannot be written: the run says so, and the next one begins at the old mark', async () => {
    await run()
    const before = await readFile(file(), 'utf8')
    later(3 * day)
    await rm(file())
    await mkdir(file())
    cloud.clip('c1', cloud.now - hour)
    const { code, stderr } = await run()
    expect([code, stderr]).toEqual([0, expect.stringMatching(/WARN .*cannot be noted \(E\w+\).*lists it again/)])
    await rm(file(), { recursive: true })
    await writeFile(file(), before)
    later(hour)
    cloud.asked()
    await run()
    expect([cloud.asked(), cloud.fetched]).toEqual([from(-75), ['c1 -1']])
  })
})

it('sync moves the marks, too, and keeps no --look-back', async () => {
  cloud.clip('c1', cloud.now - 10 * day)
  await run('sync', '--start', '-20d')
  expect([await marks(), cloud.fetched]).toEqual([{ c1: 0, c2: 0 }, ['c1 -240']])
  later(2 * day)
  cloud.asked()
  await run('sync', '--cameras', 'Gate')
  expect([cloud.asked(), await marks()]).toEqual([[['c1', -288, 0]], { c1: 0, c2: -48 }])
  expect((await run('sync', '--look-back', '1h')).code).toBe(64)
})
