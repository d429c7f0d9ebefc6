import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { place, runHere } from './run.ts'
import { expectTruth, filesOf, windowFlags } from './truth.ts'

const morning = { start: Date.parse('2026-11-02T08:00Z'), end: Date.parse('2026-11-02T11:00Z') }

describe("the seed's command line", () => {
  it('has every flag of its usage text, with its default', async () => {
    const { stdout } = await runHere(['--help'])
    const text = stdout.replace(/\n {10,}/g, ' ')
    const defaults = { address: '"unifi"', dest: '"./"', channel: '"0"', timeout: '60' }
    for (const [flag, value] of Object.entries(defaults)) {
      expect(text).toMatch(new RegExp(`--${flag}[ ,].*\\(default: ${value.replaceAll('.', '\\.')}\\)`))
    }
    for (const flag of [
      ...['port', 'verify-ssl', 'username', 'password', 'cameras', 'start', 'end', 'wait-between-downloads'],
      ...['downloads-before-key-refresh', 'downloads-before-auth-refresh', 'ignore-failed-downloads'],
      ...['skip-existing-files', 'touch-files', 'use-subfolders', 'download-request-timeout'],
    ])
      expect(text).toMatch(new RegExp(`--${flag}[ ,\\n]`))
    for (const command of ['sync', 'events', 'snapshot', 'timelapse', 'coverage'])
      expect(stdout).toMatch(new RegExp(`\\n {2}${command} `))
    expect(stdout).toMatch(/Example: .*unifi-cli --address/)
    expect(stdout).toMatch(/Exit codes: 0 /)
  })

  it('can be pasted as it is', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, state } = place(console)
    const line = [
      ...[...console.args, '--verify-ssl', '--username', 'archivist', '--password', 'pass', '--cameras', 'all'],
      ...['--channel', '0', '--start', '2026-11-02 08:00:00+0000', '--end', '2026-11-02 12:00:00+0100', '--dest', dest],
      ...[
        '--wait-between-downloads',
        '0',
        '--downloads-before-key-refresh',
        '3',
        '--downloads-before-auth-refresh',
        '10',
      ],
      ...['--ignore-failed-downloads', '--skip-existing-files', '--touch-files', '--use-subfolders'],
      ...['--download-request-timeout', '60.0'],
    ]
    const { code, stdout, stderr } = await runHere(line, { CAM_STATE_DIR: state })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^WARN {2}--password shows the password/)
    for (const said of [/verified in any case/, /exit code says 1/, /only for consoles before UniFi OS/])
      expect(stdout.match(new RegExp(said, 'g'))).toHaveLength(1)
    expect(stdout).toContain(
      `SAVE  ${dest}/2026/11/02/Front_Door_042a/Front_Door_042a_2026-11-02--09-00-00+0100_2026-11-02--09-59-59+0100.mp4\n`,
    )
    const again = await runHere([...line, '--json'], env)
    expectTruth(again.json(), dest, console.truth(morning))
  })

  it('waits between downloads, between all of them', async () => {
    await using console = await startUnifiProtect()
    const { env, line } = place(console)
    const asked = ['--cameras', 'Front Door', ...windowFlags(morning), '--wait-between-downloads', '0.2']
    expect((await runHere([...line, ...asked], env)).code).toBe(0)
    const exports = console.log.of('media')
    expect(exports).toHaveLength(3)
    for (const [index, { startedAt }] of exports.entries())
      if (index > 0) expect(startedAt - exports[index - 1]!.endedAt!).toBeGreaterThanOrEqual(190)
  })

  it('asks for more than one export at once only where that is wanted', async () => {
    await using console = await startUnifiProtect({ switches: { parallelExports: 2, renderMs: 50 } })
    const { env, line } = place(console)
    expect((await runHere([...line, ...windowFlags(morning), '--concurrency', '2'], env)).code).toBe(0)
    expect(console.exports.maximum).toBe(2)
  })

  it('renews access keys on old consoles, where that was asked for', async () => {
    await using console = await startUnifiProtect({ switches: { profile: 'legacy' } })
    const asked = ['--cameras', 'Front Door', ...windowFlags(morning)]
    const plain = place(console)
    expect((await runHere([...plain.line, ...asked], plain.env)).code).toBe(0)
    expect(console.log.of('access-key')).toEqual([])
    const refreshed = place(console)
    const flags = ['--downloads-before-key-refresh', '1', '--downloads-before-auth-refresh', '2']
    expect((await runHere([...refreshed.line, ...asked, ...flags], refreshed.env)).code).toBe(0)
    expect(console.log.of('access-key').length).toBeGreaterThan(1)
    expect(console.logins.ok).toBeGreaterThan(2)
  })
})

describe('--touch-files with --skip-existing-files', () => {
  it('does not skip everything, and makes no empty file', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    const asked = [...line, ...windowFlags(morning), '--touch-files', '--skip-existing-files', '--json']
    const { code, json } = await runHere(asked, env)
    expect(code).toBe(0)
    expectTruth(json(), dest, console.truth(morning))
  })

  it('leaves out what failed in an earlier run, and only then', async () => {
    const bad = { start: Date.parse('2026-11-02T09:00Z'), end: Date.parse('2026-11-02T09:01Z') }
    const nonMonotonic = `Front Door@${bad.start}/${bad.end}`
    await using console = await startUnifiProtect({ switches: { nonMonotonic } })
    const { dest, env, line } = place(console)
    const asked = [...line, '--cameras', 'Front Door', ...windowFlags(morning), '--json']
    const touch = ['--touch-files', '--skip-existing-files']
    const failed = await runHere([...asked, ...touch], env)
    expect([failed.code, failed.json().at(-1)]).toEqual([
      1,
      expect.objectContaining({ kept: 2, failed: 1, skipped: 0 }),
    ])
    expect(filesOf(dest)).toHaveLength(2)
    const exports = console.exports.asked
    const left = await runHere([...asked, ...touch], env)
    expect([left.code, left.json().at(-1)]).toEqual([
      0,
      expect.objectContaining({ alreadyKept: 2, failed: 0, skipped: 1 }),
    ])
    expect(left.stdout).toMatch(/"outcome":"skipped","reason":"It failed in an earlier run/)
    expect(console.exports.asked).toBe(exports)
    const alone = await runHere([...asked, '--skip-existing-files'], env)
    expect([alone.code, alone.json().at(-1)]).toEqual([1, expect.objectContaining({ failed: 1, skipped: 0 })])
    console.set({ nonMonotonic: 'none' })
    const mended = await runHere(asked, env)
    expect(mended.code).toBe(0)
    const camera = '61b3f5c90050a703e700042a'
    expectTruth(
      mended.json(),
      dest,
      console.truth(morning).filter(({ cameraId }) => cameraId === camera),
    )
  })
})
