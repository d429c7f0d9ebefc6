import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type Clock, type FootageSource, type Recording, systemClock, type TimeWindow } from '@cam/download-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandsOf } from '../src/command-table.ts'
import type { AfterRunTools, CliDefinition, CommandTools, SourceContext } from '../src/definition.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { helpText, parse } from '../src/parse.ts'
import { runCli } from '../src/run.ts'
import type { InputStream } from '../src/surroundings.ts'
import { UsageError } from '../src/usage-error.ts'
import { definition, keyboard, recorder, signalSource } from './streams.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cam-completing-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const noon = Date.UTC(2026, 2, 2, 12)
const hour = 3_600_000

interface Seen {
  readonly contexts: SourceContext[]
  readonly windows: (TimeWindow | undefined)[]
  readonly after: AfterRunTools[]
  readonly programs: CommandTools[]
}

/** One clip an hour; the first of the window cannot be opened where `breaks`. */
function source(seen: Seen, breaks: boolean): FootageSource {
  return {
    vendor: 'Pretend',
    limits: { transfers: 1, transfersPerCamera: 1 },
    identify: async () => ({ id: 'fleet', name: 'Fleet' }),
    async *cameras() {
      yield { id: 'c1', name: 'Truck' }
    },
    async *recordings(camera, window): AsyncGenerator<Recording> {
      seen.windows.push(window)
      const { start, end } = window!
      const how = { cameraId: camera.id, windowFrom: 'source', extension: 'bin', resume: 'never' } as const
      yield { ...how, id: `${start}`, window: { start, end } }
    },
    async open() {
      if (breaks) throw new TypeError('it breaks')
      const body = (async function* () {
        yield new Uint8Array([1, 2, 3])
      })()
      return { body, startsAtByte: 0, totalBytes: 3, representation: 'whole' }
    },
    async [Symbol.asyncDispose]() {},
  }
}

function cli(seen: Seen, more: Partial<CliDefinition> = {}, breaks = false): CliDefinition {
  return {
    ...definition,
    defaults: {
      ...definition.defaults,
      maxRetries: 0,
      layout: '{camera}/{start:HH}.{ext}',
      seedLayout: 'seed-{start:HH}.{ext}',
    },
    download: [
      { name: 'vehicle', value: 'NAME', repeated: true, group: 'What to fetch', help: 'which' },
      { name: 'wait', value: 'N', group: 'What to fetch', help: 'how long' },
      { name: 'no-wait', group: 'What to fetch', help: 'not at all' },
    ],
    credentials: { password: { flag: 'token', env: 'CAM_PRETEND_TOKEN', label: 'API token', value: 'TOKEN' } },
    commands: [
      {
        name: 'join',
        summary: 'join files',
        needs: 'archive',
        operand: 'DIR',
        flags: ['dest', 'vehicle'],
        does: {
          async run(tools) {
            seen.programs.push(tools)
            return exitCodes.done
          },
        },
      },
    ],
    async complete(flags, { interactive, ask, timeZone, clock }) {
      const long = (text: string) => {
        if (/^\d+$/.test(text)) return Number(text)
        throw new UsageError(`"${text}" is no number of hours.`)
      }
      if (!interactive && !flags.given('vehicle')) throw new UsageError('No vehicle.')
      const vehicle = flags.given('vehicle') ? flags.list('vehicle') : [await ask('Vehicle: ', (text) => text)]
      const hours = flags.given('end') ? 1 : await ask('Hours: ', long)
      const start = clock.now() - hours * hour
      const iso = (at: number) => new Date(at).toISOString()
      return { vehicle, timezone: timeZone, start: iso(start), end: iso(start + hours * hour) }
    },
    async afterRun(tools) {
      seen.after.push(tools)
      return undefined
    },
    makeSource: (_flags, context) => {
      seen.contexts.push(context)
      return source(seen, breaks)
    },
    ...more,
  }
}

interface How {
  readonly clock?: Clock
  readonly signals?: ReturnType<typeof signalSource>
  readonly more?: Partial<CliDefinition>
  readonly breaks?: boolean
  readonly stdin?: InputStream
  readonly env?: Record<string, string>
}

async function run(argv: readonly string[], { more, breaks, stdin, env = {}, ...how }: How = {}) {
  const seen: Seen = { contexts: [], windows: [], after: [], programs: [] }
  const closed = new PassThrough()
  closed.end()
  const [stdout, stderr] = [recorder(), recorder(stdin ? 80 : undefined)]
  const code = await runCli(cli(seen, more, breaks), {
    ...{ argv, stdin: stdin ?? closed, stdout, stderr, signals: signalSource(), timeZone: 'Europe/Berlin' },
    env: { CAM_STATE_DIR: join(folder, 'state'), ...env },
    clock: { ...systemClock, now: () => noon },
    exit: () => {},
    ...how,
  })
  return { code, stdout: stdout.text(), stderr: stderr.text(), seen }
}

const dest = () => ['--dest', join(folder, 'archive')]
const token = { CAM_PRETEND_TOKEN: 'sesame' }
const lastHour = ['--vehicle', 'Truck', '--end', 'now']

describe('a token alone', () => {
  it('is an account without a name, from the environment, a file or a question, and never shown', async () => {
    const found = await run([...lastHour, ...dest()], { env: token })
    expect([found.code, found.seen.contexts[0]?.username, found.seen.contexts[0]?.password]).toEqual([0, '', 'sesame'])
    expect(found.stdout).toContain('Logged in: Fleet (fleet)')
    const none = await run([...lastHour, ...dest()])
    expect([none.code, none.stderr]).toEqual([
      64,
      expect.stringMatching(/^ERROR: No API token: set CAM_PRETEND_TOKEN /),
    ])
    const help = helpText(definitionOf(), commandsOf(definitionOf())[0])
    expect(help).toContain('--token <TOKEN>')
    expect(help).not.toContain('--user ')
  })
})

describe('what a run cannot do without', () => {
  it('is asked for after the token, again where the answer makes no sense, and counts as given', async () => {
    const stdin = keyboard()
    // Pasted in one go.
    stdin.write('sesame\rTruck\ra while\r3\r')
    const { code, stderr, seen } = await run(dest(), { stdin })
    expect([code, stdin.raw]).toEqual([0, [true, false]])
    expect(stderr).toMatch(/^API token: \nVehicle: Hours: .*WARN.*"a while" is no number of hours\.\nHours: /)
    expect(seen.contexts[0]?.password).toBe('sesame')
    expect(seen.windows).toEqual([{ start: noon - 3 * hour, end: noon }])
    expect(seen.after[0]?.flags.list('vehicle')).toEqual(['Truck'])
  })

  it('is a mistake on the command line where nobody can be asked, and not needed for other commands', async () => {
    const { code, stderr, seen } = await run(dest(), { env: token })
    expect([code, stderr, seen.contexts]).toEqual([64, expect.stringContaining('No vehicle.'), []])
    expect((await run(['cameras'], { env: token })).code).toBe(0)
  })
})

it('is asked for once, however often it is repeated', async () => {
  const [stdin, signals] = [keyboard(), signalSource()]
  stdin.write('sesame\rTruck\r2\r')
  let ahead = 0
  const clock: Clock = {
    ...systemClock,
    now: () => noon + ahead,
    async wait(ms, signal) {
      // So long a run looks at the clock in between two slots; nothing else waits for that.
      if (ms !== 30_000) return systemClock.wait(ms, signal)
      ahead += ms
    },
  }
  const seen: number[] = []
  const afterRun = async ({ window }: AfterRunTools) => {
    seen.push(window!.start)
    if (seen.length === 2) signals.emit('SIGTERM')
    return undefined
  }
  const argv = [...dest(), '--every', '1m', '--timeout', '300']
  const { code, stderr } = await run(argv, { stdin, clock, signals, more: { afterRun } })
  expect([code, stderr.match(/Vehicle: |Hours: |API token: /g)]).toEqual([143, ['API token: ', 'Vehicle: ', 'Hours: ']])
  expect(seen).toEqual([noon - 2 * hour, noon - 2 * hour + 60_000])
})

describe('what follows a run', () => {
  it('knows the archive, the cameras, the time and the sum, and comes before the last line', async () => {
    const { code, stdout, seen } = await run([...lastHour, ...dest()], {
      env: token,
      more: {
        async afterRun({ report, ledger, sourceId }) {
          for await (const { outcome } of ledger.rows({ sourceId })) {
            report.item('joined', {}, `Joined what is ${outcome?.outcome}.`)
          }
          return exitCodes.incomplete
        },
      },
    })
    expect([code, stdout]).toEqual([1, expect.stringMatching(/Joined what is kept\.\n\nDone\. downloaded=1/)])
    expect(seen.after).toEqual([])
    const told = (await run([...lastHour, ...dest(), '--overwrite'], { env: token })).seen.after[0]!
    expect(told).toMatchObject({
      ...{ root: join(folder, 'archive'), sourceId: 'fleet', window: { start: noon - hour, end: noon } },
      ...{ cameras: [{ id: 'c1', name: 'Truck' }], summary: { kept: 1 }, timeZone: 'Europe/Berlin' },
    })
  })

  it('that throws is told, and the run ends with 1; a failed run stays one', async () => {
    const afterRun = () => Promise.reject(new UsageError('That cannot be joined.'))
    const mistaken = await run([...lastHour, ...dest()], { env: token, more: { afterRun } })
    expect([mistaken.code, mistaken.stderr]).toEqual([64, expect.stringContaining('That cannot be joined.')])
    const failed = await run([...lastHour, ...dest(), '--overwrite'], { env: token, breaks: true })
    expect([failed.code, failed.seen.after.length]).toEqual([1, 1])
  })

  it('is nothing after a dry run, or where nothing began', async () => {
    expect((await run([...lastHour, ...dest(), '--dry-run'], { env: token })).seen.after).toEqual([])
    expect((await run(['retry', ...lastHour, ...dest()], { env: token })).seen.after).toEqual([])
  })
})

describe('a program that only reads an archive', () => {
  it('has its operand and an empty account, and no flags of a connection', async () => {
    const { code, seen } = await run(['join', 'here', '--vehicle', 'Truck'])
    expect([code, seen.programs[0]?.operand, seen.programs[0]?.context.password]).toEqual([0, 'here', ''])
    expect((await run(['join'])).seen.programs[0]?.operand).toBeUndefined()
    expect((await run(['join', 'here', 'there'])).stderr).toMatch(/a word too many/)
    expect((await run(['cameras', 'here'])).stderr).toMatch(/a word too many/)
    expect((await run(['join', '--host', 'x'])).stderr).toMatch(/--host means nothing to join/)
    const made = definitionOf()
    const help = helpText(made, commandsOf(made).find(({ name }) => name === 'join')!)
    expect(help).toMatch(/^Usage: pretend-cli join \[DIR\] \[flags\]/)
    expect(help).not.toMatch(/--host|--token|--ca /)
  })

  it('shares its flags with other commands', () => {
    expect(parse(definitionOf(), ['--vehicle', 'x', '--dest', 'y']).flags.list('vehicle')).toEqual(['x'])
  })
})

it('a flag and its opposite are two', () => {
  const read = (...argv: string[]) => {
    const { flags } = parse(definitionOf(), argv)
    return [flags.given('wait'), flags.text('wait'), flags.given('no-wait'), flags.on('no-wait')]
  }
  expect(read()).toEqual([false, undefined, false, false])
  expect(read('--wait', '2')).toEqual([true, '2', false, false])
  expect(read('--no-wait')).toEqual([false, undefined, true, true])
  expect(read('--wait', '2', '--no-wait')).toEqual([false, undefined, true, true])
})

it('names files as the definition says, and as the seed only where that is asked for', async () => {
  const shown = await run(['plan', ...lastHour, ...dest()], { env: token })
  expect(shown.stdout).toContain('PLAN  Truck/12.bin')
  const seed = await run(['plan', ...lastHour, ...dest(), '--layout', 'seed'], { env: token })
  expect(seed.stdout).toContain('PLAN  seed-12.bin')
})

it('logs where and under the name that the flags choose', async () => {
  const more = { logFolder: () => 'Journal', logName: () => 'Activity' }
  const { code } = await run([...lastHour, ...dest()], { env: token, more })
  expect([code, readdirSync(join(folder, 'archive', 'Journal')).sort()]).toEqual([
    0,
    ['Activity_2026-03-02_13-00-00.log', 'Activity_2026-03-02_13-00-00.ndjson', 'failed.csv'],
  ])
})

function definitionOf(): CliDefinition {
  return cli({ contexts: [], windows: [], after: [], programs: [] })
}
