import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MergeEvent } from '../src/merge/types.ts'
import { archiveOf, ffmpegPath, half, minute, scratch, shown, visible } from './merging.ts'

const minutes = (from: number, to: number) => ({ start: half + from * minute, end: half + to * minute })
const window = minutes(0, 3)
const three = ['analog1', 'driver', 'road', 'side-by-side']
const name = (what: string, start = '13-30') => `Truck 12/merged/2025-04-16_${start}-00-0500_${what}`
const films = (...whats: string[]) => whats.map((what) => `${name(what)}.mp4`)

/** Each picture's second, two pictures a second. */
const seconds = (view: string, from: number, to: number) =>
  Array.from({ length: (to - from) * 2 }, (_, index) => `${view} ${from + Math.floor(index / 2)}`)
const black = (from: number, to: number) => Array.from({ length: (to - from) * 2 }, () => undefined)

/** What was made by a call, and what was not, because it was there. */
const made = (events: readonly MergeEvent[]) =>
  events.flatMap((event) => (event.type === 'merged' ? `${event.film.how} ${event.film.views.join('+')}` : []))

const mergedFiles = async (root: string) => (await visible(root)).filter((path) => path.includes('/merged/'))

/** A minute of two angles. */
async function oneMinute() {
  const archive = await archiveOf()
  for (const view of ['road', 'driver']) await archive.keep(view, 0)
  return archive
}

/** Three angles of three minutes, fetched by several runs, and not in order. */
async function trip() {
  const archive = await archiveOf()
  await archive.keep('road', 2)
  await archive.keep('driver', 1)
  await archive.keep('road', 0)
  await archive.keep('analog1', 1, { lateMs: 5000, durationMs: 50_000 })
  await archive.keep('driver', 2)
  await archive.keep('road', 1)
  await archive.note('driver', 0, { outcome: 'absent', reason: 'not recording at 18:30:00' })
  await archive.note('analog1', 0, {
    ...{ outcome: 'failed', code: 'SERVER', message: 'The vehicle did not deliver it.' },
    ...{ retryable: true, attempts: 3 },
  })
  await archive.note('analog1', 2, { outcome: 'pending', reason: 'The vehicle is offline.' })
  return archive
}

describe('mergeFootage', () => {
  it('silent-loss 26: joins each angle in the order of time, whatever was fetched when, and puts them beside each other on the clock; names what is missing', async () => {
    const archive = await trip()
    const result = await archive.merge({ window })
    expect(result).toMatchObject({ complete: true, failures: [], unusable: [] })
    expect(await mergedFiles(archive.root)).toEqual([
      ...films('analog1', 'driver'),
      `${name('missing')}.txt`,
      ...films('road', 'side-by-side'),
    ])
    const film = (what: string) => join(archive.root, `${name(what)}.mp4`)
    expect((await shown(film('road'))).flat()).toEqual(seconds('road', 0, 180))
    expect((await shown(film('driver'))).flat()).toEqual(seconds('driver', 60, 180))
    const all = await shown(film('side-by-side'), 3)
    expect(all.map(([road]) => road)).toEqual(seconds('road', 0, 180))
    expect(all.map(([, driver]) => driver)).toEqual([...black(0, 60), ...seconds('driver', 60, 180)])
    expect(all.map(([, , analog]) => analog)).toEqual([
      ...black(0, 65),
      ...seconds('analog1', 65, 115),
      ...black(115, 180),
    ])
    const told = result.missing.map(({ view, start, end, because }) => [
      view,
      (start - half) / 1000,
      (end - half) / 1000,
      because,
    ])
    expect(told).toEqual([
      ['driver', 0, 60, 'absent'],
      ['analog1', 0, 60, 'failed'],
      ['analog1', 60, 65, 'short'],
      ['analog1', 115, 120, 'short'],
      ['analog1', 120, 180, 'pending'],
    ])
    const list = await readFile(join(archive.root, `${name('missing')}.txt`), 'utf8')
    expect(list.split('\n')).toContain(
      'driver   2025-04-16T13:30:00-05:00 to 2025-04-16T13:31:00-05:00  absent: not recording at 18:30:00',
    )
    expect(list).toContain('failed: The vehicle did not deliver it.')
  })

  it('does nothing twice, and needs no ffmpeg to know that', async () => {
    const archive = await trip()
    await archive.merge({ window })
    const before = new Map(
      (await mergedFiles(archive.root)).map((path) => [path, statSync(join(archive.root, path)).mtimeMs]),
    )
    const again = await archive.merge({ window, ffmpeg: join(archive.root, 'no such program') })
    expect(made(again.events)).toEqual(['kept road', 'kept driver', 'kept analog1', 'kept road+driver+analog1'])
    expect(again.complete).toBe(true)
    expect(again.missing).toHaveLength(5)
    for (const [path, at] of before) expect(statSync(join(archive.root, path)).mtimeMs, path).toBe(at)
    expect(await mergedFiles(archive.root)).toEqual([...before.keys()])
  })

  it('silent-loss 26: takes in what earlier runs fetched, and makes anew only what one more angle or minute changes', async () => {
    const archive = await archiveOf()
    for (const at of [0, 1]) for (const view of ['road', 'driver']) await archive.keep(view, at)
    const window = minutes(0, 2)
    expect(made((await archive.merge({ window })).events)).toEqual([
      'copied road',
      'copied driver',
      'encoded road+driver',
    ])
    await archive.keep('analog1', 0)
    const oneMore = await archive.merge({ window })
    expect(made(oneMore.events)).toEqual(['kept road', 'kept driver', 'copied analog1', 'encoded road+driver+analog1'])
    expect(await mergedFiles(archive.root)).toContain(`${name('missing')}.txt`)
    await archive.keep('analog1', 1)
    // As `retry` calls it: what was asked for before is what it is about.
    const late = await archive.merge()
    expect(made(late.events)).toEqual(['kept road', 'kept driver', 'copied analog1', 'encoded road+driver+analog1'])
    expect((await shown(join(archive.root, `${name('analog1')}.mp4`))).flat()).toEqual(seconds('analog1', 0, 120))
    expect(await mergedFiles(archive.root)).toEqual(films(...three))
  })

  it('encodes only the minute that came later: the others are taken out of the film that was there', async () => {
    const archive = await archiveOf()
    for (const [view, at] of [...[0, 1, 2].map((at) => ['road', at] as const), ['driver', 0], ['driver', 2]] as const)
      await archive.keep(view, at)
    const encoded = (events: readonly MergeEvent[]) =>
      new Set(events.flatMap((one) => (one.type === 'progress' && one.path.includes('side') ? [one.totalMs] : [])))
    expect(encoded((await archive.merge({ window })).events)).toEqual(new Set([180_000]))
    await archive.keep('driver', 1)
    const { events } = await archive.merge({ window })
    expect(made(events)).toEqual(['kept road', 'copied driver', 'encoded road+driver'])
    expect(encoded(events)).toEqual(new Set([60_000]))
    const both = seconds('road', 0, 180).map((road) => [road, road.replace('road', 'driver')])
    expect(await shown(join(archive.root, `${name('side-by-side')}.mp4`), 2)).toEqual(both)
    // A film that somebody touched is not trusted; nor is one minute more enough to encode what is there.
    await archive.keep('road', 3)
    expect(encoded((await archive.merge({ window: minutes(0, 4) })).events)).toEqual(new Set([60_000]))
    await writeFile(join(archive.root, `${name('side-by-side')}.mp4`), 'cut by hand')
    await archive.keep('driver', 3)
    expect(encoded((await archive.merge({ window: minutes(0, 4) })).events)).toEqual(new Set([240_000]))
  })

  it('names minutes in a row that are missing for one reason once, whatever their requests were called', async () => {
    const archive = await archiveOf()
    await archive.keep('road', 0)
    for (const [at, request] of [
      [1, '78dde6c4'],
      [2, 'b54cda26'],
    ] as const)
      await archive.note('road', at, {
        outcome: 'expired',
        reason: `No longer stored at 18:3${at}. (request ${request})`,
      })
    await archive.note('road', 3, { outcome: 'expired', reason: 'Nobody knows.' })
    const { missing } = await archive.merge({ window: minutes(0, 4) })
    expect(missing.map(({ start, end }) => [(start - half) / minute, (end - half) / minute])).toEqual([
      [1, 3],
      [3, 4],
    ])
  })

  it('never takes the place of a file that is not its own, nor of a film that somebody has changed', async () => {
    const archive = await archiveOf()
    for (const at of [0, 1]) await archive.keep('road', at)
    const path = join(archive.root, `${name('road')}.mp4`)
    const other = `${name('road')} (2).mp4`
    await archive.merge({ window: minutes(0, 1) })
    await writeFile(path, 'cut by hand')
    const longer = await archive.merge({ window: minutes(0, 2) })
    expect(longer.events.filter(({ type }) => type === 'warning')).toHaveLength(1)
    expect(readFileSync(path, 'utf8')).toBe('cut by hand')
    expect(await mergedFiles(archive.root)).toEqual([other, `${name('road')}.mp4`])
    expect((await shown(join(archive.root, other))).flat()).toEqual(seconds('road', 0, 120))
    expect(made((await archive.merge({ window: minutes(0, 2) })).events)).toEqual(['kept road'])
  })

  it('lets a longer film take the place of a shorter one from the same moment, and never the other way round', async () => {
    const archive = await archiveOf()
    for (const at of [0, 1]) await archive.keep('road', at)
    await archive.merge({ window: minutes(0, 1) })
    await archive.merge({ window: minutes(0, 2) })
    expect(await mergedFiles(archive.root)).toEqual(films('road'))
    await archive.merge({ window: minutes(0, 1) })
    expect(await mergedFiles(archive.root)).toEqual([`${name('road')} (2).mp4`, ...films('road')])
    expect((await shown(join(archive.root, `${name('road')}.mp4`))).flat()).toEqual(seconds('road', 0, 120))
  })

  it('leaves out a clip that cannot be read, or is no longer what was kept, says so, and touches none', async () => {
    const archive = await archiveOf()
    const clips = [await archive.keep('road', 0), await archive.keep('road', 1), await archive.keep('road', 2)]
    await truncate(clips[0]!, 4000)
    await rm(clips[2]!)
    const sums = () => clips.slice(0, 2).map((path) => createHash('sha256').update(readFileSync(path)).digest('hex'))
    const before = sums()
    const { complete, unusable, missing } = await archive.merge({ window })
    expect(complete).toBe(false)
    expect(unusable.map(({ path }) => path)).toEqual([clips[0], clips[2]])
    expect(missing.map(({ start, because }) => [(start - half) / minute, because])).toEqual([
      [0, 'unreadable'],
      [2, 'unreadable'],
    ])
    expect((await shown(join(archive.root, `${name('road')}.mp4`))).flat()).toEqual(seconds('road', 60, 120))
    expect(sums()).toEqual(before)
  })

  it('makes several films where clips differ, one where encoding is allowed, and leaves nothing stale', async () => {
    const archive = await archiveOf()
    await archive.keep('road', 0)
    await archive.keep('road', 1, { width: 320, height: 180 })
    const window = minutes(0, 2)
    const apart = await archive.merge({ window })
    const parts = films('road_part1', 'road_part2')
    expect(await mergedFiles(archive.root)).toEqual(parts)
    expect(apart.events).toContainEqual({ type: 'info', text: expect.stringContaining('320×180 after 256×144') })
    expect((await shown(join(archive.root, parts[1]!))).flat()).toEqual(seconds('road', 60, 120))
    await archive.merge({ window, reEncode: true })
    expect(await mergedFiles(archive.root)).toEqual(films('road'))
    expect((await shown(join(archive.root, `${name('road')}.mp4`))).flat()).toEqual(seconds('road', 0, 120))
  })

  it('without ffmpeg says so, leaves all clips as they are, and is done when there is one', async () => {
    const archive = await oneMinute()
    const clips = await visible(archive.root)
    const without = await archive.merge({ window: minutes(0, 1), ffmpeg: join(archive.root, 'none') })
    expect(without.complete).toBe(false)
    expect(without.failures.map(({ error }) => (error as { code?: string }).code)).toEqual(Array(3).fill('NO_FFMPEG'))
    expect((await visible(archive.root)).filter((path) => path.endsWith('.mp4'))).toEqual(clips)
    expect((await archive.merge({ window: minutes(0, 1) })).complete).toBe(true)
  })

  it('on a full disk stops, leaves no half film, and goes on when there is room', async () => {
    const archive = await oneMinute()
    const clips = await visible(archive.root)
    const full = join(await scratch(), 'ffmpeg')
    const script = `#!/bin/sh\ncase "$*" in *-version*|*-encoders*|*-filters*|*"-h long"*) exec "${ffmpegPath}" "$@";; esac\n`
    await writeFile(full, `${script}echo 'av_interleaved_write_frame(): No space left on device' >&2\nexit 1\n`, {
      mode: 0o755,
    })
    const { complete, failures } = await archive.merge({ window: minutes(0, 1), ffmpeg: full })
    expect(complete).toBe(false)
    expect(new Set(failures.map(({ error }) => (error as { code?: string }).code))).toEqual(new Set(['DISK_FULL']))
    expect(await visible(archive.root)).toEqual(clips)
    expect((await archive.merge({ window: minutes(0, 1) })).complete).toBe(true)
    expect((await mergedFiles(archive.root)).filter((path) => path.endsWith('.mp4'))).toEqual(
      films('driver', 'road', 'side-by-side'),
    )
  })

  it('ended in its middle leaves finished pieces and no half film; the next call goes on from there', async () => {
    const archive = await trip()
    const ending = new AbortController()
    const isComposite = (event: MergeEvent) => event.type === 'progress' && event.path.endsWith('side-by-side.mp4')
    const onEvent = (event: MergeEvent) => {
      if (isComposite(event) && event.type === 'progress' && event.doneMs > 60_000) ending.abort(new Error('Ctrl-C'))
    }
    await expect(archive.merge({ window, signal: ending.signal, onEvent })).rejects.toThrow('Ctrl-C')
    expect(await mergedFiles(archive.root)).toEqual(films('analog1', 'driver', 'road'))
    const { events, complete } = await archive.merge({ window })
    expect(complete).toBe(true)
    expect(made(events)).toEqual(['kept road', 'kept driver', 'kept analog1', 'encoded road+driver+analog1'])
    const left = events.find(isComposite) as { readonly totalMs: number } | undefined
    expect(left?.totalMs).toBeLessThan(180_000)
    expect(await shown(join(archive.root, `${name('side-by-side')}.mp4`), 3)).toHaveLength(360)
  })

  it('knows its own films after a crash at any moment of publishing', async () => {
    const archive = await archiveOf()
    await archive.keep('road', 0)
    await archive.merge({ window: minutes(0, 1) })
    const journal = join(archive.root, 'Truck 12/merged/.merging/journal.json')
    const film = join(archive.root, `${name('road')}.mp4`)
    const { entries } = JSON.parse(await readFile(journal, 'utf8'))
    const { files } = entries[0]
    const crashed = { ...entries[0], key: '', files: [], next: files }
    for (const there of [true, false]) {
      await writeFile(journal, JSON.stringify({ v: 1, entries: [crashed] }))
      if (!there) await rename(film, `${film}.gone`).then(() => rm(`${film}.gone`))
      expect(made((await archive.merge({ window: minutes(0, 1) })).events)).toEqual(['copied road'])
      expect(await mergedFiles(archive.root)).toEqual(films('road'))
    }
  })

  it('lets two calls at once make each film once', async () => {
    const archive = await trip()
    const both = await Promise.all([archive.merge({ window }), archive.merge({ window })])
    const all = both.flatMap(({ events }) => made(events)).sort()
    expect(all.filter((line) => line.startsWith('kept'))).toHaveLength(4)
    expect(both.map(({ complete }) => complete)).toEqual([true, true])
    expect((await mergedFiles(archive.root)).filter((path) => path.endsWith('.mp4'))).toEqual(films(...three))
  })

  it('shows an angle that was asked for in black, and leaves out one that never was there unless it was asked for', async () => {
    const archive = await oneMinute()
    await archive.note('analog1', 0, { outcome: 'absent', reason: 'There is no such camera.' })
    const window = minutes(0, 1)
    expect(made((await archive.merge({ window })).events)).toContain('encoded road+driver')
    const asked = await archive.merge({ window, views: ['analog1', 'road', 'driver'] })
    expect(made(asked.events)).toEqual(['kept road', 'kept driver', 'encoded analog1+road+driver'])
    const [first] = await shown(join(archive.root, `${name('side-by-side')}.mp4`), 3)
    expect(first).toEqual([undefined, 'road 0', 'driver 0'])
  })

  it('makes a film of each trip where nothing was asked for, and calls films as the seed does', async () => {
    const archive = await archiveOf()
    for (const at of [0, 1, 20]) await archive.keep('road', at)
    await archive.note('road', 10, { outcome: 'lost', reason: 'The file is gone.' })
    const { missing } = await archive.merge({ splitMs: 5 * minute, seedNames: true })
    const seed = (what: string, at: string) => `Videos/Road_Merged_Truck 12_2025-04-16T13_${at}_00-05_00${what}`
    expect((await visible(archive.root)).filter((path) => path.startsWith('Videos'))).toEqual([
      seed('.mp4', '30'),
      seed('.mp4', '50'),
    ])
    expect(missing.map(({ start, because }) => [(start - half) / minute, because])).toEqual([[10, 'lost']])
  })

  it('keeps two vehicles of one name apart', async () => {
    const one = await archiveOf()
    const other = await archiveOf({ id: '713', name: 'Truck 12' }, { into: one })
    await one.keep('road', 0)
    await other.keep('road', 0)
    await one.merge()
    const path = (vehicle: string, at: string) => `${vehicle}/merged/2025-04-16_13-${at}-00-0500_road.mp4`
    expect(await mergedFiles(one.root)).toEqual([path('Truck 12 (712)', '30'), path('Truck 12 (713)', '30')])
    expect(made((await one.merge({ cameras: ['713'], window: minutes(0, 1) })).events)).toEqual(['kept road'])
  })

  it('joins what runs faster than life, and does not set it beside a clock; pictures are no film', async () => {
    const fast = await archiveOf(undefined, { media: 'hyperlapse' })
    for (const view of ['road', 'driver'])
      for (const at of [1, 0]) await fast.keep(view, at, { durationMs: 6000, speed: 10 })
    expect(made((await fast.merge({ window: minutes(0, 2) })).events)).toEqual(['copied road', 'copied driver'])
    const film = join(fast.root, `${name('hyperlapse_road')}.mp4`)
    expect([...new Set((await shown(film)).flat())]).toHaveLength(24)
    const stills = await archiveOf(undefined, { media: 'image' })
    await stills.keep('road', 0)
    expect((await stills.merge()).films).toEqual([])
  })
})
