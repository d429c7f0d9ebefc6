import { getEventListeners } from 'node:events'
import { readdirSync, readlinkSync, renameSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  AuthenticationError,
  type Clock,
  type FootageSource,
  NetworkError,
  ProtocolError,
  systemClock,
} from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpServer } from '../../notify/test/http-server.ts'
import type { SourceContext } from '../src/definition.ts'
import { recorder, signalSource } from './streams.ts'
import { type Pretend, pretendSource, type RunHere, runHere } from './unattended.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-every-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const [minute, hour] = [60_000, 3_600_000]
/** 08:07:30 */
const began = Date.UTC(2026, 2, 2, 8, 7, 30)
const iso = (clock: string) => `2026-03-02T${clock}:00.000Z`

/** Stands still unless it is told. */
interface SteeredClock extends Clock {
  /** The wall clock jumps; nothing that waits is over by that. */
  jump(to: number): void
  /** It waited for so long, and then it is this time. */
  waitedUntil(to: number): void
  readonly waiting: Set<object>
}

function steeredClock(): SteeredClock {
  let [wall, skipped] = [began, 0]
  const monotonic = () => performance.now() + skipped
  const waiting = new Set<{ readonly at: number; wake(): void }>()
  return {
    waiting,
    now: () => wall,
    monotonic,
    async wait(ms, signal) {
      // What a transfer waits for is over soon; slots, deadlines and signs of life are not.
      if (ms < 5000) return systemClock.wait(ms, signal)
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const onAbort = () => {
          waiting.delete(entry)
          reject(signal?.reason)
        }
        const wake = () => {
          waiting.delete(entry)
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        const entry = { at: monotonic() + ms, wake }
        waiting.add(entry)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    jump(to) {
      wall = to
    },
    waitedUntil(to) {
      wall = to
      // The longest it waits without a look at the clock.
      skipped += 30_000
      for (const entry of [...waiting]) if (entry.at <= monotonic()) entry.wake()
    },
  }
}

interface Steering {
  /** Each time it waits, with the moment it waits for; the first time is 1. Returns the time it becomes; `undefined` ends by Ctrl-C. */
  readonly atWait: (nth: number, until: number, clock: SteeredClock) => number | undefined
  /** Before each run contacts anything. */
  readonly atRun?: (nth: number, clock: SteeredClock) => Pretend
  readonly argv?: readonly string[]
  readonly here?: Partial<RunHere>
}

/** `--every` on a clock of its own. */
async function every(duration: string, { atWait, atRun, argv = [], here = {} }: Steering) {
  const clock = steeredClock()
  const signals = here.signals ?? signalSource()
  const startedAt: string[] = []
  const untils: string[] = []
  const stdout = recorder()
  const write = stdout.write.bind(stdout)
  stdout.write = ((text: string, ...rest: []) => {
    const until = /"type":"waiting","until":"([^"]+)"/.exec(String(text))?.[1]
    if (until) {
      untils.push(until.slice(11, 16))
      // By then it waits.
      setImmediate(() => {
        const to = atWait(untils.length, Date.parse(until), clock)
        if (to === undefined) signals.emit('SIGINT')
        else clock.waitedUntil(to)
      })
    }
    return write(text, ...rest)
  }) as typeof stdout.write
  const source = (): FootageSource => {
    startedAt.push(new Date(clock.now()).toISOString().slice(11, 16))
    return pretendSource(atRun?.(startedAt.length, clock) ?? { recordings: 0 })
  }
  const line = ['--json', '--no-progress', '--every', duration, ...argv]
  const run = await runHere(source, line, { ...here, folder, clock, signals, stdout })
  return { ...run, startedAt, untils, clock, signals }
}

/** Files of this folder only: other tests of the process open and close theirs meanwhile. 0 where nobody can tell. */
function openFilesIn(folder: string): number {
  if (process.platform !== 'linux') return 0
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return targets.filter((target) => target.startsWith(folder)).length
}

const refused: Pretend = { identify: async () => Promise.reject(new AuthenticationError('401 Unauthorized.')) }
const away: Pretend = {
  identify: async () => Promise.reject(new NetworkError('No way there.', { reason: 'ENETUNREACH' })),
}

describe('--every', () => {
  it('runs at once, then at the slots of the wall clock, each time to a last line of its own', async () => {
    const run = await every('15m', { atWait: (nth, until) => (nth < 4 ? until : undefined) })
    expect(run.startedAt).toEqual(['08:07', '08:15', '08:30', '08:45'])
    expect([run.code, run.stderr]).toEqual([130, 'Stopped while waiting for the next run.\n'])
    const types = run.json().map(({ type }) => type)
    expect(types.filter((type) => type === 'waiting' || type === 'archive-ended')).toEqual(
      Array.from({ length: 4 }, () => ['archive-ended', 'waiting']).flat(),
    )
    expect(types.every((type, index) => type !== 'waiting' || types[index - 1] === 'archive-ended')).toBe(true)
    expect(run.json().at(-1)).toEqual({ type: 'waiting', until: iso('09:00') })
    await using ledger = await openLedger(join(folder, 'archive'))
    expect((await ledger.runs()).map(({ ending }) => ending)).toEqual(Array(4).fill('finished'))
  })

  it('says in words when the next run is, in the zone of the user', async () => {
    const signals = signalSource()
    const stdout = recorder()
    const write = stdout.write.bind(stdout)
    stdout.write = ((text: string, ...rest: []) => {
      if (String(text).startsWith('Next run')) setImmediate(() => signals.emit('SIGTERM'))
      return write(text, ...rest)
    }) as typeof stdout.write
    const line = ['--every', '6h', '--timezone', 'Asia/Kolkata']
    const { code } = await runHere({ recordings: 1 }, line, { folder, signals, stdout, clock: steeredClock() })
    expect(code).toBe(143)
    expect(stdout.text()).toMatch(/Done\. downloaded=2 skipped=0 failed=0\nNext run at 2026-03-02T18:00:00\+05:30\n$/)
  })

  it('leaves out a slot that passes while a run goes on, and says so', async () => {
    const run = await every('15m', {
      atWait: (nth, until) => (nth < 2 ? until : undefined),
      atRun: (nth, clock) => ({
        recordings: 0,
        identify: async () => {
          if (nth === 1) clock.jump(Date.parse(iso('08:52')))
          return { id: 'console', name: 'Console' }
        },
      }),
    })
    expect([run.startedAt, run.untils]).toEqual([
      ['08:07', '09:00'],
      ['09:00', '09:15'],
    ])
    expect(run.json().filter(({ leftOut }) => leftOut)).toEqual([
      { type: 'waiting', until: iso('09:00'), leftOut: iso('08:15') },
    ])
  })

  it('begins one run after a clock that jumped ahead, and none twice after one that was set back', async () => {
    const run = await every('15m', {
      atWait(nth, until) {
        if (nth === 1) return until + 5 * hour
        if (nth === 4) return undefined
        return until
      },
      atRun: (nth, clock) => ({
        recordings: 0,
        identify: async () => {
          // The run of 13:30 began on time, and then the clock was set back before that.
          if (nth === 3) clock.jump(clock.now() - 2 * minute)
          return { id: 'console', name: 'Console' }
        },
      }),
    })
    expect(run.startedAt).toEqual(['08:07', '13:15', '13:30', '13:45'])
  })

  it('does not wait for hours where the clock is set back by hours, in a run or between two', async () => {
    const run = await every('15m', {
      atWait: (nth, until) => [until, until - 6 * hour, until][nth - 1],
      atRun: (nth, clock) => ({
        recordings: 0,
        identify: async () => {
          if (nth === 1) clock.jump(clock.now() - 3 * hour)
          return { id: 'console', name: 'Console' }
        },
      }),
    })
    expect(run.untils).toEqual(['05:15', '05:30', '23:45', '00:00'])
    expect(run.startedAt).toEqual(['08:07', '05:15', '23:45'])
  })

  it('survives failed runs, and reads its window and makes its source anew each time', async () => {
    const contexts: SourceContext[] = []
    const windows: unknown[] = []
    const made = [away, { failing: () => new ProtocolError('No.'), recordings: 1 }, refused, {}]
    const run = await every('1h', {
      atWait: (nth, until) => (nth < 4 ? until : undefined),
      argv: ['--start', '-24h'],
      here: {
        definition: {
          makeSource(_, context) {
            contexts.push(context)
            const source = pretendSource(made[contexts.length - 1])
            return {
              ...source,
              recordings(camera, window, o) {
                if (camera.id === 'c1') windows.push([window?.start, window?.end])
                return source.recordings(camera, window, o)
              },
            }
          },
        },
      },
    })
    expect([run.code, contexts.length, new Set(contexts).size]).toEqual([130, 4, 4])
    const ends = ['09:00', '11:00'].map((clock) => Date.parse(iso(clock)))
    expect(windows).toEqual(ends.map((end) => [end - 24 * hour, end]))
    const errors = run.json().filter(({ type }) => type === 'error')
    expect(errors.map(({ code }) => code)).toEqual(['NETWORK', 'AUTHENTICATION'])
  })

  it('leaves two logs a day, in which nothing is said again that was kept before', async () => {
    const logs = join(folder, 'logs')
    const names = async () => (await readdir(logs)).filter((name) => name.endsWith('.ndjson')).sort()
    const typesIn = async (name: string) => {
      const lines = (await readFile(join(logs, name), 'utf8')).trimEnd().split('\n')
      return lines.map((line) => (JSON.parse(line) as { type: string }).type)
    }
    const run = await every('6h', {
      argv: ['--log-dir', logs],
      atRun: () => ({ recordings: 1 }),
      atWait(nth, until) {
        // Somebody's logrotate.
        if (nth === 2) renameSync(join(logs, 'pretend-cli_2026-03-02_08-07-30.log'), join(logs, 'yesterday.log'))
        return nth < 5 ? until : undefined
      },
    })
    expect(run.startedAt).toEqual(['08:07', '12:00', '18:00', '00:00', '06:00'])
    const [monday, tuesday] = ['pretend-cli_2026-03-02_08-07-30', 'pretend-cli_2026-03-03_00-00-00']
    expect(await names()).toEqual([`${monday}.ndjson`, `${tuesday}.ndjson`])
    const types = await typesIn(`${monday}.ndjson`)
    const count = (type: string) => types.filter((one) => one === type).length
    expect(['archive-started', 'archive-ended', 'waiting', 'recording-ended'].map(count)).toEqual([3, 3, 3, 2])
    expect((await typesIn(`${tuesday}.ndjson`)).filter((type) => type === 'archive-ended')).toHaveLength(2)
    const text = await readFile(join(logs, 'yesterday.log'), 'utf8')
    expect([text.match(/ SAVE /g)?.length, text.match(/ SKIP /g)]).toEqual([2, null])
    expect(text).toMatch(/T12:00:00\.000Z Done\. downloaded=0 skipped=2 failed=0\n/)
    expect(text).toMatch(/Next run at 2026-03-02T12:00:00\+00:00\n/)
    expect(await readFile(join(logs, `${monday}.log`), 'utf8')).toMatch(/^2026-03-02T18:00:00\.000Z Fetching/)
    expect(run.json().filter(({ already }) => already)).toHaveLength(8)
  })

  it('takes up what failed before, also outside its time', async () => {
    const failing = new Set(['r0'])
    const pretend: Pretend = {
      recordings: 1,
      failing: ({ id }) => (failing.has(id) ? new NetworkError('Gone.', { reason: 'ECONNRESET' }) : undefined),
    }
    // The recordings are of 06:00 to 07:00: in the window of the first run only.
    const run = await every('1h', {
      atWait(nth, until) {
        failing.clear()
        return nth < 3 ? until : undefined
      },
      argv: ['--start', '-90m', '--end', 'now'],
      atRun: () => pretend,
    })
    const sums = run.json().filter(({ type }) => type === 'archive-ended')
    expect(sums.map(({ kept, failed }) => [kept, failed])).toEqual([
      [0, 2],
      [2, 0],
      [0, 0],
    ])
  })
})

describe('--every ends', () => {
  it('with 64 for a mistake, or 2 for a refused login, in the first run', async () => {
    const none = () => expect.fail('it waits')
    expect((await every('15m', { atWait: none, atRun: () => refused })).code).toBe(2)
    expect((await every('15m', { atWait: none, argv: ['--start', 'soon'] })).code).toBe(64)
    expect((await every('15m', { atWait: none, argv: ['--cameras', 'garage'] })).code).toBe(64)
  })

  it('with 2 after the login was refused three times in a row, and says why in the last notice', async () => {
    await using server = await httpServer()
    const run = await every('15m', {
      atWait: (_, until) => until,
      // What never gets as far as logging in says nothing about the login.
      atRun: (nth) => [{}, refused, {}, refused, away, refused, refused][nth - 1] ?? expect.fail('an eighth run'),
      argv: ['--notify', `${server.url}/hook`],
    })
    expect([run.code, run.startedAt.length]).toEqual([2, 7])
    expect(run.json().at(-2)?.text).toMatch(/refused 3 times in a row: no further run/)
    const last = JSON.parse(server.requests.at(-1)!.body)
    expect(last).toMatchObject({ event: 'fail', nextAction: expect.stringMatching(/refused 3 times in a row/) })
  })

  it('with the signal that ended a run, also one that comes while its notices are under way', async () => {
    const signals = signalSource()
    const none = () => expect.fail('it waits')
    const inRun = await every('15m', {
      atWait: none,
      atRun: () => ({ opened: () => signals.emit('SIGTERM') }),
      here: { signals },
    })
    expect(inRun.code).toBe(143)
    await using silent = await httpServer(() => signals.emit('SIGINT'))
    const after = await every('15m', {
      atWait: none,
      argv: ['--notify', `${silent.url}/hook`, '--notify-on', 'finish'],
      here: { signals },
    })
    expect(after.code).toBe(130)
    expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0)
  })

  it('quietly where nobody reads its output any more', async () => {
    const stdout = recorder()
    const write = stdout.write.bind(stdout)
    stdout.write = ((text: string, ...rest: []) => {
      if (String(text).includes('"waiting"')) setImmediate(() => stdout.emit('error', new Error('EPIPE')))
      return write(text, ...rest)
    }) as typeof stdout.write
    const line = ['--json', '--every', '15m']
    const run = await runHere({ recordings: 0 }, line, { folder, stdout, clock: steeredClock() })
    expect([run.code, run.stderr]).toEqual([1, ''])
  })
})

describe('--every keeps nothing', () => {
  it('but a password that was given once on standard input', async () => {
    const passwords: string[] = []
    const run = await every('15m', {
      atWait: (nth, until) => (nth < 3 ? until : undefined),
      argv: ['--password-stdin'],
      here: {
        stdin: 'typed-once\n',
        definition: {
          makeSource: (_, { password }) => {
            passwords.push(password)
            return pretendSource({ recordings: 0 })
          },
        },
      },
    })
    expect([run.code, passwords]).toEqual([130, ['typed-once', 'typed-once', 'typed-once']])
  })

  it('of many runs: no listener, no file, no timer, no memory', { timeout: 900_000 }, async () => {
    const Real = globalThis.AbortController
    const made: WeakRef<AbortSignal>[] = []
    globalThis.AbortController = class extends Real {
      constructor() {
        super()
        made.push(new WeakRef(this.signal))
      }
    }
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    // Looked at before each wait, and before anybody here collects: files are closed without that.
    const files: number[] = []
    const seen: { heap: number; listeners: number; signals: number; waiting: number }[] = []
    // More of them with RUNS=1000, to see how it goes on.
    const runs = Number(process.env.RUNS ?? 80)
    try {
      const run = await every('15m', {
        atWait(nth, until, clock) {
          files.push(openFilesIn(folder))
          if (nth === runs) return undefined
          if (nth % (runs / 4) === 0) {
            collect()
            const alive = made.map((ref) => ref.deref()).filter((signal) => signal !== undefined)
            seen.push({
              heap: process.memoryUsage().heapUsed,
              listeners: alive.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
              signals: alive.length,
              waiting: clock.waiting.size,
            })
          }
          return until
        },
      })
      expect(run.startedAt).toHaveLength(runs)
    } finally {
      globalThis.AbortController = Real
    }
    const [first, last] = [seen[0]!, seen.at(-1)!]
    if (process.env.RUNS)
      console.log(`every: ${Math.min(...files)} to ${Math.max(...files)} files, ${JSON.stringify(seen)}`)
    // A run that leaves its ledger open leaves three files.
    expect(Math.max(...files) - files[0]!).toBeLessThanOrEqual(3)
    expect(last.listeners).toBeLessThanOrEqual(first.listeners + 5)
    expect(last.signals).toBeLessThanOrEqual(first.signals + 20)
    expect(last.waiting).toBeLessThanOrEqual(first.waiting)
    expect(last.heap - first.heap).toBeLessThan(8 * 1024 * 1024)
  })
})
