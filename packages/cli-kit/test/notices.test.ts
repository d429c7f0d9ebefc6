import { EventEmitter, once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthenticationError, type Clock, systemClock } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpServer } from '../../notify/test/http-server.ts'
import { parsedLines } from './spawn.ts'
import { recorder, signalSource } from './streams.ts'
import { mailServer, type Pretend, runHere, secondHourFails } from './unattended.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-notices-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const uuid = '5c1f9d0e-6a5b-4c3d-9e8f-7a6b5c4d3e2f'
type Server = Awaited<ReturnType<typeof httpServer>>
const pingOf = (server: Server) => `healthchecks:${server.url}/${uuid}`
/** Paths without the secret part. */
const pathsOf = ({ requests }: Server) => requests.map(({ url }) => url.replace(`/${uuid}`, ''))
const bodiesOf = ({ requests }: Server) => requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
const refused: Pretend = { identify: async () => Promise.reject(new AuthenticationError('401 Unauthorized.')) }
/** A dead port: something listened there and does no more. */
async function deadUrl(): Promise<string> {
  await using server = await httpServer()
  return server.url
}

describe('a run is told', () => {
  it('to a monitor: its start, then its end, with one run id', async () => {
    await using server = await httpServer()
    const { code, json, stderr } = await runHere({}, ['--json', '--notify', pingOf(server)], { folder })
    const { runId } = json().find(({ type }) => type === 'archive-started') as { runId: string }
    expect([code, stderr, pathsOf(server)]).toEqual([0, '', [`/start?rid=${runId}`, `?rid=${runId}`]])
    expect(server.requests[1]?.body).toMatch(/^\[Pretend\] FINISH 4\/4 kept, 44 B — /)
  })

  it('by mail to two people, with the counts of its own summary, what failed and where, and no secret', async () => {
    await using server = await mailServer()
    const line = ['--json', '--start', '2026-03-02T06:00Z', '--end', '2026-03-02T08:00Z', '--notify', server.url()]
    const { code, json } = await runHere(secondHourFails, line, { folder })
    expect([code, server.received.length]).toEqual([1, 1])
    const [{ to, mail }] = server.received as [(typeof server.received)[number]]
    expect(to).toEqual(['ops@example.org', 'night@example.org'])
    const sum = json().at(-1)!
    expect(sum).toMatchObject({ type: 'archive-ended', planned: 4, kept: 2, failed: 2, bytes: 22 })
    expect(mail.subject).toMatch(/^\[Pretend\] PARTIAL 2\/4 kept, 2 failed, 22 B — /)
    expect(mail.text).toContain('Console console (Pretend)')
    expect(mail.text).toContain('2026-03-02 06:00 UTC to 2026-03-02 08:00 UTC')
    expect(mail.text).toMatch(/^Gate +2 +1 +0 +1 +0 +11 B$/m)
    expect(mail.text).toMatch(/^Yard +r1 +That hour cannot be read with \*\*\*\. \(PROTOCOL\)$/m)
    expect(mail.text).toContain('The next run tries again what may be retried.')
    for (const text of [mail.subject, mail.text, mail.html]) expect(text).not.toContain('sesame-123')
  })

  it('to a webhook about what was asked for, field by field as in the summary', async () => {
    await using server = await httpServer()
    const line = ['--json', '--notify', `${server.url}/hook-of-mine`, '--notify-on', 'start,finish']
    await runHere({ recordings: 3 }, line, { folder })
    const { json } = await runHere({ recordings: 5 }, line, { folder })
    const [start, finish] = bodiesOf(server).slice(2)
    expect([start?.event, finish?.event, server.requests.length]).toEqual(['start', 'finish', 4])
    const { type: _, ...sum } = json().at(-1)!
    expect(finish?.summary).toEqual(sum)
    expect(finish).toMatchObject({
      ...{ runId: start?.runId, source: 'Console console', vendor: 'Pretend', exitCode: 0 },
      summary: { planned: 10, kept: 4, alreadyKept: 6, bytes: 44 },
      perCamera: [
        { camera: 'Gate', planned: 5, kept: 2, alreadyKept: 3, failed: 0, bytes: 22 },
        { camera: 'Yard', planned: 5, kept: 2, alreadyKept: 3, failed: 0, bytes: 22 },
      ],
    })
  })

  it('also where it could not begin: refused, without a password, or because of a fault of ours', async () => {
    await using server = await httpServer()
    const line = ['--notify', `${server.url}/hook-of-mine`, '--notify', pingOf(server)]
    expect((await runHere(refused, line, { folder })).code).toBe(2)
    expect((await runHere({}, line, { folder, env: { CAM_PRETEND_PASSWORD: '' } })).code).toBe(64)
    const broken: Pretend = { identify: async () => Promise.reject(new TypeError('x is no function')) }
    expect((await runHere(broken, line, { folder })).code).toBe(1)
    expect((await runHere({}, [...line, '--log-file', join(folder, 'no', 'log')], { folder })).code).toBe(64)
    const hooks = server.requests.filter(({ url }) => url === '/hook-of-mine').map(({ body }) => JSON.parse(body))
    expect(hooks.map(({ event, exitCode, error }) => [event, exitCode, error.code])).toEqual([
      ['fail', 2, 'AUTHENTICATION'],
      ['fail', 64, 'CREDENTIALS'],
      ['fail', 1, 'INTERNAL'],
      ['fail', 64, 'USAGE'],
    ])
    expect(hooks[0]).toMatchObject({
      source: '192.0.2.1',
      nextAction: expect.stringContaining('Check name and password'),
    })
    expect(hooks[0].subject).toMatch(/^\[Pretend\] FAIL 0 kept: 192\.0\.2\.1 refused the account "root": 401/)
    expect(pathsOf(server).filter((path) => path !== '/hook-of-mine')).toEqual(['/2', '/64', '/1', '/64'])
  })

  it('by a command, which inherits no password', async () => {
    const file = join(folder, 'told.txt')
    const script = `require('fs').writeFileSync(process.argv[1], JSON.stringify(process.env))`
    const exec = `exec:${process.execPath} -e "${script}" ${file}`
    await using server = await httpServer()
    const [PING_URL, TOLD] = [pingOf(server), 'to the command']
    const line = ['--notify', exec, '--notify', 'env:PING_URL']
    const { code } = await runHere(secondHourFails, line, { folder, env: { PING_URL, TOLD } })
    const env = JSON.parse(await readFile(file, 'utf8'))
    expect([code, env.CAM_EVENT, env.CAM_EXIT_CODE, env.CAM_VENDOR]).toEqual([1, 'partial', '1', 'Pretend'])
    expect([env.TOLD, env.PING_URL, server.requests.length]).toEqual([TOLD, undefined, 2])
    expect(JSON.stringify(env)).not.toMatch(/sesame|CAM_PRETEND/)
  })

  it('when Ctrl-C ends it, with 130 and the sum so far', async () => {
    await using server = await httpServer()
    const signals = signalSource()
    const run = await runHere(
      { opened: ({ id, cameraId }) => id === 'r1' && cameraId === 'c1' && signals.emit('SIGINT') },
      ['--json', '--notify', `${server.url}/hook-of-mine`, '--notify', pingOf(server)],
      { folder, signals },
    )
    expect(run.code).toBe(130)
    const hook = server.requests.filter(({ url }) => url === '/hook-of-mine').map(({ body }) => JSON.parse(body))
    expect(hook).toMatchObject([{ event: 'interrupted', exitCode: 130, summary: { planned: 4 } }])
    const { type: _, ...sum } = run.json().at(-1)!
    expect(hook[0].summary).toEqual(sum)
    expect(pathsOf(server).map((path) => path.split('?')[0])).toEqual(
      expect.arrayContaining(['/start', '/130', '/hook-of-mine']),
    )
    expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0)
  })

  it('when nobody reads its output any more', async () => {
    await using server = await httpServer()
    const stdout = recorder()
    const run = await runHere(
      { opened: () => stdout.emit('error', new Error('EPIPE')) },
      ['--notify', `${server.url}/hook-of-mine`],
      { folder, stdout },
    )
    expect(run.code).toBe(1)
    expect(bodiesOf(server)).toMatchObject([{ event: 'interrupted', exitCode: 1 }])
  })
})

describe('a run is not told', () => {
  it('where nothing is fetched: --dry-run and plan', async () => {
    await using server = await httpServer()
    const line = ['--notify', pingOf(server), '--notify-on', 'start,finish,digest']
    expect((await runHere({}, ['plan', ...line], { folder })).code).toBe(0)
    expect((await runHere({}, ['--dry-run', ...line], { folder })).code).toBe(0)
    expect(server.requests).toEqual([])
    expect((await runHere({}, ['cameras', '--notify', pingOf(server)], { folder })).code).toBe(64)
    expect((await runHere({}, ['verify', '--notify', pingOf(server)], { folder })).code).toBe(64)
  })

  it('where another run works here, which tells itself', async () => {
    await using server = await httpServer()
    await using other = await httpServer()
    const [begun, go] = [new EventEmitter(), new EventEmitter()]
    const first = runHere(
      { opened: () => [begun.emit('begun'), once(go, 'go')][1], recordings: 1 },
      ['--cameras', 'Gate', '--notify', pingOf(server)],
      { folder },
    )
    await once(begun, 'begun')
    const second = await runHere({}, ['--notify', pingOf(other)], { folder })
    go.emit('go')
    expect([(await first).code, second.code, other.requests.length]).toEqual([0, 75, 0])
    expect(pathsOf(server)).toHaveLength(2)
  })
})

describe('a delivery that fails', () => {
  it('changes neither exit code nor outcome, and is one line each, before the last one', async () => {
    const url = await deadUrl()
    const line = ['--notify', `healthchecks:${url}/${uuid}`, '--notify', `${url}/hook-of-mine`, '--notify-on', 'finish']
    const text = await runHere({}, line, { folder, clock: hasty })
    expect(text.code).toBe(0)
    expect(text.stdout).toMatch(/Done\. downloaded=4 skipped=0 failed=0\n$/)
    expect(text.warnings().map((warning) => warning.split(':')[0])).toEqual([
      'WARN  Not told start',
      'WARN  Not told finish',
      'WARN  Not told finish',
    ])
    const json = await runHere(secondHourFails, ['--json', ...line], { folder, clock: hasty })
    expect([json.code, json.stderr]).toEqual([0, ''])
    const types = json.json().map(({ type }) => type)
    expect(types.filter((type) => type === 'warning')).toHaveLength(3)
    expect([types.at(-1), types.filter((type) => type === 'archive-ended').length]).toEqual(['archive-ended', 1])
    for (const said of [text.stdout, text.stderr, json.stdout]) expect(said).not.toMatch(/5c1f9d0e|hook-of-mine/)
  })

  it('is waited for only so long: after Ctrl-C for 8 seconds, else for two minutes', async () => {
    await using silent = await httpServer(() => {})
    const waits: number[] = []
    const clock: Clock = {
      ...systemClock,
      wait(ms, signal) {
        waits.push(ms)
        // Deadlines come soon, the time limits of a single try do not.
        return systemClock.wait([8000, 15_000, 120_000].includes(ms) ? 100 : ms, signal)
      },
    }
    const done = await runHere({}, ['--notify', pingOf(silent)], { folder, clock })
    expect([done.code, done.warnings().length]).toEqual([0, 2])
    expect(done.stderr).toMatch(/Not told start: ping \S+: given up, the run is over\.\n/)
    expect(done.stderr).toMatch(/Not told finish: ping \S+: given up, the run has waited long enough\.\n/)
    expect(waits).toEqual(expect.arrayContaining([15_000, 120_000]))
    waits.length = 0
    const signals = signalSource()
    const stopped = await runHere({ id: 'b', opened: () => signals.emit('SIGTERM') }, ['--notify', pingOf(silent)], {
      ...{ folder, clock, signals },
    })
    expect([stopped.code, waits.includes(8000), waits.includes(120_000)]).toEqual([143, true, false])
    expect(stopped.stderr).toMatch(/Not told start: .*the run was interrupted\.\n/)
  })

  it('is not waited for after a second Ctrl-C, and the sum is said all the same', async () => {
    for (const first of ['in the middle', 'at the beginning']) {
      const signals = signalSource()
      let asked = 0
      await using silent = await httpServer(() => {
        asked++
        if (asked === 2 || first === 'at the beginning') setImmediate(() => signals.emit('SIGINT'))
      })
      const stdout = recorder()
      const atExit: [number, string][] = []
      const run = await runHere(
        { opened: () => first === 'in the middle' && signals.emit('SIGINT') },
        ['--json', '--notify', pingOf(silent)],
        {
          ...{ folder, signals, stdout },
          exit: (code) => atExit.push([code, stdout.text()]),
          // For the test only: a real process is gone by then.
          clock: { ...systemClock, wait: (ms, signal) => systemClock.wait(ms === 8000 ? 300 : ms, signal) },
        },
      )
      expect(run.code).toBe(130)
      // The first one was gentle, so the second ends the waiting; else the second ends the process, with its last line said.
      expect(atExit.map(([code]) => code)).toEqual(first === 'in the middle' ? [] : [130])
      const said = parsedLines(atExit[0]?.[1] ?? run.stdout)
      expect(said.at(-1)).toMatchObject({ type: 'archive-ended' })
      expect(said.filter(({ type }) => type === 'archive-ended')).toHaveLength(1)
    }
  })

  it('that is cut short by Ctrl-C after the run leaves the run what it was', async () => {
    const signals = signalSource()
    await using silent = await httpServer(({ req }) => void (req.url?.includes('start') || signals.emit('SIGINT')))
    const clock: Clock = { ...systemClock, wait: (ms, signal) => systemClock.wait(ms === 15_000 ? 50 : ms, signal) }
    const run = await runHere({}, ['--notify', pingOf(silent)], { folder, signals, clock })
    expect(run.code).toBe(0)
    expect(run.stderr).toMatch(/Not told finish: .*told to end at once\.\n/)
  })
})

/** Waits before another try are over at once. */
const hasty: Clock = {
  ...systemClock,
  wait: (ms, signal) => systemClock.wait(ms < 5000 ? 0 : ms, signal),
}

describe('a run that was killed', () => {
  const dead = { id: '0b8a5ff2-3c4d-4e5f-8a9b-0c1d2e3f4a5b', sourceId: 'console', sourceName: 'Main building' }

  it('is told by the next run, once, and again only until somebody has heard of it', async () => {
    await runHere({}, [], { folder })
    await using ledger = await openLedger(join(folder, 'archive'))
    await ledger.beginRun({ ...dead, vendor: 'pretend', startedAt: Date.now() - 60_000 })
    const line = (url: string) => ['--notify', `${url}/hook-of-mine`]
    const away = await runHere({}, line(await deadUrl()), { folder, clock: hasty })
    expect(away.stdout).toMatch(/ended without saying so/)
    expect(away.stderr).toMatch(/Not told interrupted: /)
    await using server = await httpServer()
    await runHere({}, line(server.url), { folder })
    expect(bodiesOf(server)).toMatchObject([
      { event: 'interrupted', runId: dead.id, source: 'Main building', vendor: 'Pretend' },
    ])
    expect(bodiesOf(server)[0]?.text).toMatch(/killed, or the power failed/)
    await runHere({}, line(server.url), { folder })
    expect(server.requests).toHaveLength(1)
    expect((await ledger.runs()).filter(({ ending }) => ending === 'interrupted')).toHaveLength(1)
    expect((await stat(join(folder, 'archive', '.cam', 'notices.json'))).mode & 0o777).toBe(0o600)
  })

  it('is told before the start of the run that found it, under its own id', async () => {
    await runHere({}, [], { folder })
    await using ledger = await openLedger(join(folder, 'archive'))
    await ledger.beginRun({ ...dead, vendor: 'pretend', startedAt: Date.now() - 60_000 })
    await using server = await httpServer()
    const { json } = await runHere({}, ['--json', '--notify', pingOf(server)], { folder })
    const { runId } = json().find(({ type }) => type === 'archive-started') as { runId: string }
    expect(pathsOf(server)).toEqual([`/fail?rid=${dead.id}`, `/start?rid=${runId}`, `?rid=${runId}`])
  })

  it('is told although what was told before cannot be read', async () => {
    await runHere({}, [], { folder })
    await using ledger = await openLedger(join(folder, 'archive'))
    await ledger.beginRun({ ...dead, vendor: 'pretend', startedAt: Date.now() - 60_000 })
    await writeFile(join(folder, 'archive', '.cam', 'notices.json'), '{"interruptedUntil": [')
    await using server = await httpServer()
    await runHere({}, ['--notify', `${server.url}/hook-of-mine`], { folder })
    expect(bodiesOf(server)).toMatchObject([{ event: 'interrupted', runId: dead.id }])
  })
})
