import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import {
  type Camera,
  type FootageSource,
  type Gap,
  ProtocolError,
  type Recording,
  systemClock,
  type TimeWindow,
} from '@cam/download-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandsOf } from '../src/command-table.ts'
import type { CliDefinition, SourceContext } from '../src/definition.ts'
import { helpText, parse } from '../src/parse.ts'
import { runCli } from '../src/run.ts'
import { definition, recorder, signalSource } from './streams.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-commands-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hour = 3_600_000
const firstHour = Date.UTC(2026, 2, 2, 6)
const now = firstHour + 10 * hour + 60_000

/** What stands in it is of no interest here: its stated length is its proof. */
const picture = Buffer.from('one picture')

/** Keeps the last ten hours, each hour one recording cut from the window; what it was asked for is written down. */
class Console {
  readonly asked: (TimeWindow | undefined)[] = []
  readonly contexts: SourceContext[] = []
  broken = new Set<number>()
  cameras: readonly Camera[] = [{ id: 'c1', name: 'Gate', timeZone: 'Europe/Berlin' }]
  listFails = false

  source(context: SourceContext): FootageSource {
    this.contexts.push(context)
    const console = this
    return {
      vendor: 'Pretend',
      identity: context.command === 'clips' ? 'own' : 'window',
      limits: { transfers: 1, transfersPerCamera: 1 },
      identify: async () => ({ id: `console/${context.command === 'clips' ? 'clips' : 'all'}`, name: 'Console' }),
      async *cameras() {
        yield* console.cameras
      },
      async *recordings(camera, window): AsyncGenerator<Recording | Gap> {
        console.asked.push(window)
        if (console.listFails) throw new ProtocolError('The list is no list.')
        const { start, end } = window ?? { start: firstHour, end: now }
        for (let at = Math.floor(start / hour) * hour; at < end; at += hour) {
          const piece = { start: Math.max(at, start), end: Math.min(at + hour, end) }
          if (piece.start < firstHour) continue
          yield {
            id: `${new Date(piece.start).toISOString()}/${new Date(piece.end).toISOString()}`,
            cameraId: camera.id,
            window: piece,
            windowFrom: 'asked',
            extension: 'bin',
            resume: 'never',
          }
        }
      },
      async open(recording) {
        if (console.broken.has(recording.window!.start)) throw new ProtocolError('That hour cannot be read.')
        return {
          body: (async function* () {
            yield new Uint8Array(picture)
          })(),
          startsAtByte: 0,
          totalBytes: picture.length,
          representation: 'whole',
        }
      },
      async [Symbol.asyncDispose]() {},
    }
  }
}

function cli(from: Console): CliDefinition {
  return {
    ...definition,
    defaults: {
      ...definition.defaults,
      maxRetries: 0,
      seedLayout: (flags) =>
        flags.on('deep-folders')
          ? '{start:yyyy/MM}/{start:dd-HHmmss}.{ext}'
          : ({ recording }) => `flat-${recording.window!.start}.bin`,
    },
    download: [
      { name: 'deep-folders', group: 'Where to', help: 'folders' },
      { name: 'kinds', value: 'LIST', list: true, group: 'What to fetch', help: 'kinds of clips' },
      { name: 'fetch', group: 'What to fetch', help: 'fetch the clips, too' },
      { name: 'leave-failed', group: 'How', help: 'leave out what failed' },
    ],
    keepsSession: true,
    commands: [
      {
        name: 'clips',
        summary: 'list clips, or fetch them',
        does: (flags) => (flags.on('fetch') ? 'download' : 'list'),
        flags: ['kinds', 'fetch'],
        without: ['overwrite'],
        layout: 'clips/{start:HH}.{ext}',
      },
      { name: 'sync', summary: 'fetch from where the archive begins', does: 'sync' },
    ],
    remarks: (flags) => (flags.on('deep-folders') ? ['Folders go deep.'] : []),
    async skip(flags, ledger) {
      if (!flags.on('leave-failed')) return undefined
      const failed = new Set<string>()
      for await (const row of ledger.rows({ outcomes: ['failed', 'skipped'] })) failed.add(row.key.recordingId)
      return ({ id }) => (failed.has(id) ? 'It failed before.' : undefined)
    },
    makeSource: (_flags, context) => from.source(context),
  }
}

async function run(from: Console, ...argv: string[]) {
  const [stdout, stderr] = [recorder(), recorder()]
  const stdin = new PassThrough()
  stdin.end()
  const code = await runCli(cli(from), {
    argv: [...argv, '--dest', join(folder, 'archive')],
    env: { CAM_STATE_DIR: join(folder, 'state'), CAM_PRETEND_USER: 'root', CAM_PRETEND_PASSWORD: 'sesame' },
    stdin,
    stdout,
    stderr,
    signals: signalSource(),
    timeZone: 'UTC',
    clock: { ...systemClock, now: () => now },
    exit: () => {},
  })
  const lines = () =>
    stdout
      .text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { code, stdout: stdout.text(), stderr: stderr.text(), lines }
}

const at = (hours: number) => firstHour + hours * hour
const iso = (hours: number) => new Date(at(hours)).toISOString()

describe('the command table', () => {
  it('has the commands of the vendor, in the help, in dispatch and in what it says of a wrong word', () => {
    const vendor = cli(new Console())
    expect(commandsOf(vendor).map(({ name }) => name)).toEqual([
      'download',
      'cameras',
      'plan',
      'retry',
      'clips',
      'sync',
      'verify',
      'coverage',
      'service',
    ])
    expect(commandsOf(definition).map(({ name }) => name)).not.toContain('sync')
    expect(helpText(vendor, commandsOf(vendor)[0])).toMatch(/\n {2}clips +list clips, or fetch them\n/)
    expect(parse(vendor, ['clips']).command.name).toBe('clips')
    expect(() => parse(vendor, ['clip'])).toThrow(/"clip" is no command; there are download, .*clips, sync, verify/)
    expect(() => parse(definition, ['sync'])).toThrow(/"sync" is no command/)
  })

  it('shows a flag of some commands in their help only, and refuses it elsewhere', () => {
    const vendor = cli(new Console())
    const help = (name: string) => helpText(vendor, commandsOf(vendor).find((command) => command.name === name)!)
    expect(help('clips')).toContain('--kinds')
    expect(help('clips')).toContain('--deep-folders')
    expect(help('clips')).not.toContain('--overwrite')
    for (const name of ['download', 'sync', 'plan']) {
      expect(help(name)).not.toContain('--kinds')
      expect(help(name)).toContain('--overwrite')
    }
    expect(() => parse(vendor, ['--kinds', 'cat'])).toThrow('--kinds means nothing to download; it belongs to clips.')
    expect(() => parse(vendor, ['clips', '--overwrite'])).toThrow('--overwrite means nothing to clips.')
    expect(parse(vendor, ['clips', '--kinds', 'cat,dog']).flags.list('kinds')).toEqual(['cat', 'dog'])
    expect(parse(vendor, ['--kinds', 'cat', '--help']).wants).toBe('help')
  })
})

describe('list', () => {
  it('prints recordings and a total, and writes nothing', async () => {
    const { code, stdout, stderr } = await run(new Console(), 'clips', '--start', iso(0), '--end', iso(2))
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^2026-03-02T07:00:00\+01:00 {2}1h00m {2}Gate {2}\S+$/m)
    expect(stdout).toMatch(/\n2 recordings, of which 0 kept\.\n$/)
    expect(existsSync(join(folder, 'archive'))).toBe(false)
  })

  it('says as JSON what there is and what is kept already', async () => {
    const from = new Console()
    await run(from, 'clips', '--fetch', '--start', iso(0), '--end', iso(1))
    const { code, lines } = await run(from, 'clips', '--json', '--start', iso(0), '--end', iso(2))
    expect(code).toBe(0)
    expect(lines().map(({ type }) => type)).toEqual(['camera-listed', 'recording', 'recording', 'clips-ended'])
    expect(lines()[1]).toMatchObject({
      camera: { id: 'c1' },
      recording: { window: { start: iso(0) } },
      outcome: { outcome: 'kept' },
    })
    expect(lines()[2]).toMatchObject({ fetch: true })
    expect(lines().at(-1)).toEqual({ type: 'clips-ended', recordings: 2, kept: 1, failedLists: 0 })
  })

  it('ends with 2 where no list can be read', async () => {
    const from = Object.assign(new Console(), { listFails: true })
    const { code, stderr } = await run(from, 'clips')
    expect(code).toBe(2)
    expect(stderr).toMatch(/ERROR: The list is no list\./)
  })

  it('has nothing to leave out by --dry-run, though fetching has', async () => {
    expect((await run(new Console(), 'clips', '--dry-run')).code).toBe(64)
    const dry = await run(new Console(), 'clips', '--fetch', '--dry-run', '--start', iso(0), '--end', iso(1))
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('PLAN  clips/07.bin')])
    expect(existsSync(join(folder, 'archive'))).toBe(false)
  })
})

describe('where files go', () => {
  it('by the flags, by the command, or by --layout', async () => {
    const window = ['--start', iso(0), '--end', iso(1)]
    await run(new Console(), ...window)
    await run(new Console(), '--deep-folders', '--start', iso(1), '--end', iso(2))
    await run(new Console(), 'clips', '--fetch', ...window)
    await run(new Console(), '--layout', 'mine/{start:HH}.{ext}', '--start', iso(2), '--end', iso(3))
    const files = (await readdir(join(folder, 'archive'), { recursive: true })).filter((path) => path.endsWith('.bin'))
    expect(files.sort()).toEqual([`flat-${at(0)}.bin`, '2026/03/02-080000.bin', 'clips/07.bin', 'mine/09.bin'].sort())
  })
})

describe('sync', () => {
  it('begins at the beginning of the source, then asks for what came since and for holes', async () => {
    const from = new Console()
    expect((await run(from, 'sync')).code).toBe(0)
    expect(from.asked).toEqual([undefined, { start: at(0), end: now }])
    from.asked.length = 0
    const again = await run(from, 'sync')
    expect([again.code, from.asked]).toEqual([0, []])
    expect(again.stdout).toMatch(/Done\. downloaded=0 skipped=11 failed=0\n$/)
  })

  it('fetches a hole in the middle, and nothing older than the archive', async () => {
    const from = new Console()
    await run(from, '--start', iso(2), '--end', iso(3))
    await run(from, '--start', iso(5), '--end', iso(6))
    from.asked.length = 0
    expect((await run(from, 'sync', '--end', iso(8))).code).toBe(0)
    expect(from.asked).toEqual([
      { start: at(3), end: at(5) },
      { start: at(6), end: at(8) },
    ])
    from.asked.length = 0
    await run(from, 'sync', '--start', iso(1), '--end', iso(8))
    expect(from.asked).toEqual([{ start: at(1), end: at(2) }])
  })

  it('takes a camera that is new from its beginning', async () => {
    const from = new Console()
    await run(from, '--start', iso(8), '--end', iso(9))
    from.cameras = [...from.cameras, { id: 'c2', name: 'Yard' }]
    from.asked.length = 0
    await run(from, 'sync')
    expect(from.asked).toEqual([{ start: at(9), end: now }, undefined, { start: at(0), end: now }])
  })

  it('can be planned', async () => {
    const from = new Console()
    await run(from, '--start', iso(8), '--end', iso(9))
    const { code, stdout } = await run(from, 'sync', '--dry-run', '--end', iso(10))
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Would fetch 1 of 2,/)])
  })

  it('refuses an end before the archive begins', async () => {
    const from = new Console()
    await run(from, '--start', iso(8), '--end', iso(9))
    const { code, stderr } = await run(from, 'sync', '--end', iso(4))
    expect([code, stderr]).toEqual([64, expect.stringMatching(/^ERROR: --end .* archive of Gate begins.*--start/)])
  })
})

describe('what a definition adds to a run', () => {
  it('leaves out what the user chose, for as long as he does, and never from retry', async () => {
    const from = Object.assign(new Console(), { broken: new Set([at(1)]) })
    const window = ['--start', iso(0), '--end', iso(3)]
    expect((await run(from, ...window)).code).toBe(1)
    expect((await run(from, 'retry', ...window, '--leave-failed')).stdout).toMatch(/failed=0\n$/)
    from.broken.clear()
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await run(from, ...window, '--leave-failed')
      expect(code).toBe(0)
      expect(stdout).toMatch(/SKIP .*\(It failed before\.\)/)
      expect(stdout).toMatch(/downloaded=0 skipped=3 failed=0\n$/)
    }
    const whole = await run(from, ...window)
    expect(whole.stdout).toMatch(/downloaded=1 skipped=2 failed=0\n$/)
  })

  it('says once what a flag does not do here', async () => {
    const { stdout } = await run(new Console(), '--deep-folders', '--start', iso(0), '--end', iso(1))
    expect(stdout.match(/INFO {2}Folders go deep\./g)).toHaveLength(1)
  })

  it('tells the source the command, and whether its login may be kept', async () => {
    const from = new Console()
    await run(from, 'clips')
    await run(from, 'sync', '--dry-run', '--forget-session')
    expect(from.contexts.map(({ command, sessions }) => [command, sessions !== undefined])).toEqual([
      ['clips', true],
      ['sync', false],
    ])
    expect(() => parse(definition, ['--forget-session'])).toThrow(/no flag --forget-session/)
  })
})
