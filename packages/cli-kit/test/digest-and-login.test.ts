import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthenticationError, type Clock, emptySummary, type Run, systemClock } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpServer } from '../../notify/test/http-server.ts'
import { mailServer, runHere } from './unattended.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-digest-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const [hour, day] = [3_600_000, 86_400_000]
type Server = Awaited<ReturnType<typeof httpServer>>
const bodiesOf = ({ requests }: Server) => requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
const memory = async () => JSON.parse(await readFile(join(folder, 'archive', '.cam', 'notices.json'), 'utf8'))

/** The machine's clock, as if now was another moment. */
function clockAt(start: number): Clock {
  const began = performance.now()
  return { ...systemClock, now: () => start + (performance.now() - began) }
}

/** Monday, shortly after midnight in Berlin. */
const monday = Date.parse('2026-03-09T00:10+01:00')
const noon = (date: string) => Date.parse(`${date}T12:00+01:00`)

/** An archive that ran at noon from Monday to Friday; on Wednesday the run was killed, and nothing ran at the weekend. */
async function seeded(): Promise<void> {
  await runHere({ recordings: 0 }, [], { folder, clock: clockAt(noon('2026-02-25')) })
  await using ledger = await openLedger(join(folder, 'archive'))
  const run = (date: string, more: Partial<Run>) =>
    ledger.beginRun({
      ...{ id: `run-${date}`, sourceId: 'console', sourceName: 'Main building', vendor: 'pretend' },
      ...{ startedAt: noon(date), ...more },
    })
  const ended = (date: string, more: object): Partial<Run> => ({
    ...{ endedAt: noon(date) + hour, ending: 'finished', summary: { ...emptySummary(hour), ...more } },
  })
  await run('2026-03-02', ended('2026-03-02', { planned: 10, kept: 10, bytes: 1024 }))
  await run('2026-03-03', ended('2026-03-03', { planned: 12, kept: 9, alreadyKept: 2, failed: 1, bytes: 2048 }))
  await run('2026-03-04', {})
  await run('2026-03-05', ended('2026-03-05', { planned: 5, kept: 5 }))
  await run('2026-03-06', ended('2026-03-06', { planned: 5, kept: 5 }))
}

const digestLine = ['--timezone', 'Europe/Berlin', '--notify-on', 'digest']

describe('the weekly digest', () => {
  it('comes by mail with the first run of the week, and counts the days without a run and the killed one', async () => {
    await seeded()
    await using server = await mailServer()
    const line = [...digestLine, '--notify', server.url()]
    const early = clockAt(Date.parse('2026-03-08T23:50+01:00'))
    await runHere({}, line, { folder, clock: early })
    // The week before, in which there was one run, the first ever, is told by the first run that may tell.
    expect(server.received.map(({ mail }) => mail.subject)).toEqual([
      expect.stringMatching(/^\[Pretend\] DIGEST 0 kept, 0 failures, 0 B, 1 run, 4 of 7 days without a run — /),
    ])
    const first = await runHere({}, line, { folder, clock: clockAt(monday) })
    expect([first.code, first.stderr, server.received.length]).toEqual([0, '', 2])
    const { mail } = server.received[1]!
    expect(mail.subject).toMatch(
      /^\[Pretend\] DIGEST 33 kept, 1 failure, \S+ KB, 6 runs, 1 interrupted, 1 of 7 days without/,
    )
    expect(mail.text).toMatch(/^2026-03-04 +1: 1 interrupted/m)
    expect(mail.text).toMatch(/^2026-03-07 +NO RUN$/m)
    expect(mail.text).toMatch(/^2026-03-08 +1: 1 complete +4 /m)
    expect(await memory()).toMatchObject({ digestTo: Date.parse('2026-03-09T00:00+01:00') })
    await runHere({}, line, { folder, clock: clockAt(monday + 6 * hour) })
    expect(server.received).toHaveLength(2)
  })

  it('counts two days without a run where nothing ran at the weekend', async () => {
    await seeded()
    await using server = await httpServer()
    await runHere({}, [...digestLine, '--notify', `${server.url}/hook-of-mine`], { folder, clock: clockAt(monday) })
    expect(bodiesOf(server)).toMatchObject([
      { event: 'digest', daysWithoutRun: 2, days: 7, total: { runs: 5, complete: 3, partial: 1, interrupted: 1 } },
    ])
  })

  it('is sent once where two runs end at the same time, and again where nobody took it', async () => {
    await seeded()
    const answers = [500, 500, 500]
    await using server = await httpServer((response) => response.writeHead(answers.shift() ?? 200).end())
    const line = [...digestLine, '--notify', `${server.url}/hook-of-mine`]
    const clock = (): Clock => ({
      ...clockAt(monday),
      wait: (ms, signal) => systemClock.wait(ms > 900 && ms < 5000 ? 1 : ms, signal),
    })
    const refused = await runHere({}, line, { folder, clock: clock() })
    expect([refused.code, refused.warnings()]).toEqual([0, [expect.stringMatching(/Not told digest: .*500/)]])
    const asked = server.requests.length
    await Promise.all(['a', 'b', 'c'].map((id) => runHere({ id, recordings: 0 }, line, { folder, clock: clock() })))
    expect(server.requests.length - asked).toBe(1)
  })

  it('is sent once where a mail server takes it for some of its recipients only', async () => {
    await seeded()
    await using server = await mailServer('night@example.org')
    const line = [...digestLine, '--notify', server.url()]
    const first = await runHere({}, line, { folder, clock: clockAt(monday) })
    expect(first.warnings()).toEqual([expect.stringMatching(/Not told digest: .*taken for ops@.*refused for night@/)])
    const second = await runHere({}, line, { folder, clock: clockAt(monday + hour) })
    expect([second.warnings(), server.received.map(({ to }) => to)]).toEqual([[], [['ops@example.org']]])
  })

  it('that was sent and cannot be noted as sent is said to come again', async () => {
    await seeded()
    await using server = await httpServer()
    await mkdir(join(folder, 'archive', '.cam', 'notices.json'))
    const line = [...digestLine, '--notify', `${server.url}/hook-of-mine`]
    const { code, warnings } = await runHere({}, line, { folder, clock: clockAt(monday) })
    expect([code, server.requests.length]).toEqual([0, 1])
    // The killed run and the digest.
    expect([...new Set(warnings())]).toEqual([
      expect.stringMatching(/What was told cannot be noted \(E\w+\): the next run tells/),
    ])
  })

  it('no longer misses a source that has been gone for weeks', async () => {
    await seeded()
    await using server = await httpServer()
    const line = [...digestLine, '--notify', `${server.url}/hook-of-mine`]
    await runHere({ id: 'other' }, line, { folder, clock: clockAt(monday + 42 * day) })
    await runHere({ id: 'other' }, line, { folder, clock: clockAt(monday + 49 * day) })
    const names = bodiesOf(server).map(({ sources }) => (sources as { source: string }[]).map(({ source }) => source))
    expect(names.at(-1)).toEqual(['Console other'])
  })
})

describe('a run that could not begin', () => {
  const refused = { identify: async () => Promise.reject(new AuthenticationError('401 Unauthorized.')) }
  const runs = async () => {
    await using ledger = await openLedger(join(folder, 'archive'), { readOnly: true })
    return (await ledger.runs()).map(({ ending, sourceId }) => [sourceId, ending])
  }

  it('is in the history of the one source there is, so that its day is not one without a run', async () => {
    await seeded()
    await using server = await httpServer()
    await runHere(refused, [], { folder, clock: clockAt(noon('2026-03-07')) })
    await runHere({}, [...digestLine, '--notify', `${server.url}/hook-of-mine`], { folder, clock: clockAt(monday) })
    expect(bodiesOf(server)).toMatchObject([{ event: 'digest', daysWithoutRun: 1, total: { runs: 6, failed: 1 } }])
  })

  it('is in no history where nobody can say whose it is', async () => {
    expect((await runHere(refused, [], { folder })).code).toBe(2)
    expect(await runs()).toEqual([])
    await runHere({ id: 'a' }, [], { folder })
    await runHere({ id: 'b' }, [], { folder })
    expect((await runHere(refused, [], { folder })).code).toBe(2)
    expect(await runs()).toEqual([
      ['b', 'finished'],
      ['a', 'finished'],
    ])
  })
})

describe('a login that lapses', () => {
  const now = noon('2026-03-02')
  const lapsing = (inMs: number) => ({ loginExpires: async () => now + inMs, renewLogin: 'pretend-cli login' })

  it('is always said, and told once a day', async () => {
    await using server = await httpServer()
    const line = ['--notify', `${server.url}/hook-of-mine`, '--timezone', 'Europe/Berlin']
    const definition = lapsing(3 * day)
    const alone = await runHere({}, [], { folder, definition, clock: clockAt(now) })
    expect([alone.code, alone.warnings()]).toEqual([
      0,
      ['WARN  The login of root ends at 2026-03-05T11:00:00+00:00, in 3d00h. Renew it: pretend-cli login'],
    ])
    for (const hours of [0, 6, 23]) {
      const { warnings } = await runHere({}, line, { folder, definition, clock: clockAt(now + hours * hour) })
      expect(warnings()).toHaveLength(1)
    }
    expect(bodiesOf(server)).toMatchObject(
      [
        {
          event: 'auth-expiring',
          nextAction: 'Renew it: pretend-cli login',
          error: { message: /2026-03-05T12:00:00\+01:00/ },
        },
      ].map(({ error: _, ...rest }) => rest),
    )
    expect(bodiesOf(server)[0]?.text).toContain('2026-03-05T12:00:00+01:00')
    await runHere({}, line, { folder, definition, clock: clockAt(now + 25 * hour) })
    expect(server.requests).toHaveLength(2)
  })

  it('is said with --json before the last line, also where it has ended already', async () => {
    const { json } = await runHere({}, ['--json'], { folder, definition: lapsing(-day), clock: clockAt(now) })
    expect(
      json()
        .map(({ type }) => type)
        .slice(-2),
    ).toEqual(['warning', 'archive-ended'])
    expect(json().at(-2)?.text).toMatch(/^The login of root ended at /)
  })

  it('is not said in its first days, nor where it cannot be known', async () => {
    for (const definition of [lapsing(8 * day), { loginExpires: async () => undefined }]) {
      expect((await runHere({}, [], { folder, definition, clock: clockAt(now) })).stderr).toBe('')
    }
    const broken = { loginExpires: async () => Promise.reject(new Error('no store')) }
    expect((await runHere({}, [], { folder, definition: broken, clock: clockAt(now) })).stderr).toBe('')
  })
})

describe('what was told', () => {
  it('is not begun where there is no archive: a disk that is not mounted stays empty', async () => {
    await using server = await httpServer()
    await writeFile(join(folder, 'archive'), 'a file in its place')
    const { code, warnings } = await runHere({}, ['--notify', `${server.url}/hook-of-mine`], { folder })
    expect(warnings()).toEqual([])
    expect([code, bodiesOf(server).map(({ event }) => event)]).toEqual([2, ['fail']])
  })
})
