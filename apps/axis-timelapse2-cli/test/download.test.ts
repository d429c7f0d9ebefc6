import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ArchiveSpec, type AxisTimelapse2Simulator, startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, it } from 'vitest'
import { runCli } from './cli.ts'
import { emptyFolder, filesBelow, leftovers, sums } from './files.ts'
import { runHere } from './in-process.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 2, 2, 6)

function archivesOf(count: number, bytes = 40_000): ArchiveSpec[] {
  return Array.from({ length: count }, (_, day) => ({
    bytes,
    first: start + day * 24 * hour,
    last: start + day * 24 * hour + 14 * hour,
  }))
}

function truthOf(camera: AxisTimelapse2Simulator): Record<string, string> {
  return Object.fromEntries(camera.truth().map(({ filename, sha256 }) => [filename, sha256]))
}

describe('download', () => {
  it("archives everything under the seed's names, and the second run fetches nothing", async () => {
    await using camera = await startAxisTimelapse2({ archives: archivesOf(3) })
    const dest = emptyFolder()
    const line = [...camera.args, '--outdir', dest, '--check-size']
    const first = await runCli(line, { env: camera.env })
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    expect(first.stdout).toContain(`Fetching timelapse archives from ${camera.host}...\n`)
    expect(first.stdout).toContain('INFO  Logged in as root: ')
    expect(first.stdout).toContain('Found 3 timelapse archive(s) to download.\n\n')
    for (const name of Object.keys(truthOf(camera))) {
      expect(first.stdout).toContain(`GET   ${name}`)
      expect(first.stdout).toContain(`SAVE  ${join(dest, name)}\n`)
    }
    expect(first.stdout).toMatch(/\n\nDone\. downloaded=3 skipped=0 failed=0\n$/)
    expect(sums(dest)).toEqual(truthOf(camera))
    expect(leftovers(dest)).toEqual([])

    const before = camera.log.of('media').length
    const second = await runCli(line, { env: camera.env })
    expect(second.code).toBe(0)
    expect(second.stdout).toMatch(/SKIP {2}\S+\.mp4 \(already exists, size matches: 40000 bytes\)\n/)
    expect(second.stdout).toMatch(/Done\. downloaded=0 skipped=3 failed=0\n$/)
    expect(camera.log.of('media').length).toBe(before)
    expect(camera.violations).toEqual([])
  })

  it('says what it does as JSON, and nothing else', async () => {
    await using camera = await startAxisTimelapse2({ archives: archivesOf(2) })
    const dest = emptyFolder()
    const { code, json, stderr } = await runCli([...camera.args, '--dest', dest, '--json'], { env: camera.env })
    expect([code, stderr]).toEqual([0, ''])
    const lines = json()
    expect(lines.every(({ type }) => typeof type === 'string')).toBe(true)
    const types = new Set(lines.map(({ type }) => type))
    for (const type of ['archive-started', 'camera-listed', 'planned', 'recording-started', 'recording-ended']) {
      expect(types).toContain(type)
    }
    const { durationMs, ...sum } = lines.at(-1)!
    expect(sum).toEqual({
      ...{ type: 'archive-ended', planned: 2, kept: 2, alreadyKept: 0, absent: 0, expired: 0, pending: 0 },
      ...{ failed: 0, skipped: 0, bytes: 80_000 },
    })
    expect(durationMs).toBeGreaterThan(0)
    const ended = lines.find(({ type }) => type === 'recording-ended') as { recording: { window: { start: string } } }
    expect(ended.recording.window.start).toBe('2026-03-02T06:00:00.000Z')
  })

  it('with one failure goes on, says so, and leaves it to retry', async () => {
    await using camera = await startAxisTimelapse2({ archives: archivesOf(2), switches: { failN: 1, failStatus: 500 } })
    const dest = emptyFolder()
    const line = [...camera.args, '--dest', dest, '--max-retries', '0']
    const first = await runHere(line, { env: camera.env })
    expect(first.code).toBe(1)
    expect(first.stderr).toMatch(/FAIL {2}\S+\.mp4\n {6}\S.*500/)
    expect(first.stdout).toMatch(/Done\. downloaded=0 skipped=0 failed=2\n$/)
    const again = await runHere(['retry', ...line], { env: camera.env })
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(/Done\. downloaded=2 skipped=0 failed=0\n$/)
    expect(sums(dest)).toEqual(truthOf(camera))
    const nothing = await runHere(['retry', ...line], { env: camera.env })
    expect(nothing.stdout).toContain('INFO  Nothing failed that may be retried.\n')
    expect(nothing.code).toBe(0)
  })

  it('tries again after a fixed wait, and says so', async () => {
    await using camera = await startAxisTimelapse2({ archives: archivesOf(1), switches: { failN: 2, failStatus: 500 } })
    const args = [...camera.args, '--dest', emptyFolder(), '--max-retries', '2', '--retry-delay', '0.05']
    const { code, stderr } = await runHere(args, { env: camera.env })
    expect(code).toBe(0)
    expect(stderr).toMatch(/ {6}Attempt 1\/3 failed: .*500/)
    expect(stderr).toContain('      Retrying in 0.1 seconds...')
    expect(stderr).toMatch(/Attempt 2\/3 failed/)
  })

  it('takes no path from a camera: names with ../ stay in the folder', async () => {
    const first = start
    const names = ['../../escape.mp4', '..', 'a/b.mp4', 'CON.mp4', '.cam/archive.json']
    const archives = names.map((filename, day) => ({
      filename,
      bytes: 20_000,
      first: first + day * hour,
      last: first + (day + 1) * hour,
    }))
    await using camera = await startAxisTimelapse2({ archives, switches: { version: '3.1.2' } })
    const outer = emptyFolder()
    const dest = join(outer, 'in', 'here')
    const { code, stdout, stderr } = await runHere([...camera.args, '--dest', dest, '--max-retries', '0'], {
      env: camera.env,
    })
    expect(filesBelow(outer).filter((path) => !path.startsWith(join('in', 'here')))).toEqual([])
    const saved = Object.keys(sums(dest))
    expect(saved.length).toBeGreaterThanOrEqual(3)
    expect(saved.filter((path) => path.split('/').some((part) => /^(\.\.?|con(\.|$).*)$/i.test(part)))).toEqual([])
    expect(stdout).toMatch(/Done\. downloaded=\d skipped=0 failed=\d/)
    expect(code).toBe(/failed=0/.test(stdout) ? 0 : 1)
    expect(stderr).not.toContain(' at ')
  })

  it('without archives says so and is content', async () => {
    await using camera = await startAxisTimelapse2({ switches: { world: 'empty' } })
    const { code, stdout } = await runHere([...camera.args, '--dest', emptyFolder()], { env: camera.env })
    expect(code).toBe(0)
    expect(stdout).toContain('No timelapse archives found on camera.\n')
  })

  it('keeps to the window, which a camera without a zone reads in the system’s', async () => {
    await using camera = await startAxisTimelapse2({ archives: archivesOf(3) })
    const dest = emptyFolder()
    const window = [
      '--start',
      '2026-03-03',
      '--end',
      '2026-03-03 23:00:00+0000',
      '--layout',
      '{camera}/{start:yyyy/MM/dd}.{ext}',
    ]
    const { code, stdout } = await runHere([...camera.args, '--dest', dest, ...window], { env: camera.env })
    expect(code).toBe(0)
    expect(stdout).toContain('Found 1 timelapse')
    expect(Object.keys(sums(dest))).toEqual(['axis-accc8e000001/2026/03/03.mp4'])
  })
})

describe('what writes nothing', () => {
  it('a dry run makes no folder, and says what would be fetched', async () => {
    await using camera = await startAxisTimelapse2({ archives: archivesOf(2) })
    const dest = join(emptyFolder(), 'new')
    const { code, stdout } = await runHere([...camera.args, '--dest', dest, '--dry-run'], { env: camera.env })
    expect(code).toBe(0)
    expect(stdout).toMatch(/PLAN {2}Front_Gate_2026_03_03_0000\.mp4 \(39\.06 KB\)/)
    expect(stdout).toMatch(/Would fetch 2 of 2, 78\.13 KB, into .*Nothing was written\.\n$/)
    expect(existsSync(dest)).toBe(false)
    const planned = await runHere(['plan', ...camera.args, '--dest', dest, '--json'], { env: camera.env })
    expect(planned.json().at(-1)).toMatchObject({ type: 'archive-ended', planned: 2, pending: 2, kept: 0 })
    expect(existsSync(dest)).toBe(false)
    expect(camera.log.of('media')).toEqual([])
  })

  it('cameras lists the camera', async () => {
    await using camera = await startAxisTimelapse2({ archives: [] })
    const { code, stdout } = await runHere(['cameras', ...camera.args], { env: camera.env })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ACCC8E000001 /m)
    const json = (await runHere(['cameras', ...camera.args, '--json'], { env: camera.env })).json()
    expect(json.map(({ type }) => type)).toEqual(['camera', 'cameras-ended'])
    expect(json[0]).toMatchObject({ id: 'ACCC8E000001', facts: { appVersion: '3.1.4' } })
  })

  it('help lists every flag of the seed with its default', async () => {
    const { code, stdout } = await runCli(['--help'])
    expect(code).toBe(0)
    const flags = {
      host: '"192.168.0.90"',
      outdir: '"."',
      timeout: '60',
      'rate-limit': '90',
      'max-retries': '3',
      'retry-delay': '5',
    }
    const text = stdout.replace(/\n {10,}/g, ' ')
    for (const [flag, value] of Object.entries(flags)) {
      expect(text).toMatch(new RegExp(`--${flag}[ ,].*\\(default: ${value.replaceAll('.', '\\.')}\\)`))
    }
    for (const flag of ['user', 'pass', 'check-size', 'no-progress', 'overwrite'])
      expect(text).toMatch(new RegExp(`--${flag}[ ,\\n]`))
    expect((await runHere(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('what needs no camera', () => {
  it('coverage and verify read the archive alone', async () => {
    const dest = emptyFolder()
    {
      await using camera = await startAxisTimelapse2({ archives: archivesOf(2) })
      expect((await runHere([...camera.args, '--dest', dest], { env: camera.env })).code).toBe(0)
    }
    const covered = await runHere(['coverage', '--outdir', dest])
    expect(covered.code).toBe(0)
    expect(covered.stdout).toMatch(/kept 1d04h of 1d14h \(73\.6%\)/)
    expect(covered.stdout).toContain('unknown  2026-03-02T20:00:00+00:00  2026-03-03T06:00:00+00:00  10h00m')
    const json = (
      await runHere([
        'coverage',
        '--outdir',
        dest,
        '--json',
        '--start',
        '2026-03-02T00:00Z',
        '--end',
        '2026-03-03T00:00Z',
      ])
    ).json()
    expect(json.map(({ type }) => type)).toEqual(['coverage', 'coverage-ended'])
    expect((json[0]!.segments as { start: string }[])[0]!.start).toBe('2026-03-02T00:00:00.000Z')

    const sound = await runHere(['verify', '--dest', dest, '--deep'])
    expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('checked=2 intact=2 missing=0 altered=0')])
    const [name] = Object.keys(sums(dest))
    writeFileSync(join(dest, name!), 'x'.repeat(40_000))
    expect((await runHere(['verify', '--dest', dest])).code).toBe(0)
    const deep = await runHere(['verify', '--dest', dest, '--deep'])
    expect(deep.code).toBe(1)
    expect(deep.stderr).toBe(`FAIL  ${name}\n      is not what was kept\n`)
  })

  it('both refuse a place without an archive', async () => {
    for (const command of ['coverage', 'verify']) {
      const dest = emptyFolder()
      const { code, stderr } = await runHere([command, '--dest', dest])
      expect(code).toBe(2)
      expect(stderr).toMatch(/^ERROR: .*mount/s)
      expect(filesBelow(dest)).toEqual([])
    }
  })
})
