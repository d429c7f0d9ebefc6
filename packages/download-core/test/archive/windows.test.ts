import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource } from '../../src/footage/source.ts'
import type { TimeWindow } from '../../src/footage/time-window.ts'
import { filmOf, minute, noon, type Toy, toy } from './fixture.ts'

/** A source that cuts its pieces from what it is asked for, at most ten minutes long. */
function cutting({ server, source }: Toy, asked: TimeWindow[], views: readonly string[] = ['']): FootageSource {
  const real = source()
  return source({
    identity: 'window',
    change: {
      async *recordings(camera, window) {
        asked.push(window!)
        for (let start = window!.start; start < window!.end; start += 10 * minute) {
          const piece = { start, end: Math.min(start + 10 * minute, window!.end) }
          for (const view of views) {
            const id = `${new Date(piece.start).toISOString()}/${new Date(piece.end).toISOString()} ${view}`
            const recording: Recording = {
              id,
              cameraId: camera.id,
              ...(view ? { view } : {}),
              window: piece,
              windowFrom: 'asked',
              extension: 'mp4',
              resume: 'never',
            }
            if (!server.clips.some((clip) => clip.recording.id === id))
              server.clips.push({ recording, bytes: filmOf(piece, id) })
            yield recording
          }
        }
      },
      open: (...args) => real.open(...args),
    },
  })
}

const hours = (from: number, to: number) => ({ start: noon + from * 60 * minute, end: noon + to * 60 * minute })

it('only what the ledger does not hold is asked for', async () => {
  const one = await toy()
  const asked: TimeWindow[] = []
  const source = cutting(one, asked)
  expect((await one.run({ source, window: hours(0, 1) })).summary).toMatchObject({ planned: 6, kept: 6 })
  const second = await one.run({ source, window: hours(-1, 2) })
  expect(asked).toEqual([hours(0, 1), hours(-1, 0), hours(1, 2)])
  expect(second.summary).toMatchObject({ planned: 18, alreadyKept: 6, kept: 12 })
  expect((await one.run({ source, window: hours(-1, 2) })).summary).toMatchObject({ planned: 18, alreadyKept: 18 })
  expect(asked).toHaveLength(3)
})

it('a piece that failed or is lost keeps its identity, and is fetched again as it was', async () => {
  const one = await toy()
  const asked: TimeWindow[] = []
  const source = cutting(one, asked)
  await one.run({ source, window: hours(0, 1) })
  const rows = await one.rows()
  await rm(join(one.into, rows[2]!.file!.path))
  const again = await one.run({ source, window: { start: noon + 5 * minute, end: noon + 65 * minute } })
  expect(again.summary).toMatchObject({ planned: 7, alreadyKept: 5, kept: 2 })
  expect(asked.at(-1)).toEqual({ start: noon + 60 * minute, end: noon + 65 * minute })
  expect(await one.rows()).toHaveLength(7)
})

it('what one view lacks is asked for', async () => {
  const one = await toy()
  one.server.cameras[0] = { ...one.server.cameras[0]!, views: ['road', 'cabin'] }
  const asked: TimeWindow[] = []
  await one.run({ source: cutting(one, asked, ['road']), window: hours(0, 1) })
  const both = await one.run({ source: cutting(one, asked, ['road', 'cabin']), window: hours(0, 1) })
  expect(asked).toEqual([hours(0, 1), hours(0, 1)])
  expect(both.summary).toMatchObject({ planned: 12, alreadyKept: 6, kept: 6 })
})
