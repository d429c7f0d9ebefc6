import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type PlanEvent, plan } from '../../src/archive/plan.ts'
import { verify } from '../../src/archive/verify-archive.ts'
import { systemClock } from '../../src/clock.ts'
import { type CamError, PermissionError, ServerError } from '../../src/footage/errors.ts'
import { isGap } from '../../src/footage/recording.ts'
import { overlaps, type TimeWindow } from '../../src/footage/time-window.ts'
import { consoleOf, past } from './console.ts'
import { minute, noon, type Ran, sumOf, type Toy, toy } from './fixture.ts'

const hour = past(0, 60)
const next = past(60, 120)
/** Soon after, so that nothing is old. */
const clock = { ...systemClock, now: () => noon + 240 * minute }
const again = { alsoFailed: true, window: next, clock } as const

/** What a run did, recording by recording, and that its sum is right. */
function told({ events, summary, error }: Ran): string[] {
  expect(error).toBeUndefined()
  expect(sumOf(summary)).toBe(summary.planned)
  return events
    .flatMap((event) =>
      event.type === 'recording-ended'
        ? [`${event.recording.id} ${event.already ? 'already ' : ''}${event.outcome.outcome}`]
        : [],
    )
    .sort()
}

const outcomes = async (one: Toy) =>
  Object.fromEntries((await one.rows()).map(({ key, outcome }) => [key.recordingId, outcome?.outcome]))

/** A source whose lists are as told: what is asked for is noted, what `hides` is left out, `fails` gives the error. */
function listing(one: Toy, how: { hides?: Set<string>; fails?: (window?: TimeWindow) => CamError | undefined } = {}) {
  const asked: string[] = []
  const make = () => {
    const real = one.source()
    return one.source({
      change: {
        async *recordings(camera, window, call) {
          asked.push(
            `${camera.id} ${window && (window.start - noon) / minute}-${window && (window.end - noon) / minute}`,
          )
          const error = how.fails?.(window)
          if (error) throw error
          for await (const item of real.recordings(camera, window, call)) {
            if (isGap(item) || !how.hides?.has(item.id)) yield item
          }
        },
      },
    })
  }
  return { asked, make }
}

describe('a run that also takes up what failed', () => {
  it('tries what is outside of its window as the ledger knows it, and lists what is inside, nothing twice', async () => {
    const one = await toy()
    for (const [id, at] of [
      ['early', 0],
      ['gone', 1],
      ['refused', 2],
      ['kept', 3],
      ['edge', 59],
      ['inside', 61],
    ] as const)
      one.clip(id, { at, ...(id === 'edge' ? { window: past(59, 61) } : {}) })
    for (const id of ['early', 'edge', 'inside']) one.server.faults.refuse.set(id, 500)
    one.server.faults.refuse.set('refused', 404)
    expect(told(await one.run({ window: past(0, 120) }))).toEqual([
      'early failed',
      'edge failed',
      'gone kept',
      'inside failed',
      'kept kept',
      'refused failed',
    ])
    one.server.faults.refuse.clear()
    await one.ledger.plan('dead', 1, [
      {
        key: { sourceId: 'TOY-1', cameraId: 'cam-1', view: '', recordingId: 'interrupted' },
        kind: 'recording',
        camera: one.server.cameras[0]!,
        recording: { ...one.server.clips[0]!.recording, id: 'interrupted', window: past(5, 6) },
        window: past(5, 6),
      },
    ])
    one.clip('interrupted', { at: 5 })
    await rm(join(one.into, 'Yard/2026/03/01/12-01-00+0000.mp4'))
    for await (const _ of verify({ into: one.into, ledger: one.ledger }));
    expect((await outcomes(one)).gone).toBe('lost')

    const { asked, make } = listing(one)
    expect(told(await one.run({ window: next, source: make() }))).toEqual(['edge kept', 'inside kept'])
    const taken = await one.run({ ...again, source: make() })
    expect(told(taken)).toEqual([
      'early kept',
      'edge already kept',
      'gone kept',
      'inside already kept',
      'interrupted kept',
    ])
    expect(asked).toEqual(['cam-1 60-120', 'cam-1 60-120'])
    expect(taken.events).toContainEqual(
      expect.objectContaining({ type: 'notice', text: expect.stringMatching(/left undone of Yard: 3 recordings\.$/) }),
    )
    expect(taken.events).toContainEqual(expect.objectContaining({ type: 'camera-listed', recordings: 2 }))
    const last = await one.run({ ...again, source: make() })
    expect(told(last)).toEqual(['edge already kept', 'inside already kept'])
    expect(last.events.some(({ type }) => type === 'notice')).toBe(false)
    expect(await outcomes(one)).toMatchObject({ refused: 'failed', kept: 'kept' })
  })

  it('asks once a day for what was refused for good, as long as its camera is there', async () => {
    const one = await toy()
    one.clip('refused', { at: 2 })
    one.server.faults.refuse.set('refused', 404)
    expect(told(await one.run({ window: hour }))).toEqual(['refused failed'])
    const [row] = await one.rows()
    expect(row?.outcome).toMatchObject({ outcome: 'failed', retryable: false })
    const later = async (ms: number) => {
      const clock = { ...systemClock, now: () => row!.endedAt! + ms }
      return told(await one.run({ ...again, clock }))
    }
    const day = 24 * 60 * minute
    expect(await later(day - 1)).toEqual([])
    expect(await later(day)).toEqual(['refused failed'])
    expect(await later(2 * day - 1)).toEqual([])
    one.server.faults.refuse.clear()
    expect(await later(2 * day)).toEqual(['refused kept'])
  })

  it('asks once a day for what still fails three days on', async () => {
    const one = await toy()
    one.clip('fails', { at: 2 })
    one.server.faults.refuse.set('fails', 500)
    await one.run({ window: hour })
    const later = async (now: number) => told(await one.run({ ...again, clock: { ...systemClock, now: () => now } }))
    const day = 24 * 60 * minute
    const old = noon + 3 * minute + 3 * day
    expect(await later(old - 2)).toEqual(['fails failed'])
    expect(await later(old - 1)).toEqual(['fails failed'])
    expect(await later(old)).toEqual([])
    expect(await later(old + day - 2)).toEqual([])
    expect(await later(old + day)).toEqual(['fails failed'])
    expect(await later(old + 2 * day - 1)).toEqual([])
    one.server.faults.refuse.clear()
    expect(await later(old + 2 * day)).toEqual(['fails kept'])
  })

  it.each([
    ['was never tried', { code: 'UNREACHABLE', attempts: 0 }],
    ['was cut short', { code: 'INTERRUPTED', attempts: 1 }],
  ])('asks in every run for what %s, however old it is', async (_, how) => {
    const one = await toy()
    one.clip('old', { at: 2 })
    const { recording } = one.server.clips[0]!
    const key = { sourceId: 'TOY-1', cameraId: 'cam-1', view: '', recordingId: 'old' }
    const row = { key, kind: 'recording', camera: one.server.cameras[0]!, recording, window: past(2, 3) } as const
    await one.ledger.plan('earlier', 1, [row])
    const now = noon + 30 * 24 * 60 * minute
    const outcome = { outcome: 'failed', message: 'The run ended.', retryable: true, ...how } as const
    await one.ledger.record('earlier', now, [{ key, outcome }])
    const clock = { ...systemClock, now: () => now + minute }
    expect(told(await one.run({ ...again, clock }))).toEqual(['old kept'])
  })

  it.each([410, 500])('asks for what is lost until the source says that it has it no more: %i', async (status) => {
    const one = await toy()
    one.clip('a', { at: 2 })
    await one.run({ window: hour })
    await rm(join(one.into, (await one.files())[0]!))
    for await (const _ of verify({ into: one.into, ledger: one.ledger }));
    one.server.faults.refuse.set('a', status)
    expect(told(await one.run(again))).toEqual([status === 410 ? 'a lost' : 'a failed'])
    expect((await one.run(again)).summary).toMatchObject(status === 410 ? { planned: 0 } : { planned: 1, failed: 1 })
  })

  it('leaves that to a run for failures alone where both are asked for', async () => {
    const one = await toy()
    one.clip('early', { at: 0 })
    one.clip('inside', { at: 61 })
    one.server.faults.refuse.set('early', 500)
    await one.run({ window: hour })
    one.server.faults.refuse.clear()
    const { asked, make } = listing(one)
    const { window: _, ...everything } = again
    expect(told(await one.run({ ...everything, onlyFailed: true, source: make() }))).toEqual(['early kept'])
    expect(asked).toEqual([])
  })

  it('counts all there is as inside', async () => {
    const one = await toy()
    one.clip('early', { at: 0 })
    one.server.faults.refuse.set('early', 500)
    await one.run()
    one.server.faults.refuse.clear()
    const { asked, make } = listing(one)
    expect(told(await one.run({ alsoFailed: true, source: make() }))).toEqual(['early kept'])
    expect(asked).toEqual(['cam-1 undefined-undefined'])
  })

  it('asks for the chosen cameras, and leaves out what the user leaves out', async () => {
    const one = await toy()
    one.server.cameras.push({ id: 'cam-2', name: 'Gate' })
    one.clip('a', { at: 0 })
    one.clip('b', { at: 1, cameraId: 'cam-2' })
    one.clip('c', { at: 2, cameraId: 'cam-2' })
    for (const id of ['a', 'b', 'c']) one.server.faults.refuse.set(id, 500)
    await one.run({ window: hour })
    one.server.faults.refuse.clear()
    const skip = ({ id }: { id: string }) => (id === 'c' ? 'Not this one.' : undefined)
    expect(told(await one.run({ ...again, cameras: ['gate'], skip }))).toEqual(['b kept', 'c skipped'])
    expect(await outcomes(one)).toEqual({ a: 'failed', b: 'kept', c: 'skipped' })
  })

  it('says beforehand what it would do, and writes nothing', async () => {
    const one = await toy()
    one.clip('early', { at: 0 })
    one.server.faults.refuse.set('early', 500)
    await one.run({ window: hour })
    const before = await one.rows()
    const events: PlanEvent[] = []
    for await (const event of plan({ ...again, source: one.source(), into: one.into, ledger: one.ledger }))
      events.push(event)
    expect(events.map((event) => (event.type === 'recording-planned' ? event.recording.id : event.type))).toEqual([
      'camera-listed',
      'notice',
      'early',
      'planned',
    ])
    expect(await one.rows()).toEqual(before)
  })
})

describe('what was pending outside of the window', () => {
  it('is fetched as it is listed now, with no other listed twice', async () => {
    const one = await toy()
    one.clip('a', { at: 10, settled: false })
    one.clip('b', { at: 11, settled: false })
    await one.run({ window: hour })
    one.server.clips.length = 0
    one.clip('a', { at: 10, size: 30_000 })
    one.clip('b', { window: past(11, 75), size: 40_000 })
    const { asked, make } = listing(one)
    const { summary } = await one.run({ ...again, source: make() })
    expect(summary).toMatchObject({ planned: 2, kept: 2 })
    // The two touch: one question for both.
    expect(asked).toEqual(['cam-1 60-120', 'cam-1 10-12'])
    const sizes = (await one.rows()).map(({ file, window }) => [file?.bytes, window])
    expect(sizes).toEqual([
      [30_000, past(10, 11)],
      [40_000, past(11, 75)],
    ])
  })

  it('that still grows stays pending', async () => {
    const one = await toy()
    one.clip('a', { at: 10, settled: false })
    await one.run({ window: hour })
    expect(told(await one.run(again))).toEqual(['a pending'])
  })

  it.each([
    ['the source has it after all', 'kept', undefined],
    ['the source does not know it', 'failed', 404],
  ] as const)('and is no longer listed ends as the source says, once: %s', async (_, outcome, status) => {
    const one = await toy()
    one.clip('a', { at: 10, settled: false })
    await one.run({ window: hour })
    if (status) one.server.faults.refuse.set('a', status)
    const { make } = listing(one, { hides: new Set(['a']) })
    expect(told(await one.run({ ...again, source: make() }))).toEqual([`a ${outcome}`])
    expect(told(await one.run({ ...again, source: make() }))).toEqual([])
    expect(await outcomes(one)).toEqual({ a: outcome })
  })

  it('because the source was not ready in time is listed anew', async () => {
    const one = await toy()
    one.clip('a', { at: 10 })
    const { asked, make } = listing(one)
    const slow = () => {
      const real = make()
      return one.source({ change: { recordings: real.recordings, open: async () => ({ askAgainAfterMs: 1000 }) } })
    }
    expect(told(await one.run({ window: hour, source: slow(), pendingDeadlineMs: 0 }))).toEqual(['a pending'])
    expect(told(await one.run({ ...again, source: slow(), pendingDeadlineMs: 0 }))).toEqual(['a pending'])
    expect(told(await one.run({ ...again, source: make() }))).toEqual(['a kept'])
    expect(asked).toEqual(['cam-1 0-60', 'cam-1 60-120', 'cam-1 10-11', 'cam-1 60-120', 'cam-1 10-11'])
  })

  it('waits on where its list fails', async () => {
    const one = await toy()
    one.clip('a', { at: 10, settled: false })
    await one.run({ window: hour })
    one.server.clips.length = 0
    one.clip('a', { at: 10 })
    let broken = true
    const fails = (window?: TimeWindow) =>
      broken && window && overlaps(window, hour) ? new ServerError('The list is broken.') : undefined
    const { make } = listing(one, { fails })
    const failed = await one.run({ ...again, source: make() })
    expect(told(failed)).toEqual([])
    expect(failed.summary).toMatchObject({ planned: 1, failed: 1 })
    // The window itself was listed.
    expect(failed.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['camera-listed', 'notice', 'listing-failed']),
    )
    expect(Object.values(await outcomes(one)).sort()).toEqual(['failed', 'pending'])
    broken = false
    expect(told(await one.run({ ...again, source: make() }))).toEqual(['a kept'])
    expect(await outcomes(one)).toEqual({ a: 'kept' })
  })

  it('by the word of a gap is listed anew, and is gone once there is footage', async () => {
    const one = await toy()
    const gap = {
      cameraId: 'cam-1',
      start: noon,
      end: noon + minute,
      outcome: 'pending',
      reason: 'Uploading.',
    } as const
    one.server.gaps.push(gap)
    expect((await one.run({ window: hour })).summary).toMatchObject({ planned: 1, pending: 1 })
    expect((await one.run(again)).summary).toMatchObject({ planned: 1, pending: 1 })
    one.server.gaps.length = 0
    one.clip('a', { at: 0 })
    expect(told(await one.run(again))).toEqual(['a kept'])
    expect(await outcomes(one)).toEqual({ a: 'kept' })
  })
})

describe('lists that failed outside of the window', () => {
  it.each([
    ['may be tried again', new ServerError('The list is broken.')],
    ['was refused', new PermissionError('Not yours.')],
  ])('are asked for again, whether it %s, as one, and leave no rows behind', async (_, error) => {
    const one = await toy()
    one.clip('a', { at: 10 })
    one.clip('b', { at: 70 })
    let broken = true
    const { asked, make } = listing(one, { fails: () => (broken ? error : undefined) })
    const run = async (options: Parameters<Toy['run']>[0]) => told(await one.run({ ...options, source: make() }))
    await run({ window: past(0, 30) })
    await run({ window: past(20, 80) })
    for (let times = 0; times < 3; times++) {
      expect(await run(again)).toEqual([])
      // The hour before the window, and the window.
      expect(Object.keys(await outcomes(one)).length).toBe(2)
    }
    expect(asked.slice(2)).toEqual(Array(3).fill(['cam-1 60-120', 'cam-1 0-60']).flat())
    broken = false
    expect(await run(again)).toEqual(['a kept', 'b kept'])
    expect(await outcomes(one)).toEqual({ a: 'kept', b: 'kept' })
    expect(await run(again)).toEqual(['b already kept'])
  })

  it('are asked for again only as far as the window does not hold them', async () => {
    const one = await toy()
    one.clip('a', { at: 10 })
    let broken: TimeWindow | undefined = past(0, 90)
    const fails = (window?: TimeWindow) =>
      broken && window && overlaps(window, broken) ? new ServerError('The list is broken.') : undefined
    const { asked, make } = listing(one, { fails })
    await one.run({ window: past(0, 90), source: make() })
    broken = past(0, 30)
    // The second part still fails: of the first list only that is left.
    expect(told(await one.run({ ...again, source: make() }))).toEqual([])
    const left = await one.rows({ kind: 'listing' })
    expect(left.map(({ window }) => window)).toEqual([hour])
    broken = undefined
    expect(told(await one.run({ ...again, source: make() }))).toEqual(['a kept'])
    expect(asked).toEqual(['cam-1 0-90', 'cam-1 60-120', 'cam-1 0-60', 'cam-1 60-120', 'cam-1 0-60'])
    expect(await outcomes(one)).toEqual({ a: 'kept' })
  })

  it('and asked for all there is are asked for all there is', async () => {
    const one = await toy()
    one.clip('a', { at: 10 })
    one.server.faults.failListing.add('cam-1')
    await one.run()
    one.server.faults.failListing.clear()
    const { asked, make } = listing(one)
    expect(told(await one.run({ ...again, source: make() }))).toEqual(['a kept'])
    expect(asked).toEqual(['cam-1 60-120', 'cam-1 undefined-undefined'])
    expect(await outcomes(one)).toEqual({ a: 'kept' })
  })
})

describe('a camera that is not listed any more', () => {
  it('has all that was left undone tried once, and its lists as long as that is worth it', async () => {
    const one = await toy()
    one.clip('failed', { at: 10 })
    one.clip('pending', { at: 11, settled: false })
    one.clip('inside', { at: 70 })
    one.clip('found', { at: 130 })
    one.server.faults.refuse.set('failed', 500)
    one.server.faults.refuse.set('inside', 500)
    await one.run({ window: past(0, 120) })
    one.server.faults.failListing.add('cam-1')
    await one.run({ window: past(120, 180) })
    one.server.faults.failListing.clear()
    one.server.cameras.length = 0
    one.server.cameras.push({ id: 'cam-2', name: 'Gate' })
    one.server.faults.refuse.clear()
    one.server.faults.refuse.set('pending', 404)
    expect(told(await one.run({ ...again, cameras: ['gate'] }))).toEqual([])
    const ran = await one.run(again)
    expect(told(ran)).toEqual(['failed kept', 'found kept', 'inside kept', 'pending failed'])
    // That the window was listed must not be said of it.
    expect(ran.events.flatMap((event) => (event.type === 'camera-listed' ? [event.camera.id] : []))).toEqual(['cam-2'])
    expect(ran.events).toContainEqual(
      expect.objectContaining({ type: 'notice', text: expect.stringContaining('not listed any more') }),
    )
    expect(told(await one.run(again))).toEqual([])
  })

  it('is not asked for a list again that was refused', async () => {
    const one = await toy()
    one.server.faults.failListing.add('cam-1')
    await one.run({ window: hour })
    one.server.cameras.length = 0
    const { asked, make } = listing(one, { fails: () => new PermissionError('Not yours.') })
    for (const failed of [1, 0]) {
      const ran = await one.run({ ...again, source: make() })
      expect(ran.summary).toMatchObject({ planned: failed, failed })
    }
    expect(asked).toEqual(['cam-1 0-60'])
  })
})

describe('pieces cut from what is asked for', () => {
  it('keep their identity, and only what no row answers for is listed', async () => {
    const one = await toy()
    const box = consoleOf(one, { recorded: [past(0, 240)] })
    let broken = true
    box.onList = (window) => {
      if (broken && window?.start === noon + 60 * minute) throw new ServerError('The list is broken.')
    }
    const run = async (window: TimeWindow, options = {}) =>
      told(await one.run({ source: box.source(), window, ...options }))
    await run(past(0, 60))
    const [first] = await one.rows()
    await rm(join(one.into, first!.file!.path))
    await one.run({ source: box.source(), window: past(0, 60), stop: AbortSignal.abort() })
    await run(past(60, 120))
    await run(past(90, 120))
    broken = false
    box.listed.length = 0
    box.opened.length = 0
    const ran = await run(past(180, 240), { alsoFailed: true })
    expect(ran).toHaveLength(3)
    expect(ran.every((line) => line.endsWith(' kept'))).toBe(true)
    expect(box.listed).toEqual([past(180, 240), past(60, 90)])
    expect(box.opened).toEqual([past(180, 240), past(0, 60), past(60, 90)])
    expect((await one.rows()).map(({ outcome }) => outcome?.outcome)).toEqual(Array(4).fill('kept'))
    expect(await run(past(180, 240), { alsoFailed: true })).toHaveLength(1)
  })

  it.each(['grown', 'no longer there'] as const)('that were growing are listed anew: %s', async (how) => {
    const one = await toy()
    const box = consoleOf(one, { recorded: [past(0, 240)] })
    const source = (settled: boolean, lists = true) => {
      const real = box.source()
      return one.source({
        identity: 'window',
        limits: { transfers: 1, transfersPerCamera: 1 },
        change: {
          open: real.open,
          async *recordings(camera, window, call) {
            for await (const item of real.recordings(camera, window, call)) {
              if (isGap(item) || (!lists && window?.start !== next.start)) continue
              // Named by its start alone, as it was while it grew, or by both of its ends.
              yield { ...item, id: settled ? item.id : `growing ${item.id}`, settled }
            }
          },
        },
      })
    }
    await one.run({ source: source(false), window: past(0, 20) })
    const ran = await one.run({ ...again, source: source(true, how === 'grown') })
    expect(told(ran)).toHaveLength(2)
    expect(ran.summary).toMatchObject({ planned: 2, kept: 2 })
    expect((await one.rows()).map(({ key, outcome }) => [key.recordingId.slice(0, 7), outcome?.outcome])).toEqual([
      [how === 'grown' ? '2026-03' : 'growing', 'kept'],
      ['2026-03', 'kept'],
    ])
  })
})
