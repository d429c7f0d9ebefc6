import assert from 'node:assert/strict'
import type { Camera } from '../footage/camera.ts'
import type { Recording } from '../footage/recording.ts'
import { summaryAddsUp } from './adds-up.ts'
import { bench, calm, collect, count, filesBelow, listAll, name, nameOf } from './running.ts'
import type { ConformanceCase } from './target.ts'

/** What becomes of footage on its way, and of a run that is disturbed. */
export const transferCases: readonly ConformanceCase[] = [
  {
    name: 'every recording is archived with exactly the bytes the source has',
    async run(target) {
      const { run, assertWhole } = await bench(target)
      await using source = target.makeSource()
      const { summary, error } = await run(source)
      assert.equal(error, undefined)
      summaryAddsUp(summary)
      assert.equal(summary?.kept, target.truth().length)
      await assertWhole()
    },
  },
  {
    name: 'each planned row ends in exactly one outcome',
    async run(target) {
      const { run, rows, ledger } = await bench(target)
      await using source = target.makeSource()
      const { summary, events } = await run(source)
      const all = await rows()
      assert.equal(all.length, summary?.planned)
      assert.deepEqual(
        all.filter(({ outcome }) => !outcome).map(({ key }) => key),
        [],
      )
      const ended = events.filter(({ type }) => type === 'recording-ended')
      assert.equal(ended.length, all.filter(({ kind }) => kind === 'recording').length)
      assert.equal((await ledger.runs())[0]?.ending, 'finished')
    },
  },
  {
    name: 'a second run makes no media request',
    async run(target) {
      const { run, assertWhole } = await bench(target)
      {
        await using source = target.makeSource()
        await run(source)
      }
      const before = count(target, 'media')
      await using again = target.makeSource()
      const { summary } = await run(again)
      assert.equal(count(target, 'media'), before)
      assert.equal(summary?.alreadyKept, target.truth().length)
      await assertWhole()
    },
  },
  {
    name: 'recordings that were stored as JSON can be fetched by a source made later',
    async run(target) {
      const { run, assertWhole } = await bench(target)
      {
        await using source = target.makeSource()
        target.faults.cutBodies(1_000_000)
        await run(source, { retry: { retries: 0 } })
        target.faults.cutBodies(0)
      }
      await using later = target.makeSource()
      await run(later, { onlyFailed: true })
      await assertWhole()
    },
  },
  {
    name: 'a body that is cut is fetched to its end in the same run, and is right',
    async run(target) {
      const { run, assertWhole } = await bench(target)
      await using source = target.makeSource()
      target.faults.cutBodies(2)
      const { summary } = await run(source)
      summaryAddsUp(summary)
      await assertWhole()
    },
  },
  {
    name: 'a body that is cut again and again is never kept, and the next run brings it',
    async run(target) {
      const { run, rows, into, assertWhole } = await bench(target)
      {
        await using source = target.makeSource()
        target.faults.cutBodies(1_000_000)
        const { summary } = await run(source, { retry: { retries: 0 } })
        summaryAddsUp(summary)
      }
      for (const { outcome } of await rows()) assert.notEqual(outcome?.outcome, 'kept')
      assert.deepEqual(await filesBelow(into), [])
      target.faults.cutBodies(0)
      await using later = target.makeSource()
      await run(later)
      await assertWhole()
    },
  },
  {
    name: 'a body that ends early without saying so is never kept',
    notApplicable({ faults: { truncateBodies } }) {
      return typeof truncateBodies === 'function' ? undefined : truncateBodies.impossible
    },
    async run(target) {
      const { truncateBodies } = target.faults
      if (typeof truncateBodies !== 'function') return
      const { run, rows, into, assertWhole } = await bench(target)
      {
        await using source = target.makeSource()
        truncateBodies(true)
        const { summary } = await run(source, { retry: { retries: 0 } })
        summaryAddsUp(summary)
      }
      for (const { outcome, key } of await rows())
        assert.notEqual(outcome?.outcome, 'kept', `${key.recordingId} was kept`)
      assert.deepEqual(await filesBelow(into), [])
      truncateBodies(false)
      await using later = target.makeSource()
      await run(later)
      await assertWhole()
    },
  },
  {
    name: 'what the source says was never recorded is absent, with its reason, and is not asked for again',
    notApplicable({ faults: { absentRecording } }) {
      return typeof absentRecording === 'function' ? undefined : absentRecording.impossible
    },
    async run(target) {
      const { absentRecording } = target.faults
      if (typeof absentRecording !== 'function') return
      const { run, rows, into } = await bench(target)
      const absent = absentRecording(true)
      const others = target.truth().length - 1
      {
        await using source = target.makeSource()
        const { summary, error } = await run(source)
        assert.equal(error, undefined)
        summaryAddsUp(summary)
        assert.deepEqual(
          { absent: summary?.absent, kept: summary?.kept, failed: summary?.failed },
          { absent: 1, kept: others, failed: 0 },
        )
      }
      const row = (await rows()).find(({ key }) => name(key) === name(absent))
      assert.ok(row?.outcome?.outcome === 'absent', `${absent.recordingId}: ${JSON.stringify(row?.outcome)}`)
      assert.ok(row.outcome.reason.trim().length > 0, 'there is no reason')
      assert.equal((await filesBelow(into)).length, others)
      for (const on of [true, false]) {
        absentRecording(on)
        const before = count(target, 'media')
        await using later = target.makeSource()
        const { summary } = await run(later)
        assert.equal(count(target, 'media'), before, 'it was asked for again')
        assert.deepEqual([summary?.absent, summary?.alreadyKept], [1, others])
      }
    },
  },
  {
    name: 'what is sent from a byte on is what the whole has from there',
    async run(target) {
      await using source = target.makeSource()
      const { recordings } = await listAll(source, target.window)
      for (const recording of recordings.filter(({ resume }) => resume !== 'never')) {
        const whole = await source.open(recording, { byte: 0 }, calm())
        if (!('body' in whole)) continue
        const bytes = Buffer.concat(await collect(whole.body))
        const { validator, representation } = whole
        const from = {
          byte: bytes.length >> 1,
          representation,
          totalBytes: bytes.length,
          ...(validator ? { validator } : {}),
        }
        const rest = await source.open(recording, from, calm())
        if (!('body' in rest)) continue
        const sent = Buffer.concat(await collect(rest.body))
        assert.ok(rest.startsAtByte <= from.byte, `asked from ${from.byte} on, it starts at ${rest.startsAtByte}`)
        assert.ok(sent.equals(bytes.subarray(rest.startsAtByte)), `${recording.id} is another one from a byte on`)
      }
    },
  },
  {
    name: 'what comes behind a kept recording can be asked for by itself (where the source says that it can)',
    async run(target) {
      const { run, rows } = await bench(target)
      await using source = target.makeSource()
      if (!source.remainder) return
      const { recordings } = await listAll(source, target.window)
      const lengthOf = ({ window }: Recording) => (window ? window.end - window.start : 0)
      const whole = recordings.reduce((longest, each) => (lengthOf(each) > lengthOf(longest) ? each : longest))
      const { start, end } = whole.window!
      const from = Math.floor((start + end) / 2)
      const rest = source.remainder(whole, from)
      assert.deepEqual(source.remainder(whole, from), rest)
      assert.deepEqual(JSON.parse(JSON.stringify(rest)), rest)
      assert.deepEqual(
        rest.map(({ window }) => window?.start),
        [from, ...rest.slice(0, -1).map(({ window }) => window?.end)],
        'the rest does not begin where it was asked for, or has a hole',
      )
      assert.equal(rest.at(-1)?.window?.end, end, 'the rest does not end where the recording ends')
      const ids = [...rest, ...recordings].map(nameOf)
      assert.equal(new Set(ids).size, ids.length, `ids repeat: ${ids}`)
      const sooner = source.remainder({ ...whole, window: { start, end: end - 1 } }, from)
      assert.equal(sooner[0]?.id, rest[0]?.id, 'the id depends on where the recording ends')
      assert.deepEqual(source.remainder(whole, end), [])
      const lists = async function* (camera: Camera) {
        if (camera.id === whole.cameraId) yield* rest
      }
      const only = new Proxy(source, { get: (of, name) => (name === 'recordings' ? lists : Reflect.get(of, name, of)) })
      const { summary, error } = await run(only)
      assert.equal(error, undefined)
      assert.equal(summary?.kept, rest.length, JSON.stringify((await rows()).map(({ outcome }) => outcome)))
    },
  },
  {
    name: 'an abort ends a transfer at once, with its own reason, and leaves no file under a final name',
    async run(target) {
      const { run, rows, into, assertWhole } = await bench(target)
      const abort = new AbortController()
      const reason = new Error('the user has had enough')
      target.faults.stallBodies(true)
      {
        await using source = target.makeSource()
        const original = source.open.bind(source)
        const watched = new Proxy(source, {
          get: (object, property) =>
            property === 'open'
              ? async (...args: Parameters<typeof original>) => {
                  setImmediate(() => abort.abort(reason))
                  return original(...args)
                }
              : Reflect.get(object, property, object),
        })
        const { error } = await withinSeconds(10, run(watched, { signal: abort.signal }))
        assert.equal(error, reason)
      }
      assert.deepEqual(await filesBelow(into), [])
      for (const { outcome } of await rows()) assert.notEqual(outcome?.outcome, 'kept')
      target.faults.stallBodies(false)
      await using later = target.makeSource()
      await run(later)
      await assertWhole()
    },
  },
  {
    name: 'every call ends at once, with its own reason, when its signal is aborted',
    async run(target) {
      await using source = target.makeSource()
      const reason = new Error('the user has had enough')
      await assert.rejects(source.identify({ signal: AbortSignal.abort(reason) }), reason)
      const { recordings } = await listAll(source, target.window)
      target.faults.stallBodies(true)
      for (const recording of recordings) {
        const abort = new AbortController()
        const opened = await withinSeconds(10, source.open(recording, { byte: 0 }, { signal: abort.signal }))
        if (!('body' in opened)) continue
        const reading = collect(opened.body)
        setImmediate(() => abort.abort(reason))
        await assert.rejects(withinSeconds(10, reading), reason)
        return
      }
    },
  },
]

/** A source that does not hear an abort would otherwise hang the test that looks for it. */
async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T> {
  const over = AbortSignal.timeout(seconds * 1000)
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      over.addEventListener('abort', () =>
        reject(new assert.AssertionError({ message: `not over after ${seconds} s` })),
      )
    }),
  ])
}
