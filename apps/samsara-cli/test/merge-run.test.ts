import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import type { SamsaraWorld } from '@cam/simulators/samsara'
import { probe } from '@cam/video-merge'
import { describe, expect, it } from 'vitest'
import { clip, ffmpegPath, minute, put, scratch, shown, visible } from './merging.ts'
import { begin, place, runHere } from './run.ts'

const during = (from: number, to: number) => ({ start: begin + from * minute, end: begin + to * minute })
const small = { fps: 2, width: 256, height: 144 }

/** Three cameras, of which one hears; the second minute was not recorded. */
const world: SamsaraWorld = {
  ...{ orgId: '4001234', orgName: 'Example Freight', window: during(0, 4) },
  vehicles: [
    {
      ...{ id: '281474976710712', name: 'Truck 12', recorded: [during(0, 1), during(2, 90)] },
      cameras: [
        { input: 'dashcamRoadFacing', ...small, audio: 16_000 },
        { input: 'dashcamDriverFacing', ...small },
        { input: 'analog1', ...small },
      ],
    },
  ],
}
const film = (what: string) => `Truck 12/merged/2025-04-16_13-30-00-0500_${what}`

describe('samsara-cli', () => {
  it('an angle of which nothing came has no film, is black beside the others, and is named', async () => {
    const { dest, env, line } = await place({ failed: '281474976710712/driver' }, { world })
    const asked = ['--vehicle', 'Truck 12', '--start', '04/16/2025 13:30', '--duration', '2', '--ffmpeg', ffmpegPath]
    const { code, json } = await runHere([...line.filter((word) => word !== '--no-merge'), ...asked, '--json'], env)
    expect([code, json().at(-1)]).toMatchObject([1, { planned: 6, kept: 2, absent: 3, failed: 1 }])
    expect((await visible(dest)).filter((path) => path.includes('merged/'))).toEqual([
      ...[`${film('analog1')}.mp4`, `${film('missing')}.txt`, `${film('road')}.mp4`, `${film('side-by-side')}.mp4`],
    ])
    expect((await probe(join(dest, `${film('side-by-side')}.mp4`))).audio?.endMs).toBeCloseTo(120_000, -2)
    const all = await shown(join(dest, `${film('side-by-side')}.mp4`), 3)
    const [first, last] = [all.slice(0, 120), all.slice(120)]
    expect(first.map((places) => places[1])).toEqual(Array(120).fill(undefined))
    expect([first[0], first.at(-1)]).toEqual([
      ['road 0', undefined, 'analog1 0'],
      ['road 59', undefined, 'analog1 59'],
    ])
    expect(last).toEqual(Array(120).fill([undefined, undefined, undefined]))
    const list = await readFile(join(dest, `${film('missing')}.txt`), 'utf8')
    expect(list).toMatch(/^driver .*T13:30:00-05:00 to .*T13:31:00-05:00 {2}failed: /m)
  })

  it('keeps what it fetched where there is no ffmpeg, says what to do, and ends with 1', async () => {
    const { dest, env, line } = await place({}, { world })
    const asked = ['--vehicle', 'Truck 12', '--start', '04/16/2025 13:30', '--duration', '1', '--views', 'road']
    const args = [...line.filter((word) => word !== '--no-merge'), ...asked, '--ffmpeg', join(dest, 'none')]
    const { code, stderr, stdout } = await runHere(args, env)
    expect(code).toBe(1)
    expect(stdout).toContain('downloaded=1 skipped=0 failed=0')
    expect(stderr).toMatch(/^FAIL {2}Truck 12 road: .*none \(as asked\) cannot be run as ffmpeg.*Give another path/m)
    const { code: merged } = await runHere(['merge', dest, '--ffmpeg', ffmpegPath])
    expect(merged).toBe(0)
    expect(await visible(dest)).toContain(`${film('road')}.mp4`)
  })
})

describe('samsara-cli merge', () => {
  const merge = (...args: string[]) => runHere(['merge', ...args, '--ffmpeg', ffmpegPath])

  it('says line by line what it makes, what is missing and what it leaves out', async () => {
    const dest = await scratch()
    const path = (at: number, view: string) => join(dest, `Van 7/2025-04-16/13-${30 + at}-00-0500_${view}.mp4`)
    for (const at of [0, 1]) await put(path(at, 'road'), clip('road', at * minute))
    await put(path(1, 'driver'), clip('driver', minute))
    await put(path(0, 'driver'), 'not a film')
    const { code, stdout, stderr } = await merge(dest, '--timezone', 'America/Chicago', '--arrange', 'grid')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^FAIL {2}.*13-30-00-0500_driver\.mp4.*It is left out\.$/m)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^GAP {3}Van 7 driver: nothing from 2025-04-16T13:30:00-05:00 on for 1m00s \(unreadable: /),
      'MERGE Van 7 road: 2 clips',
      'SAVE  Van 7/merged/2025-04-16_13-30-00-0500_road.mp4 (joined without loss)',
      'MERGE Van 7 driver: 1 clip',
      'SAVE  Van 7/merged/2025-04-16_13-30-00-0500_driver.mp4 (joined without loss)',
      'MERGE Van 7 side by side (road | driver): 3 clips',
      'SAVE  Van 7/merged/2025-04-16_13-30-00-0500_side-by-side.mp4 (encoded)',
      'Merged. made=3 unchanged=0 failed=0 missing=1 unusable=1',
      '',
    ])
  })

  it('what people read of clips that cannot be used: which, why and what became of it; none of them is touched', async () => {
    const dest = await scratch()
    const path = (at: number, view: string) => join(dest, `Van 7/2025-04-16/13-${30 + at}-00-0500_${view}.mp4`)
    for (const at of [0, 1, 3]) await put(path(at, 'road'), clip('road', at * minute))
    await put(path(2, 'road'), clip('road', 2 * minute).subarray(0, 3000))
    const hevc = ['-c:v', 'libx265', '-x265-params', 'log-level=none']
    await promisify(execFile)(ffmpegPath, ['-v', 'error', '-nostdin', '-i', path(3, 'road'), ...hevc, path(4, 'road')])
    await put(path(0, 'driver'), '')
    await put(join(dest, 'Other 8/2025-04-16/13-30-00-0500_road.mp4'), 'not a film')
    const sums = () =>
      Promise.all(
        [0, 1, 2, 3, 4].map(async (at) =>
          createHash('sha256')
            .update(await readFile(path(at, 'road')))
            .digest('hex'),
        ),
      )
    const before = await sums()
    const { code, stdout, stderr } = await merge(dest, '--vehicle', 'Van 7', '--views', 'road')
    expect(code).toBe(1)
    expect(stderr.trim().split('\n').sort()).toEqual([
      `FAIL  13-30-00-0500_driver.mp4 cannot be read: it is empty (${path(0, 'driver')}). It is left out.`,
      expect.stringMatching(
        /^FAIL {2}13-32-00-0500_road\.mp4 cannot be read: it is cut off or damaged: .* It is left out\.$/,
      ),
    ])
    // In the zone of the names, though the machine's is another.
    expect(stdout).toMatch(/^GAP {3}Van 7 road: nothing from 2025-04-16T13:32:00-05:00 on for 1m00s \(unreadable: /m)
    expect(stdout).toMatch(
      /road becomes 2 files, because its clips differ: .*13-34-00-0500_road\.mp4: hevc after h264\. .*--re-encode/,
    )
    const [first, second] = [1, 2].map((part) =>
      join(dest, `Van 7/merged/2025-04-16_13-30-00-0500_road_part${part}.mp4`),
    )
    expect([...new Set((await shown(first!)).flat())]).toHaveLength(180)
    expect((await shown(second!)).flat()[0]).toBe('road 180')
    expect(await sums()).toEqual(before)
    const one = await merge(dest, '--vehicle', 'Van 7', '--views', 'road', '--re-encode')
    expect([one.code, one.stdout]).toEqual([1, expect.stringContaining('13-30-00-0500_road.mp4 (encoded)')])
    expect(await sums()).toEqual(before)
    const none = await merge(dest, '--vehicle', 'Truck 9')
    expect([none.code, none.stderr]).toEqual([0, 'WARN  There is no clip of a vehicle called "Truck 9" there.\n'])
  })

  it('without ffmpeg says how to get one, once, and is done by the same line when there is one', async () => {
    const dest = await scratch()
    const path = join(dest, 'Van 7/2025-04-16/13-30-00-0500_road.mp4')
    await put(path, clip('road', 0))
    const { code, stdout, stderr } = await runHere(['merge', dest, '--ffmpeg', join(dest, 'none')])
    expect([code, stdout.split('\n').at(-2)]).toEqual([1, 'Merged. made=0 unchanged=0 failed=1 missing=0 unusable=0'])
    expect(stderr).toMatch(
      /^FAIL {2}Van 7 road: .*none \(as asked\) cannot be run as ffmpeg: .*apt install ffmpeg.*FFMPEG_PATH\.\n$/,
    )
    expect(await visible(dest)).toEqual(['Van 7/2025-04-16/13-30-00-0500_road.mp4'])
    expect((await merge(dest)).code).toBe(0)
  })

  it('says in its help what its flags mean here, where nobody is asked and nothing is paid for', async () => {
    const { code, stdout } = await runHere(['merge', '--help'])
    const text = stdout.replace(/\s+/g, ' ')
    expect([code, text]).toEqual([0, expect.stringContaining('--vehicle <NAME> only this vehicle, as the folder')])
    expect(text).toContain('--start <TIME> only from here on; with --end.')
    expect(text).not.toMatch(/external id|asked for on a terminal|created when missing|every minute/)
    expect((await runHere(['--help'])).stdout.replace(/\s+/g, ' ')).toContain('VIN, serial or external id')
  })

  it('refuses what makes no sense before it does anything', async () => {
    const dest = await scratch()
    const wrong = async (...args: string[]) => {
      const { code, stderr } = await merge(...args)
      return `${code} ${stderr.split('\n')[0]}`
    }
    expect(await wrong(join(dest, 'nowhere'))).toMatch(/^64 .*there is no folder/)
    expect(await wrong(dest, '--start', '2025-04-16 13:30')).toMatch(/^64 .*--start and --end go together/)
    expect(await wrong(dest, '--arrange', 'circle')).toMatch(/^64 .*none of row, grid/)
    expect(await wrong(dest, '--views', 'road,raod')).toMatch(/^64 .*"raod" is none of road, driver/)
    expect(await wrong(dest, '--every', '1h')).toMatch(/^64 /)
    expect(await visible(dest)).toEqual([])
    expect(await merge(dest)).toMatchObject({ code: 0, stdout: 'There is nothing to merge.\n' })
  })
})

describe('Ctrl-C while films are made', () => {
  it('ends at once with 130, leaves no half film, and the next call goes on', async () => {
    const dest = await scratch()
    for (const view of ['road', 'driver'])
      for (const at of [0, 1, 2])
        await put(join(dest, `Van 7/2025-04-16/13-${30 + at}-00-0500_${view}.mp4`), clip(view, at * minute))
    const clips = await visible(dest)
    const signals = new EventEmitter()
    const stdout = new PassThrough()
    const onText = (text: Buffer) => String(text).includes('side by side') && signals.emit('SIGINT')
    stdout.on('data', onText)
    const args = ['merge', dest, '--ffmpeg', ffmpegPath]
    const { code } = await runHere(args, {}, { signals, stdout })
    expect(code).toBe(130)
    const films = ['driver', 'road', 'side-by-side'].map((what) => `Van 7/merged/2025-04-16_13-30-00-0500_${what}.mp4`)
    expect(await visible(dest)).toEqual([...clips, ...films.slice(0, 2)])
    const { code: next, stdout: said } = await runHere(args)
    expect(next).toBe(0)
    expect(said).toContain('Merged. made=1 unchanged=2 failed=0')
    expect(await visible(dest)).toEqual([...clips, ...films])
  })
})
