import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, it } from 'vitest'
import { runCli, spawnCli } from './cli.ts'
import { emptyFolder, filesBelow, leftovers, sums } from './files.ts'
import { runHere } from './in-process.ts'

const env = { CAM_AXIS_USER: 'root', CAM_AXIS_PASSWORD: 'pass' }
const isRoot = process.getuid?.() === 0

/** One paragraph for people: what was tried and came back, what to do; never a stack. */
function paragraph(stderr: string): string {
  expect(stderr).toMatch(/^ERROR: \S/)
  expect(stderr).not.toMatch(/\n\s+at /)
  return stderr.replace(/\n\s+/g, ' ')
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a run that cannot begin', () => {
  it('wrong password: one authenticated request, exit 2, host, account and what account is needed', async () => {
    await using camera = await startAxisTimelapse2()
    const dest = emptyFolder()
    const args = [...camera.args, '--dest', dest]
    const { code, stderr, stdout } = await runCli(args, { env: { ...env, CAM_AXIS_PASSWORD: 'not-it-at-all' } })
    expect(code).toBe(2)
    const said = paragraph(stderr)
    expect(said).toContain(camera.host)
    expect(said).toContain('"root"')
    expect(said).toMatch(/administrator account is needed/)
    expect(said + stdout).not.toContain('not-it-at-all')
    expect(camera.log.entries.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1)
    expect(camera.badLogins).toBe(1)
    expect(sums(dest)).toEqual({})
  })

  it('as JSON: an error line, then a sum of zeros', async () => {
    await using camera = await startAxisTimelapse2()
    const args = [...camera.args, '--dest', emptyFolder(), '--json']
    const wrong = await runHere(args, { env: { ...env, CAM_AXIS_PASSWORD: 'wrong' } })
    expect(wrong.code).toBe(2)
    expect(wrong.json().at(-2)).toMatchObject({ type: 'error', code: 'AUTHENTICATION' })
    expect(wrong.json().at(-1)).toMatchObject({
      type: 'archive-ended',
      planned: 0,
      failed: 0,
      durationMs: expect.any(Number),
    })
    const usage = await runHere(['--json', '--timeout', 'soon'])
    expect(usage.code).toBe(64)
    expect(usage.json().map(({ type }) => type)).toEqual(['error', 'archive-ended'])
  })

  it('nobody there: the connection is refused', async () => {
    const server = createServer()
    const host = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    const args = ['--host', host, '--dest', emptyFolder(), '--max-retries', '1', '--retry-delay', '0']
    const { code, stderr } = await runHere(args, { env })
    expect(code).toBe(2)
    const said = paragraph(stderr)
    expect(said).toContain(host)
    expect(said).toMatch(/ECONNREFUSED|refused/)
    expect(said).toMatch(/check address and port/)
  })

  it('no way there: the network is unreachable', async ({ skip }) => {
    try {
      system('unshare', '-n', 'true')
    } catch {
      console.log('skipped: an empty network namespace cannot be made here (unshare -n)')
      return skip()
    }
    // Nothing leaves this machine: in the empty namespace there is no network to leave by.
    const args = ['--host', '192.0.2.1', '--dest', emptyFolder(), '--max-retries', '0']
    const { code, stderr } = await runCli(args, { env, wrapper: ['unshare', '-n'] })
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(/192\.0\.2\.1.*There is no way to this address from here/)
  })

  it('not a camera: something else answers', async () => {
    const server = createServer((_request, response) => response.end('<html><title>Router</title>Log in</html>'))
    const host = await listening(server)
    const { code, stderr } = await runHere(['--host', host, '--dest', emptyFolder()], { env })
    server.close()
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(new RegExp(`${host}.*camera`))
  })

  it.each(['html', 'broken', 'object'] as const)('a list that cannot be read (%s)', async (listShape) => {
    await using camera = await startAxisTimelapse2({ switches: { listShape } })
    const dest = emptyFolder()
    const { code, stderr, stdout } = await runHere([...camera.args, '--dest', dest, '--max-retries', '0'], { env })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^ERROR: .*list of archives of .* cannot be read/m)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).not.toMatch(/Found|No timelapse archives/)
    expect(sums(dest)).toEqual({})
  })

  it('a certificate nobody vouches for: shows the fingerprint, works with it, and with nothing less', async () => {
    await using camera = await startAxisTimelapse2({ tls: true, archives: [{ bytes: 20_000 }] })
    const dest = emptyFolder()
    const args = ['--host', camera.url, '--dest', dest, '--max-retries', '0']
    const refused = await runHere(args, { env })
    expect(refused.code).toBe(2)
    paragraph(refused.stderr)
    const flag = /^ +(--fingerprint (\S+))$/m.exec(refused.stderr)
    expect(flag?.[2]?.replaceAll(':', '').toLowerCase()).toBe(
      camera.certificate!.fingerprint256.replaceAll(':', '').toLowerCase(),
    )
    expect(camera.log.entries).toEqual([])
    expect((await runHere([...args, ...flag![1]!.split(' ')], { env })).code).toBe(0)
    expect(Object.keys(sums(dest))).toHaveLength(1)
    const other = await runHere([...args, '--fingerprint', 'ab'.repeat(32)], { env })
    expect(other.code).toBe(2)
    const unchecked = await runHere([...args, '--insecure'], { env })
    expect([unchecked.code, unchecked.stderr]).toEqual([0, expect.stringMatching(/^WARN {2}--insecure/)])
    const pem = join(emptyFolder(), 'camera.pem')
    writeFileSync(pem, camera.certificate!.certificatePem)
    expect((await runHere([...args, '--ca', pem], { env })).code).toBe(0)
  })

  it('a destination that is a file, or below one', async () => {
    await using camera = await startAxisTimelapse2()
    const file = join(emptyFolder(), 'file')
    writeFileSync(file, 'mine')
    for (const dest of [file, join(file, 'below')]) {
      const { code, stderr } = await runHere([...camera.args, '--dest', dest], { env })
      expect(code).toBe(2)
      expect(paragraph(stderr)).toContain(file)
    }
    expect(camera.log.entries).toEqual([])
  })

  it('a destination that cannot be written', async ({ skip }) => {
    await using camera = await startAxisTimelapse2()
    const dest = emptyFolder()
    if (!isRoot) chmodSync(dest, 0o555)
    else if (!mount(dest, 'ro,size=1m')) return skip()
    try {
      const { code, stderr } = await runHere([...camera.args, '--dest', dest], { env })
      expect(code).toBe(2)
      const said = paragraph(stderr)
      expect(said).toContain(dest)
      expect(said).toMatch(isRoot ? /for writing, or choose another/ : /permission denied/)
      expect(camera.log.entries).toEqual([])
    } finally {
      if (isRoot) system('umount', dest)
      else chmodSync(dest, 0o755)
    }
  })

  it('an archive that went away: most often a disk that is not mounted', async () => {
    await using camera = await startAxisTimelapse2({ archives: [{ bytes: 20_000 }] })
    const outer = emptyFolder()
    const dest = join(outer, 'nas')
    const args = [...camera.args, '--dest', dest]
    expect((await runHere(args, { env })).code).toBe(0)
    renameSync(dest, join(outer, 'elsewhere'))
    mkdirSync(dest)
    const before = camera.log.entries.length
    const { code, stderr } = await runHere(args, { env })
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(/not mounted.*--new-archive/)
    expect(filesBelow(dest)).toEqual([])
    expect(camera.log.entries).toHaveLength(before)
    expect((await runHere([...args, '--new-archive'], { env })).code).toBe(0)
  })

  it.each([
    [['--rate-limit', 'fast'], /--rate-limit: "fast"/],
    [['--host', 'ftp://camera'], /ftp:\/\/camera/],
    [['--host', 'http://root:sesame@127.0.0.1:9'], /host/],
    [['--app', 'timelapse9'], /--app: "timelapse9" is none of timelapse2, timelapseme/],
    [['--start', 'soon'], /--start: "soon"/],
    [['--layout', '{planet}'], /\{planet\}/],
    [['verify', '--dry-run'], /--dry-run/],
    [['--pass', 'open', 'sesame'], /word too many/],
  ])('a mistake on the command line: %j', async (args, message) => {
    const { code, stderr, stdout } = await runHere([...args, '--dest', emptyFolder()], { env })
    expect(code).toBe(64)
    expect(paragraph(stderr)).toMatch(message)
    expect(stderr).toContain('axis-timelapse2-cli --help shows all flags.')
    expect(stderr + stdout).not.toContain('sesame')
  })

  it('no credentials', async () => {
    const none = await runHere(['--host', '127.0.0.1:9'])
    expect(none.code).toBe(64)
    expect(paragraph(none.stderr)).toMatch(/--user NAME.*CAM_AXIS_USER/)
    const { code, stderr } = await runHere(['--host', '127.0.0.1:9', '--user', 'root'])
    expect(code).toBe(64)
    expect(paragraph(stderr)).toMatch(/CAM_AXIS_PASSWORD/)
  })
})

describe('a run that cannot go on', () => {
  it('a full disk: says so, keeps what is complete, leaves nothing half-written, and goes on later', async ({
    skip,
  }) => {
    if (!isRoot) {
      console.log('skipped: mounting a small disk needs root')
      return skip()
    }
    const archives = [300_000, 6_000_000, 300_000].map((bytes, day) => ({
      bytes,
      first: day * 1e8 + 1.77e12,
      last: day * 1e8 + 1.77e12 + 3.6e6,
    }))
    await using camera = await startAxisTimelapse2({ archives })
    const dest = emptyFolder()
    if (!mount(dest, 'size=70m')) return skip()
    try {
      // A process of its own: nothing may keep the small disk busy.
      const { code, stderr, stdout } = await runCli([...camera.args, '--dest', dest, '--max-retries', '0'], { env })
      expect(code).toBe(1)
      expect(stderr).toMatch(/^ERROR: .*Free some space and run again/m)
      expect(stderr).toContain('1 more not tried; the next run takes them up')
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(sums(dest)).not.toEqual({})
      expect(stdout).toMatch(/Done\. downloaded=\d skipped=0 failed=\d\n$/)
      const truth = Object.fromEntries(camera.truth().map(({ filename, sha256 }) => [filename, sha256]))
      for (const [name, sum] of Object.entries(sums(dest))) expect(sum).toBe(truth[name])
      system('mount', '-o', 'remount,size=160m', dest)
      expect((await runCli([...camera.args, '--dest', dest], { env })).code).toBe(0)
      expect(sums(dest)).toEqual(truth)
      expect(leftovers(dest)).toEqual([])
    } finally {
      system('umount', dest)
    }
  })

  it('another run at work on the same archive and camera: exit 75, and the first is not disturbed', async () => {
    await using camera = await startAxisTimelapse2({ archives: [{ bytes: 200_000 }], switches: { rate: 100_000 } })
    const dest = emptyFolder()
    const args = [...camera.args, '--dest', dest]
    const first = spawnCli(args, { env })
    await first.said('GET ')
    camera.set({ serial: false })
    const second = await runHere(args, { env })
    expect(second.code).toBe(75)
    expect(paragraph(second.stderr)).toMatch(/Another run/)
    camera.set({ rate: 0 })
    expect((await first.ended).code).toBe(0)
    expect(Object.keys(sums(dest))).toHaveLength(1)
  })

  it('a home that cannot be written is no reason not to archive', async () => {
    await using camera = await startAxisTimelapse2({ archives: [{ bytes: 20_000 }] })
    const state = join(emptyFolder(), 'file')
    writeFileSync(state, '')
    const args = [...camera.args, '--dest', emptyFolder()]
    const { code, stderr } = await runHere(args, { env: { ...env, CAM_STATE_DIR: state } })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^WARN {2}The list of known archives/)
    expect(existsSync(join(state, 'known-archives.json'))).toBe(false)
  })
})

function mount(folder: string, options: string): boolean {
  try {
    system('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder)
    return true
  } catch {
    console.log('skipped: a small disk cannot be mounted here')
    return false
  }
}

/** Throws where the system has no such command, or refuses it. */
function system(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'ignore' })
}
