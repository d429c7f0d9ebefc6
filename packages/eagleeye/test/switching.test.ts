import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger } from '@cam/download-core'
import { subtract } from '@cam/download-core/source'
import { openLedger } from '@cam/ledger-sqlite'
import { expect, it } from 'vitest'
import { eagleEye } from '../src/index.ts'
import {
  cameraA,
  cameraB,
  clip,
  day,
  hour,
  memoryStore,
  minute,
  pair,
  run,
  second,
  today,
  worldOf,
} from './classic/pretend.ts'
import { logIn, optionsFor as v3OptionsFor } from './v3/pretend-cloud.ts'

const window = { start: today - 2 * day, end: today - day }
const short = clip(hour, 2 * minute)
const long = clip(3 * hour, 17 * minute + 20 * second)
const other = clip(5 * hour, 6 * minute)

/** One account and one archive, read through one interface and then through the other. */
async function switching() {
  const both = await pair({ world: worldOf([short, long], [other]) })
  const { cloud, clock } = both
  const sessions = memoryStore()
  await logIn(cloud, sessions, clock)
  const into = await mkdtemp(join(tmpdir(), 'eagleeye-switching-'))
  const ledger: Ledger = await openLedger(into)
  return {
    cloud,
    async archived(api: 'classic' | 'v3') {
      const source = api === 'classic' ? both.again() : eagleEye(v3OptionsFor(cloud, sessions, clock))
      try {
        const { summary, events } = await run({ source, into, ledger, window, clock })
        const fresh = events.flatMap((event) =>
          event.type === 'recording-ended' && !event.already ? [event.recording.window!] : [],
        )
        expect(summary).toMatchObject({ failed: 0, pending: 0, expired: 0 })
        return {
          kept: summary.kept,
          already: summary.alreadyKept,
          ms: fresh.reduce((ms, { start, end }) => ms + end - start, 0),
        }
      } finally {
        await source[Symbol.asyncDispose]()
      }
    },
    /** Each file is what the cloud has of its time, in the form it was fetched in, and together they hold every moment. */
    async assertWhole() {
      const held = new Map<string, { start: number; end: number }[]>()
      for await (const { key, outcome, file, window: of } of ledger.rows()) {
        expect([key.recordingId, outcome?.outcome]).toEqual([key.recordingId, 'kept'])
        const bytes = await readFile(join(into, ...file!.path.split('/')))
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        const forms = (['flv', 'mp4', 'export'] as const).map((form) => cloud.film(key.cameraId, of!, form)?.sha256)
        expect(forms).toContain(sha256)
        held.set(key.cameraId, [...(held.get(key.cameraId) ?? []), of!])
      }
      for (const { cameraId, start, end } of cloud.truth(window)) {
        expect(subtract([{ start, end }], held.get(cameraId) ?? [])).toEqual([])
      }
    },
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]()
      await both[Symbol.asyncDispose]()
      await rm(into, { recursive: true, force: true })
    },
  }
}

const lengthOf = ({ start, end }: { start: number; end: number }) => end - start
const all = [short, long, other].map(lengthOf).reduce((a, b) => a + b)

it('from the classic interface to v3: only what is missing is fetched, and nothing twice', async () => {
  await using one = await switching()
  expect(await one.archived('classic')).toEqual({ kept: 1 + 4 + 2, already: 0, ms: all })
  // What is behind the first piece is held as other pieces, which have the very names that a rest has.
  expect(await one.archived('v3')).toEqual({ kept: 0, already: 7, ms: 0 })
  one.cloud.extend(cameraA, long.start, 3 * minute)
  one.cloud.extend(cameraB, other.start, 30 * second)
  expect(await one.archived('v3')).toEqual({ kept: 2, already: 7, ms: 3 * minute + 30 * second })
  expect(await one.archived('v3')).toEqual({ kept: 0, already: 9, ms: 0 })
  // And back: v3 fetched the rest in one, over the place where a piece begins.
  expect(await one.archived('classic')).toEqual({ kept: 1, already: 9, ms: 20 * second })
  expect(await one.archived('classic')).toMatchObject({ ms: 0 })
  await one.assertWhole()
})

it('from v3 to the classic interface: nothing is lost; what is behind the first piece of a long clip is fetched twice', async () => {
  await using one = await switching()
  expect(await one.archived('v3')).toEqual({ kept: 3, already: 0, ms: all })
  const behind = lengthOf(long) + lengthOf(other) - 2 * 5 * minute
  expect(await one.archived('classic')).toEqual({ kept: 4, already: 3, ms: behind })
  expect(await one.archived('classic')).toEqual({ kept: 0, already: 7, ms: 0 })
  one.cloud.extend(cameraA, long.start, 3 * minute)
  one.cloud.extend(cameraB, other.start, 30 * second)
  const grown = await one.archived('classic')
  expect(grown.ms).toBe(3 * minute + 30 * second)
  expect(await one.archived('classic')).toMatchObject({ ms: 0 })
  await one.assertWhole()
})
