import { emptySummary, memoryLedger, type Run } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { digest, digestDue, renderMessage } from '../src/index.ts'

const hour = 3_600_000
const day = 24 * hour
/** Monday */
const monday = Date.UTC(2026, 4, 4)
const week = { from: monday, to: monday + 7 * day, timeZone: 'UTC' }

function run(startedAt: number, more: Partial<Run> & { kept?: number; failed?: number; bytes?: number } = {}): Run {
  const { kept = 0, failed = 0, bytes = 0, ...rest } = more
  const summary = { ...emptySummary(hour), planned: kept + failed, kept, failed, bytes }
  const about = { id: `${startedAt}`, sourceId: 's1', sourceName: 'Main building', vendor: 'eagleeye' }
  return { ...about, startedAt, endedAt: startedAt + hour, ending: 'finished', summary, ...rest }
}

/** As a run that was killed is found in the ledger before and after its successor has seen it. */
function dead(startedAt: number, ending?: 'interrupted'): Run {
  const { summary: _, endedAt: __, ending: ___, ...rest } = run(startedAt)
  return ending ? { ...rest, ending, endedAt: startedAt + day } : rest
}

describe('a digest', () => {
  it('counts runs by how they ended, and days without any, from a ledger', async () => {
    const ledger = memoryLedger()
    for (const one of [
      run(monday - day, { kept: 999 }),
      run(monday + 12 * hour, { kept: 10, bytes: 1024 ** 3 }),
      run(monday + day + 12 * hour, { kept: 5, failed: 2, bytes: 512 * 1024 ** 2 }),
      dead(monday + 2 * day + 12 * hour),
      run(monday + 2 * day + 14 * hour, { kept: 7 }),
      run(monday + 4 * day, { ending: 'stopped', kept: 1 }),
      run(monday + 5 * day, { ending: 'failed' }),
      run(monday + 7 * day, { kept: 999 }),
    ]) {
      await ledger.beginRun(one)
    }
    // What the next run does with one it finds without an end.
    await ledger.endRun(`${monday + 2 * day + 12 * hour}`, 'interrupted', monday + 2 * day + 14 * hour)

    const notice = digest({ runs: await ledger.runs(), ...week })
    expect(notice).toMatchObject({ event: 'digest', days: 7, daysWithoutRun: 2 })
    expect(notice.total).toEqual({
      runs: 6,
      complete: 2,
      partial: 1,
      failed: 1,
      stopped: 1,
      interrupted: 1,
      unfinished: 0,
      kept: 23,
      failures: 2,
      bytes: 1.5 * 1024 ** 3,
    })
    const [source] = notice.sources
    expect(source?.days.map(({ date, runs }) => `${date} ${runs}`)).toEqual([
      '2026-05-04 1',
      '2026-05-05 1',
      '2026-05-06 2',
      '2026-05-07 0',
      '2026-05-08 1',
      '2026-05-09 1',
      '2026-05-10 0',
    ])

    const { subject, text, html } = renderMessage(notice, { cli: 'eagleeye-cli', hostname: 'box' })
    expect(subject).toBe(
      '[eagleeye] DIGEST 23 kept, 2 failures, 1.5 GB, 6 runs, 1 interrupted, 2 of 7 days without a run — box',
    )
    expect(text).toMatch(/^2026-05-06 +2: 1 complete, 1 interrupted +7 /m)
    expect(text).toMatch(/^2026-05-07 +NO RUN$/m)
    expect(text).toContain('2 days without a run')
    expect(text).toContain('without those of runs that did not end')
    expect(html).toContain('<td align="left">NO RUN</td>')
  })

  it('takes a run without an end for dead where another followed, else for one that may still run', () => {
    const notice = digest({ runs: [dead(monday + hour), dead(monday + 2 * hour)], ...week })
    expect(notice.total).toMatchObject({ runs: 2, interrupted: 1, unfinished: 1 })
    const other = { ...run(monday + 3 * hour), sourceId: 's2' }
    expect(digest({ runs: [dead(monday + hour), other], ...week }).total).toMatchObject({
      interrupted: 0,
      unfinished: 1,
    })
    // The one that followed may lie behind the window.
    expect(digest({ runs: [dead(monday + hour), run(week.to + hour)], ...week }).total).toMatchObject({
      runs: 1,
      interrupted: 1,
    })
  })

  it('tells sources apart, also those that did not run at all', () => {
    const daily = Array.from({ length: 7 }, (_, i) => run(monday + i * day, { kept: 1 }))
    const before = { ...run(monday - day), sourceId: 's2', sourceName: 'Annex', vendor: 'reolink' }
    const notice = digest({
      runs: [...daily, before],
      ...week,
      sources: [
        { sourceId: 's3', sourceName: 'Yard', vendor: 'reolink' },
        { sourceId: 's1', sourceName: 'an older name', vendor: 'eagleeye' },
      ],
    })
    expect(notice.sources.map(({ source, daysWithoutRun }) => [source, daysWithoutRun])).toEqual([
      ['Annex', 7],
      ['Main building', 0],
      ['Yard', 7],
    ])
    expect(notice).toMatchObject({ daysWithoutRun: 7, total: { runs: 7, kept: 7 } })
    expect(renderMessage(notice, { cli: 'cam', hostname: 'box' }).subject).toMatch(/^\[cam\] DIGEST 7 kept/)
  })

  it('misses no run before the first one of a source, where its caller knows that', () => {
    const daily = Array.from({ length: 7 }, (_, i) => run(monday + i * day))
    const added = [2, 3, 5].map((i) => ({ ...run(monday + i * day + hour), sourceId: 's2', sourceName: 'Annex' }))
    const about = { sourceId: 's2', sourceName: 'Annex', vendor: 'reolink' }
    const sources = [{ ...about, firstRunAt: monday + 2 * day + hour }]
    const notice = digest({ runs: [...daily, ...added], ...week, sources })
    const [annex] = notice.sources
    expect([annex?.daysWithoutRun, notice.daysWithoutRun]).toEqual([2, 2])
    expect(annex?.days.map(({ runs, notYet }) => (notYet ? 'not yet' : runs))).toEqual([
      ...['not yet', 'not yet'],
      ...[1, 1, 0, 1, 0],
    ])
    const { text } = renderMessage(notice, { cli: 'cam', hostname: 'box' })
    expect(text).toMatch(/^Annex.*\nDay .*\n2026-05-04 {2}before the first run\n/m)
    expect(text.match(/NO RUN/g)).toHaveLength(2)
    expect(digest({ runs: [...daily, ...added], ...week, sources: [about] }).daysWithoutRun).toBe(4)
  })

  it('counts the days of a zone, the one with 25 hours once', () => {
    const timeZone = 'Europe/Berlin'
    const from = Date.parse('2026-10-19T00:00:00+02:00')
    const to = Date.parse('2026-10-26T00:00:00+01:00')
    // 23:30 on Saturday, and 23:30 on Sunday, the long day.
    const runs = [run(Date.parse('2026-10-24T21:30:00Z')), run(Date.parse('2026-10-25T22:30:00Z'))]
    const { sources, days } = digest({ runs, from, to, timeZone })
    expect(days).toBe(7)
    expect(sources[0]?.days.filter(({ runs: count }) => count > 0).map(({ date }) => date)).toEqual([
      '2026-10-24',
      '2026-10-25',
    ])
  })

  it('refuses what is no window and no zone', () => {
    expect(() => digest({ runs: [], from: 2, to: 1, timeZone: 'UTC' })).toThrow(/received 2 and 1/)
    expect(() => digest({ runs: [], from: 0, to: 500 * day, timeZone: 'UTC' })).toThrow(RangeError)
    expect(() => digest({ runs: [], from: 0, to: 1, timeZone: 'Mars/Olympus' })).toThrow(/Mars\/Olympus/)
  })
})

describe('when a digest is due', () => {
  const timeZone = 'Europe/Berlin'
  const at = (text: string) => Date.parse(text)
  const runs = [{ startedAt: at('2026-01-01T00:00:00Z') }]
  const due = (now: string, lastTo?: number) =>
    digestDue({ runs, timeZone, now: at(now), ...(lastTo === undefined ? {} : { lastTo }) })
  const spring = { from: at('2026-03-23T00:00:00+01:00'), to: at('2026-03-30T00:00:00+02:00') }

  it('from Monday on, for the week before, whenever it is asked', () => {
    expect(due('2026-03-30T00:00:00+02:00')).toEqual(spring)
    expect(due('2026-04-02T15:00:00+02:00')).toEqual(spring)
    expect(due('2026-04-05T23:59:59.999+02:00')).toEqual(spring)
    expect(due('2026-03-29T23:59:59.999+02:00')?.to).toBe(at('2026-03-23T00:00:00+01:00'))
    // The clocks changed in that week: it is an hour short.
    expect(spring.to - spring.from).toBe(7 * day - hour)
  })

  it('once: not again after it was delivered', () => {
    expect(due('2026-04-02T15:00:00+02:00', spring.to)).toBeUndefined()
    expect(due('2026-04-06T00:00:00+02:00', spring.to)).toEqual({
      from: spring.to,
      to: at('2026-04-06T00:00:00+02:00'),
    })
  })

  it('once, also where it was told for the same week of another zone', () => {
    const tokyo = at('2026-03-30T00:00:00+09:00')
    expect(due('2026-03-30T12:00:00+02:00', tokyo)).toBeUndefined()
    expect(due('2026-04-06T12:00:00+02:00', tokyo)).toEqual({ from: tokyo, to: at('2026-04-06T00:00:00+02:00') })
  })

  it('after weeks without one it covers them all, up to five', () => {
    expect(due('2026-04-22T00:00:00+02:00', spring.to)).toEqual({
      from: spring.to,
      to: at('2026-04-20T00:00:00+02:00'),
    })
    const long = due('2026-12-23T00:00:00+01:00', spring.to)
    expect(long).toEqual({ from: at('2026-11-16T00:00:00+01:00'), to: at('2026-12-21T00:00:00+01:00') })
  })

  it('not before a week with a run has ended', () => {
    const now = at('2026-04-02T15:00:00+02:00')
    expect(digestDue({ runs: [], timeZone, now })).toBeUndefined()
    expect(digestDue({ runs: [{ startedAt: spring.to }], timeZone, now })).toBeUndefined()
    expect(digestDue({ runs: [{ startedAt: spring.to - 1 }], timeZone, now })).toEqual(spring)
  })

  it('on another weekday, and where a day begins at 01:00', () => {
    const sunday = { runs, weekday: 0, timeZone: 'Africa/Cairo' }
    const now = at('2024-04-26T12:00:00Z')
    const old = [{ startedAt: 0 }]
    // On Friday 2024-04-26 Cairo went from 00:00 to 01:00.
    expect(digestDue({ ...sunday, runs: old, weekday: 5, now })?.to).toBe(at('2024-04-25T22:00:00Z'))
    expect(digestDue({ ...sunday, runs: old, now })?.to).toBe(at('2024-04-20T22:00:00Z'))
    expect(() => digestDue({ ...sunday, weekday: 7, now })).toThrow(/received 7/)
  })
})
