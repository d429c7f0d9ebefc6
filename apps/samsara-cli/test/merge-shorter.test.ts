import { readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mergeFolder } from '../src/merge/merge-folder.ts'
import type { MergeEvent } from '../src/merge/types.ts'
import { archiveOf, clip, ffmpeg, half, minute, put, scratch, shown, visible } from './merging.ts'

const films = 'Truck 12/merged'
const name = (what: string, suffix = '') => `${films}/2025-04-16_13-30-00-0500_${what}${suffix}.mp4`
const three = ['driver', 'road', 'side-by-side']

/** Two angles of some minutes under names of ours, without a ledger. */
async function clips(...minutes: number[]) {
  const root = await scratch()
  const path = (view: string, at: number) => join(root, `Truck 12/2025-04-16/13-${30 + at}-00-0500_${view}.mp4`)
  const add = async (at: number) => {
    for (const view of ['road', 'driver']) await put(path(view, at), clip(view, at * minute))
  }
  for (const at of minutes) await add(at)
  const remove = async (at: number) => {
    for (const view of ['road', 'driver']) await rm(path(view, at))
  }
  return { root, path, add, remove }
}

async function merge(folder: string) {
  const events: MergeEvent[] = []
  const result = await mergeFolder({ folder, ffmpeg: await ffmpeg, onEvent: (event) => events.push(event) })
  const warnings = events.flatMap((event) => (event.type === 'warning' ? event.text : []))
  return { ...result, warnings, paths: result.films.map(({ path }) => path.slice(folder.length + 1)) }
}

const made = async (root: string) => (await visible(root)).filter((path) => path.startsWith(films))
/** From the first to the last second that a film shows. */
const length = async (root: string, path: string) => (await shown(join(root, path))).length / 2
const lengths = (root: string, paths: string[]) => Promise.all(paths.map((path) => length(root, path)))

it('a film of footage whose clips are gone stays, and the shorter one gets another name and says what it lacks', async () => {
  const { root, add, remove } = await clips(0, 1)
  await merge(root)
  await remove(1)
  const shorter = await merge(root)
  const both = three.flatMap((what) => [name(what, ' (2)'), name(what)])
  expect(await made(root)).toEqual(both)
  expect(await lengths(root, both)).toEqual([60, 120, 60, 120, 60, 120])
  expect(shorter.paths).toEqual(['road', 'driver', 'side-by-side'].map((what) => name(what, ' (2)')))
  expect(shorter.warnings).toHaveLength(3)
  expect(shorter.warnings[0]).toContain(`${name('road')} stays as it is`)
  expect(shorter.warnings[0]).toContain('road 2025-04-16T13:31:00-05:00 to 2025-04-16T13:32:00-05:00')
  expect(shorter.warnings[2]).toMatch(/road .* to .*, driver .* to /)
  // Nothing has changed since.
  const again = await merge(root)
  expect([again.films.map(({ how }) => how), again.warnings]).toEqual([['kept', 'kept', 'kept'], []])
  // All that any of the films shows is in the new one: it alone is left.
  await add(1)
  await add(2)
  await merge(root)
  expect(await made(root)).toEqual(three.map((what) => name(what)))
  expect(await length(root, name('road'))).toBe(180)
})

it('a film that is longer, and lacks a minute in its middle, does not take the place of one that has it', async () => {
  const { root, add, remove } = await clips(0, 1, 2)
  await merge(root)
  await remove(1)
  await add(3)
  await merge(root)
  const both = [name('road', ' (2)'), name('road')]
  expect(await lengths(root, both)).toEqual([180, 180])
  const seconds = new Set((await shown(join(root, name('road')))).flat())
  expect(seconds.has('road 90')).toBe(true)
  // A third one has a name of its own where it lacks what either of them has, and takes the place of what it holds.
  await remove(3)
  await merge(root)
  expect((await made(root)).filter((path) => path.includes('_road'))).toEqual([
    name('road', ' (2)'),
    name('road', ' (3)'),
    name('road'),
  ])
})

it('a clip that became damaged costs no film what it had of it', async () => {
  const { root, path } = await clips(0, 1)
  await merge(root)
  await truncate(path('road', 1), 4000)
  const { complete, warnings } = await merge(root)
  expect(complete).toBe(false)
  expect(warnings).toEqual([expect.stringContaining(name('road')), expect.stringContaining(name('side-by-side'))])
  expect(await lengths(root, [name('road'), name('road', ' (2)'), name('driver')])).toEqual([120, 60, 120])
})

it('of an archive, too: for a time that was asked for, whose list says where the rest of it is', async () => {
  const archive = await archiveOf()
  const paths = [await archive.keep('road', 0), await archive.keep('road', 1)]
  const window = { start: half, end: half + 2 * minute }
  await archive.merge({ window })
  await rm(paths[1]!)
  await archive.merge({ window })
  expect(await lengths(archive.root, [name('road'), name('road', ' (2)')])).toEqual([120, 60])
  const list = await readFile(join(archive.root, name('missing').replace('.mp4', '.txt')), 'utf8')
  expect(list).toContain('made when there were more clips: 2025-04-16_13-30-00-0500_road.mp4.')
  // One that somebody took away holds nothing back.
  await rm(join(archive.root, name('road')))
  await archive.keep('road', 0, { durationMs: 50_000 })
  await archive.merge({ window })
  expect((await made(archive.root)).filter((path) => path.endsWith('.mp4'))).toEqual([
    name('road', ' (2)'),
    name('road'),
  ])
})
