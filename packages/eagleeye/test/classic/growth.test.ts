import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryLedger } from '@cam/download-core'
import { expect, it } from 'vitest'
import { recordingId } from '../../src/wire/recording-id.ts'
import { asked, cameraA, clip, day, hour, minute, pair, run, second, today, worldOf } from './pretend.ts'

const window = { start: today - 2 * day, end: today - day }

async function growing() {
  const grows = clip(hour, 2 * minute)
  const both = await pair({ world: worldOf([grows]) })
  const into = await mkdtemp(join(tmpdir(), 'eagleeye-growth-'))
  const options = { into, ledger: memoryLedger(), window, clock: both.clock }
  return {
    ...{ grows, id: recordingId(grows) },
    extend: (ms: number) => both.cloud.extend(cameraA, grows.start, ms),
    async kept(pieceMs = 5 * minute) {
      const before = asked(both.cloud, 'media')
      const { summary, events } = await run({ source: both.again({ pieceMs }), ...options })
      const fresh = events.flatMap((event) => {
        if (event.type !== 'recording-ended' || event.already) return []
        const { outcome, recording } = event
        // What came is what the cloud has of just that time.
        const film = both.cloud.film(cameraA, recording.window!)
        return [`${recording.id} ${outcome.outcome === 'kept' && outcome.sha256 === film?.sha256}`]
      })
      return { fresh: fresh.sort(), already: summary.alreadyKept, requests: asked(both.cloud, 'media') - before }
    },
    async [Symbol.asyncDispose]() {
      await both[Symbol.asyncDispose]()
      await rm(into, { recursive: true, force: true })
    },
  }
}

it('fetches only what has come behind a kept clip, and that once', async () => {
  await using one = await growing()
  const { id, kept, extend } = one
  expect(await kept()).toEqual({ fresh: [`${id} true`], already: 0, requests: 1 })
  extend(40 * second)
  expect(await kept()).toEqual({ fresh: [`${id}+120000 true`], already: 1, requests: 1 })
  expect(await kept()).toEqual({ fresh: [], already: 2, requests: 0 })
  extend(5 * minute)
  expect(await kept()).toEqual({ fresh: [`${id}+160000 true`, `${id}+300000 true`], already: 2, requests: 2 })
  expect(await kept()).toEqual({ fresh: [], already: 4, requests: 0 })
})

it('leaves no hole where pieces become longer, and fetches nothing twice then', async () => {
  await using one = await growing()
  const { id, kept, extend } = one
  extend(10 * minute)
  expect(await kept()).toMatchObject({ fresh: [`${id} true`, `${id}+300000 true`, `${id}+600000 true`] })
  extend(10 * minute)
  expect(await kept(10 * minute)).toEqual({
    fresh: [`${id}+1200000 true`, `${id}+720000 true`],
    already: 3,
    requests: 2,
  })
  expect(await kept(10 * minute)).toMatchObject({ fresh: [], requests: 0 })
})
