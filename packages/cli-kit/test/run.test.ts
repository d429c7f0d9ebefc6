import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import {
  type ArchiveEvent,
  AuthenticationError,
  type Camera,
  type FootageSource,
  PermissionError,
  ProtocolError,
  type Recording,
} from '@cam/download-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CliDefinition } from '../src/definition.ts'
import { runCli } from '../src/run.ts'
import { camera, recording } from './archive-events.ts'
import { definition, recorder, signalSource } from './streams.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-run-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A source whose lists can be anything; nothing of it is ever fetched. */
function sourceOf(lists: Readonly<Record<string, readonly Recording[] | Error>>, zone = 'UTC'): FootageSource {
  const cameras: Camera[] = Object.keys(lists).map((id) => ({ id, name: `Camera ${id}`, timeZone: zone }))
  return {
    vendor: 'Pretend',
    limits: { transfers: 1, transfersPerCamera: 1 },
    identify: async () => ({ id: 'console', name: 'Console' }),
    async *cameras() {
      yield* cameras
    },
    async *recordings({ id }) {
      const list = lists[id]!
      if (list instanceof Error) throw list
      yield* list
    },
    open: async () => ({ cameraId: camera.id, start: 1, end: 2, outcome: 'absent', reason: 'it was deleted' }),
    async [Symbol.asyncDispose]() {},
  }
}

let signals: ReturnType<typeof signalSource>

async function run(source: FootageSource, ...argv: string[]) {
  signals = signalSource()
  const [stdout, stderr] = [recorder(), recorder()]
  const stdin = new PassThrough()
  stdin.end()
  const made: CliDefinition = { ...definition, makeSource: () => source }
  const code = await runCli(made, {
    argv: ['--dest', join(folder, 'archive'), ...argv],
    env: { CAM_STATE_DIR: join(folder, 'state'), CAM_PRETEND_USER: 'root', CAM_PRETEND_PASSWORD: 'sesame' },
    stdin,
    stdout,
    stderr,
    signals,
    timeZone: 'UTC',
    exit: () => {},
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

const item = (cameraId: string, more: Partial<Recording> = {}) => recording(`r-${cameraId}`, { cameraId, ...more })
const broken = new TypeError('x is not a function')

describe('exit codes', () => {
  it('0 when everything is absent, or still growing', async () => {
    expect(await run(sourceOf({ a: [item('a')], b: [item('b', { settled: false })] }))).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('absent=1 pending=1, of planned=2'),
    })
  })

  it('1 when one of several lists failed, 2 when all of them did', async () => {
    const some = await run(sourceOf({ a: [item('a')], b: broken }))
    expect([some.code, some.stderr]).toEqual([1, expect.stringMatching(/^FAIL {2}list of Camera b\n/)])
    expect(some.stdout).toMatch(/Done\. downloaded=0 skipped=0 failed=1\n/)
    const all = await run(sourceOf({ a: broken, b: broken }))
    expect(all.code).toBe(2)
    expect(all.stderr).toMatch(/^ERROR: /m)
  })

  it('2 when the login is refused while a list is read, and the account is named', async () => {
    const { code, stderr } = await run(sourceOf({ a: new AuthenticationError('401 Unauthorized.') }))
    expect(code).toBe(2)
    expect(stderr).toContain('ERROR: 192.0.2.1 refused the account "root": 401 Unauthorized.')
  })

  it('64 for a camera that is not there, and for a template that cannot be', async () => {
    const none = await run(sourceOf({ a: [] }), '--cameras', 'garage')
    expect([none.code, none.stderr]).toEqual([64, expect.stringMatching(/no camera fits "garage"; there are Camera a/)])
    expect((await run(sourceOf({ a: [] }), '--layout', '{nonsense}')).code).toBe(64)
  })

  it('2 for retry where there is no archive, and none is begun', async () => {
    const { code, stderr } = await run(sourceOf({ a: [item('a')] }), 'retry')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no archive here: \S+archive\S+ is missing/)])
    await expect(stat(join(folder, 'archive'))).rejects.toThrow(/ENOENT/)
  })

  it('130 for a command that fetches nothing, without a count of what it fetched', async () => {
    const source = sourceOf({ a: [] })
    const identify: FootageSource['identify'] = async (call) => {
      signals.emit('SIGINT')
      call?.signal?.throwIfAborted()
      return source.identify(call)
    }
    const { code, stdout, stderr } = await run({ ...source, identify }, 'cameras')
    expect([code, stdout, stderr]).toEqual([130, '', 'Stopping at once.\n'])
  })

  it('0 for retry where all that failed cannot be helped by it, and what helps is said', async () => {
    const refusing: FootageSource = {
      ...sourceOf({ a: [item('a')] }),
      open: async () => {
        throw new PermissionError('Not this camera.')
      },
    }
    expect((await run(refusing)).code).toBe(1)
    const { code, stdout } = await run(refusing, 'retry')
    expect(code).toBe(0)
    expect(stdout).toContain(
      'INFO  Nothing failed that may be retried.\nINFO  1 failed in another way: mend the cause, then download with a --start before',
    )
    const nothing = await run(sourceOf({ a: [] }), 'retry')
    expect(nothing.stdout).toContain('failed in another way')
  })

  it('a bug of ours shows its stack', async () => {
    const source = { ...sourceOf({}), identify: () => Promise.reject(broken) }
    const { code, stderr } = await run(source)
    expect(code).toBe(1)
    expect(stderr).toMatch(/fault in pretend-cli 1\.2\.3[\s\S]*report[\s\S]*\n\s+at /)
  })
})

describe('what is said', () => {
  it('--quiet leaves failures alone', async () => {
    const { stdout, stderr } = await run(sourceOf({ a: [item('a')], b: broken }), '--quiet')
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^FAIL/)
  })

  it('--log-file gets everything with times, also when quiet, and no secret', async () => {
    const path = join(folder, 'run.log')
    await run(sourceOf({ a: [item('a')] }), '--quiet', '--log-file', path)
    await run(sourceOf({ a: broken }), '--json', '--log-file', path)
    const log = await readFile(path, 'utf8')
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT\S+Z Fetching from 192\.0\.2\.1\.\.\.\n/)
    expect(log).toMatch(/Z INFO {2}Logged in as root: Console \(console\)\n/)
    expect(log).toMatch(/Z FAIL {2}list of Camera a\n/)
    expect(log).not.toContain('sesame')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await run(sourceOf({}), '--log-file', join(folder, 'no', 'run.log'))).code).toBe(64)
  })

  it('nothing in the time asked for is not nothing at all', async () => {
    const all = await run(sourceOf({ a: [] }))
    expect(all.stdout).toContain('Nothing found.')
    const some = await run(sourceOf({ a: [] }), '--start', '2026-03-03')
    expect(some.stdout).not.toContain('Nothing found.')
    expect(some.stdout).toMatch(/Nothing in the time asked for.*--start/)
    const dry = await run(sourceOf({ a: [] }), '--end', '2026-03-03', '--log-file', join(folder, 'run.log'))
    expect(dry.stdout).toMatch(/Nothing in the time asked for/)
    expect(await readFile(join(folder, 'run.log'), 'utf8')).toMatch(/Nothing in the time asked for/)
  })

  it('a list that cannot be read is told once where nothing else is to be told', async () => {
    const unreadable = new ProtocolError('The list is cut off.')
    const alone = await run(sourceOf({ a: unreadable }))
    expect([alone.code, alone.stderr.match(/cut off/g)]).toEqual([2, ['cut off']])
    expect(alone.stderr).toMatch(/^ERROR: The list is cut off\.\n/)
    const other = await run(sourceOf({ a: unreadable, b: [item('b')] }))
    expect(other.stderr).toMatch(/^FAIL {2}list of Camera a\n {6}The list is cut off\.\n/)
    const both = await run(sourceOf({ a: unreadable, b: new ProtocolError('No JSON.') }))
    expect(both.stderr).toMatch(/^FAIL {2}list of Camera a\n {6}The list is cut off\.\nERROR: No JSON\./)
  })

  it('a local time is read in the zone of the camera', async () => {
    const window = (hour: number) => ({ start: Date.UTC(2026, 2, 2, hour), end: Date.UTC(2026, 2, 2, hour + 1) })
    const list = [item('a', { window: window(13) }), item('a', { id: 'r-2', name: 'later.mp4', window: window(15) })]
    const { stdout } = await run(sourceOf({ a: list }, 'Asia/Tokyo'), '--start', '2026-03-03', '--json')
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ArchiveEvent)
    expect(events.filter(({ type }) => type === 'recording-ended')).toHaveLength(1)
    expect(stdout).toContain('later.mp4')
  })
})
