import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { emptyFolder, place, runHere, sessionFiles } from './run.ts'
import { filesOf } from './truth.ts'

/** One paragraph for people: what was tried and came back, what to do; never a stack. */
function paragraph(stderr: string): string {
  expect(stderr).toMatch(/^ERROR: \S/m)
  expect(stderr).not.toMatch(/\n\s+at /)
  return stderr.replace(/\n\s+/g, ' ')
}

const window = ['--start', '2026-11-02 08:00:00+0000', '--end', '2026-11-02 10:00:00+0000']

describe('a run that cannot begin', () => {
  it('wrong password: sent once, exit 2, says which account is needed', async () => {
    await using console = await startUnifiProtect()
    const { dest, env, line } = place(console)
    const { code, stdout, stderr } = await runHere([...line, ...window], {
      ...env,
      CAM_UNIFI_PASSWORD: 'not-it-at-all',
    })
    expect(code).toBe(2)
    const said = paragraph(stderr)
    expect(said).toContain(console.host)
    expect(said).toMatch(
      /did not let in the account "archivist".*restricted to local access.*The password was sent once/,
    )
    expect(stdout + stderr).not.toContain('not-it-at-all')
    expect(console.logins).toEqual({ ok: 0, refused: 1, limited: 0 })
    expect(filesOf(dest)).toEqual([])
  })

  it('a second factor: says what to do, and --otp does it', async () => {
    await using console = await startUnifiProtect({ switches: { mfa: 'totp' } })
    const { env, line } = place(console)
    const without = await runHere(['cameras', ...line.slice(0, -4)], env)
    expect(without.code).toBe(2)
    expect(paragraph(without.stderr)).toMatch(/second factor for the account "archivist".*local access only.*--otp/)
    const wrong = await runHere(['cameras', ...line.slice(0, -4), '--otp', '111111'], env)
    expect([wrong.code, paragraph(wrong.stderr)]).toEqual([
      2,
      expect.stringMatching(/not take the code.*new code in --otp/),
    ])
    expect((await runHere(['cameras', ...line.slice(0, -4), '--otp', '246810'], env)).code).toBe(0)
  })

  it('too many logins: nothing is wrong with the password', async () => {
    await using console = await startUnifiProtect({ switches: { loginLimit: 0 } })
    const { env, line } = place(console)
    const { code, stderr } = await runHere([...line, ...window], env)
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(
      /no more logins for now.*Nothing is wrong with name or password.*ten to fifteen minutes.*--forget-session/,
    )
    expect(console.logins.limited).toBe(1)
  })

  it('a certificate nobody vouches for: shows the fingerprint, works with it, and with nothing less', async () => {
    await using console = await startUnifiProtect()
    const { env, line } = place(console)
    const bare = ['cameras', ...console.args.slice(0, 4)]
    const refused = await runHere([...bare, '--verify-ssl'], env)
    expect(refused.code).toBe(2)
    expect(paragraph(refused.stderr)).toMatch(/is not trusted .*Consoles sign their own, so that is expected/)
    expect(refused.stderr.match(/(\w\w:){31}/g)).toHaveLength(1)
    const flag = /^ +(--fingerprint (\S+))$/m.exec(refused.stderr)
    expect(flag?.[2]).toBe(console.certificate.fingerprint256)
    expect(console.log.entries).toEqual([])
    expect((await runHere([...bare, ...flag![1]!.split(' ')], env)).code).toBe(0)
    expect((await runHere([...bare, '--fingerprint', 'ab'.repeat(32)], env)).code).toBe(2)
    const unchecked = await runHere([...bare, '--insecure'], env)
    expect([unchecked.code, unchecked.stderr]).toEqual([0, expect.stringMatching(/^WARN {2}--insecure/)])
    expect((await runHere([...line, '--insecure'], env)).code).toBe(64)
  })

  it('not a console: something else answers, and gets no password', async () => {
    await using camera = await startAxisTimelapse2({ tls: true })
    const [, port] = camera.host.split(':')
    const env = { CAM_UNIFI_USERNAME: 'archivist', CAM_UNIFI_PASSWORD: 'sesame', CAM_STATE_DIR: emptyFolder() }
    const fingerprint = camera.certificate!.fingerprint256
    const args = ['cameras', '--address', '127.0.0.1', '--port', port!, '--fingerprint', fingerprint]
    const { code, stderr } = await runHere(args, env)
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(/it is no UniFi Protect console.*The password was not sent.*--address.*--port/)
    expect(camera.log.entries.some(({ method }) => method !== 'GET')).toBe(false)
  })

  it('nobody there', async () => {
    await using console = await startUnifiProtect()
    const { env, line } = place(console)
    await console.close()
    const { code, stderr } = await runHere([...line, '--max-retries', '0'], env)
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(/refused.*Check --address and --port/)
  })

  it.each([
    [['--channel', '4'], /--channel: "4" is none of 0, 1, 2, 3/],
    [['--segment', '2h'], /--segment: "2h" is not a length of time from 1m to 1h;/],
    [['--port', '99999'], /port.*99999/],
    [['--address', 'http://unifi'], /address.*http:\/\/unifi/],
    [['--address', 'https://me:sesame@unifi'], /address/],
    [['--speed', '60'], /--speed means nothing to download; it belongs to timelapse\./],
    [['snapshot', '--start', 'now'], /--start means nothing to snapshot\./],
    [['events', '--segment', '15m'], /--segment means nothing to events\./],
    [['snapshot', '--at', '2026-10-24 09:00'], /--at: .* has no offset/],
    [['--verify-ssl', '--insecure'], /--verify-ssl and --insecure contradict each other/],
    [['--otp', 'sesame'], /otp must be six digits/],
    [
      ['event'],
      /"event" is no command; there are download, cameras, plan, retry, sync, events, snapshot, timelapse, verify, coverage/,
    ],
  ])('a mistake on the command line: %j', async (args, message) => {
    const env = { CAM_UNIFI_USERNAME: 'archivist', CAM_UNIFI_PASSWORD: 'pass', CAM_STATE_DIR: emptyFolder() }
    const { code, stdout, stderr } = await runHere([...args, '--dest', emptyFolder()], env)
    expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(message)])
    expect(stdout + stderr).not.toContain('sesame')
  })
})

describe('times without an offset', () => {
  it('are read on the clock of the console, and refused where it shows them twice', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst' } })
    const { env, line } = place(console)
    const asked = ['plan', ...line, '--cameras', 'Front Door']
    const plain = await runHere([...asked, '--start', '2026-10-25 00:00', '--end', '2026-10-26 00:00', '--json'], env)
    expect([plain.code, plain.json().at(-1)]).toEqual([0, expect.objectContaining({ planned: 25 })])
    const twice = await runHere([...asked, '--start', '2026-10-25 02:30:00', '--end', '2026-10-26'], env)
    expect([twice.code, paragraph(twice.stderr)]).toEqual([
      64,
      expect.stringMatching(
        /happens twice in Europe\/Berlin.*2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00/,
      ),
    ])
  })
})

describe('a run that meets a limit of the account', () => {
  it('fails one camera, says which right is missing, and archives the others', async () => {
    await using console = await startUnifiProtect({ switches: { rightMissing: 'Garage' } })
    const { dest, env, line } = place(console)
    const { code, stderr } = await runHere([...line, ...window, '--segment', '5m'], env)
    expect(code).toBe(1)
    expect(stderr).toMatch(/FAIL {2}Garage .*\n.*Playback Download/)
    expect(stderr.match(/Playback Download/g)).toHaveLength(1)
    expect(stderr).toMatch(/\nFAIL {2}\d+ more of Garage in the same way, the last of them Garage 2026-.*\n$/)
    const names = filesOf(dest)
    expect(names.length).toBeGreaterThan(0)
    expect(names.every((name) => name.startsWith('Front_Door_'))).toBe(true)
  })
})

describe('secrets', () => {
  it('are in no output, no log file and no ledger', async () => {
    await using console = await startUnifiProtect({
      password: 'sesame-opens',
      switches: { failN: 1, failStatus: '500' },
    })
    const { dest, env, state, line } = place(console)
    const log = join(emptyFolder(), 'run.log')
    const loud = await runHere([...line, ...window, '--verbose', '--log-file', log, '--max-retries', '0'], env)
    const json = await runHere([...line, ...window, '--json'], env)
    expect([loud.code, json.code]).toEqual([1, 0])
    const session = readFileSync(sessionFiles(state)[0]!, 'utf8')
    const token = /[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/.exec(session)?.[0]
    expect(token).toBeDefined()
    const ledger = readFileSync(join(dest, '.cam', 'ledger.sqlite'), 'latin1')
    for (const text of [
      loud.stdout,
      loud.stderr,
      json.stdout,
      json.stderr,
      readFileSync(log, 'utf8'),
      ledger,
      session,
    ]) {
      expect(text).not.toContain('sesame-opens')
      if (text !== session) expect(text).not.toContain(token)
    }
  })
})
