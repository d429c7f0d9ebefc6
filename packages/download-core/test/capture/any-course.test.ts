import fc from 'fast-check'
import { expect, it } from 'vitest'
import { slotsOf } from '../../src/capture/slots.ts'
import { parseTimetable } from '../../src/capture/timetable.ts'
import { ServerError } from '../../src/footage/errors.ts'
import {
  type Answer,
  bench,
  breakable,
  freshPicture,
  hang,
  iso,
  minute,
  noon,
  parts,
  pictures,
  rowsOf,
  start,
} from './fixture.ts'

const answers: Readonly<Record<string, Answer>> = {
  good: async (_, number) => freshPicture(number),
  broken: async () => {
    throw new ServerError('broken')
  },
  cut: async (_, number) => freshPicture(number).subarray(0, 200),
  hanging: hang,
}

type Step = {
  readonly do: 'wait' | 'jump' | 'back' | 'restart' | 'abort' | 'kill' | keyof typeof answers
  readonly ms: number
}

const step = (...what: Step['do'][]): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constantFrom(...what), ms: fc.integer({ min: 0, max: 5 * minute }) })

async function course(steps: readonly Step[]) {
  const whole = bench(noon - 1)
  const ledger = breakable(whole.ledger)
  const b = { ...whole, ledger }
  const sums = { planned: 0, kept: 0, failed: 0 }
  const notices: string[] = []
  let run = await start(b)
  const over = async (how: 'stop' | 'abort' | 'kill') => {
    if (how === 'kill') {
      // What is on its way to the ledger does not arrive, and nobody says good-bye.
      for (const method of ['record', 'endRun', 'saveNote'] as const) ledger.broken.add(method)
      await b.clock.advance(70_000)
    } else if (how === 'abort') run.abort.abort(new Error('enough'))
    else run.stop.abort()
    if (how === 'kill') run.abort.abort()
    const done = run.ended.catch(() => {})
    // A picture under way has its time.
    await b.clock.advance(minute)
    await done
    ledger.broken.clear()
    for (const event of run.events) {
      if (event.type === 'notice') notices.push(event.text)
      if (event.type !== 'capture-ended') continue
      for (const name of ['planned', 'kept', 'failed'] as const) sums[name] += event[name]
    }
  }
  for (const { do: what, ms } of steps) {
    const answer = answers[what]
    if (answer) b.device.answer = answer
    else if (what === 'wait') await b.clock.advance(ms)
    else if (what === 'jump') b.clock.set(b.clock.now() + ms)
    else if (what === 'back') b.clock.set(b.clock.now() - ms)
    else {
      await over(what === 'abort' || what === 'kill' ? what : 'stop')
      await b.clock.advance(ms)
      run = await start(b)
    }
  }
  await b.clock.advance(minute)
  await over('stop')
  return { ...b, sums, notices, rows: await rowsOf(b.ledger) }
}

it('whatever happens, every slot has one outcome, and the sums are those of the rows', async () => {
  const steps = step('wait', 'wait', 'jump', 'restart', 'abort', 'good', 'good', 'broken', 'cut', 'hanging')
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 8 }), async (taken) => {
      const { rows, sums, notices, disk } = await course(taken)
      const slots = slotsOf(parseTimetable('1m'))
      const due: string[] = []
      const last = rows.at(-1)?.window?.start ?? 0
      for (let slot = noon; slot <= last; slot = slots.next(slot)) due.push(iso(slot))
      expect(rows.map(({ key }) => key.recordingId)).toEqual(due)
      const kept = rows.filter(({ outcome }) => outcome?.outcome === 'kept').length
      expect(rows.every(({ outcome }) => outcome?.outcome === 'kept' || outcome?.outcome === 'failed')).toBe(true)
      expect(pictures(disk)).toHaveLength(kept)
      expect(parts(disk)).toEqual([])
      expect(notices).toEqual([])
      expect(sums).toEqual({ planned: rows.length, kept, failed: rows.length - kept })
    }),
    { numRuns: 40 },
  )
}, 120_000)

it('nor does a clock that goes back, or being killed, take anything twice or leave a half picture', async () => {
  const steps = step('wait', 'wait', 'jump', 'back', 'restart', 'kill', 'good', 'good', 'hanging')
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 8 }), async (taken) => {
      const { rows, notices, disk } = await course(taken)
      const kept = rows.filter(({ outcome }) => outcome?.outcome === 'kept')
      expect(rows.every(({ outcome }) => outcome !== undefined)).toBe(true)
      expect(pictures(disk)).toHaveLength(kept.length)
      expect(parts(disk)).toEqual([])
      expect(notices).toEqual([])
    }),
    { numRuns: 40 },
  )
}, 120_000)
