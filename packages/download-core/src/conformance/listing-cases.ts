import assert from 'node:assert/strict'
import { isGap } from '../footage/recording.ts'
import { bench, calm, collect, listAll, name, nameOf } from './running.ts'
import type { ConformanceCase } from './target.ts'

/** What a vendor package says should exist. */
export const listingCases: readonly ConformanceCase[] = [
  {
    name: 'it lists exactly what there is',
    async run(target) {
      await using source = target.makeSource()
      const { recordings } = await listAll(source, target.window)
      assert.deepEqual(recordings.map(nameOf).sort(), target.truth().map(name).sort())
    },
  },
  {
    name: 'ids are unique, and the same in every run',
    async run(target) {
      await using source = target.makeSource()
      await using other = target.makeSource()
      const first = await listAll(source, target.window)
      const cameras = first.cameras.map(({ id }) => id)
      assert.equal(new Set(cameras).size, cameras.length, `camera ids repeat: ${cameras}`)
      const names = first.recordings.map(nameOf)
      assert.equal(new Set(names).size, names.length, `recording ids repeat: ${names}`)
      for (const again of [source, other]) {
        const second = await listAll(again, target.window)
        assert.deepEqual(second.cameras.map(({ id }) => id).sort(), [...cameras].sort())
        assert.deepEqual(second.recordings.map(nameOf).sort(), [...names].sort())
      }
    },
  },
  {
    name: 'cameras, recordings and gaps are plain JSON, and belong to their camera',
    async run(target) {
      await using source = target.makeSource()
      for (const camera of await collect(source.cameras(calm()))) {
        assert.deepEqual(JSON.parse(JSON.stringify(camera)), camera)
        for (const item of await collect(source.recordings(camera, target.window, calm()))) {
          assert.deepEqual(JSON.parse(JSON.stringify(item)), item)
          assert.equal(item.cameraId, camera.id)
          if (isGap(item)) assert.ok(item.start < item.end, `a gap from ${item.start} to ${item.end}`)
          else assert.match(item.extension, /^[a-z0-9]+$/)
        }
      }
    },
  },
  {
    name: 'a recording is the same whatever window it is found by (unless its identity is the window)',
    async run(target) {
      await using source = target.makeSource()
      if (source.identity === 'window') return
      const { cameras, recordings } = await listAll(source, target.window)
      const dated = recordings.filter((recording) => recording.window)
      for (const recording of dated.slice(0, 5)) {
        const camera = cameras.find(({ id }) => id === recording.cameraId)!
        const { start, end } = recording.window!
        for (const window of [
          { start, end: Math.max(end, start + 1) },
          { start: start - 60_000, end: end + 60_000 },
        ]) {
          const found = await collect(source.recordings(camera, window, calm()))
          const ids = found.flatMap((item) => (isGap(item) ? [] : nameOf(item)))
          assert.ok(ids.includes(nameOf(recording)), `${nameOf(recording)} is not in ${JSON.stringify(window)}: ${ids}`)
        }
      }
    },
  },
  {
    name: 'a camera whose list fails is a failed row; the others are archived',
    async run(target) {
      const { run, rows, assertWhole } = await bench(target)
      await using source = target.makeSource()
      const cameraId = target.faults.failListing(true)
      const { summary, events, error } = await run(source)
      assert.equal(error, undefined, `a failed list ended the run: ${error}`)
      const failed = (await rows()).filter(({ kind }) => kind === 'listing')
      assert.deepEqual(
        failed.map(({ key }) => key.cameraId),
        [cameraId],
      )
      assert.equal(failed[0]!.outcome?.outcome, 'failed')
      assert.ok(events.some((event) => event.type === 'listing-failed' && event.camera.id === cameraId))
      const others = target.truth().filter((expected) => expected.cameraId !== cameraId).length
      assert.ok((summary?.kept ?? 0) >= others, `${summary?.kept} of ${others} kept`)
      target.faults.failListing(false)
      await using later = target.makeSource()
      await run(later)
      await assertWhole()
    },
  },
]
