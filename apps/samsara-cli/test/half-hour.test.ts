import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { probe } from '@cam/video-merge'
import { expect, it } from 'vitest'
import { ffmpegPath, minute, shown } from './merging.ts'
import { begin, filesOf, ordered, outcomes, place, run } from './run.ts'

const during = (from: number, to: number) => ({ start: begin + from * minute, end: begin + to * minute })
const small = { fps: 2, width: 256, height: 144 }

/** Half an hour of three cameras, of which minute 11 was not recorded, and the driver's minute 17 never comes. */
const world = {
  ...{ orgId: '4001234', orgName: 'Example Freight', window: during(0, 30) },
  vehicles: [
    {
      // It goes on recording: a minute too many would be there.
      ...{ id: '281474976710713', name: 'Truck 13', recorded: [during(0, 11), during(12, 60)] },
      cameras: [
        { input: 'dashcamRoadFacing', ...small, ballast: 300_000 },
        { input: 'dashcamDriverFacing', ...small, clips: [{ start: begin + 17 * minute, ends: 'failed' }] },
        { input: 'analog1', ...small },
      ],
    },
  ],
} as const
/** Every request fails once or twice, with 429, 500 or 503; each film that is large breaks off, and its URL has expired by then. */
const faults = {
  ...({ postFailN: 1, postFailStatus: '429', pollFailN: 2, failStatus: '503', listFailN: 1 } as const),
  ...({ mediaFailN: 1, mediaFailStatus: '500' } as const),
  ...({ emptyPolls: 1, pollSpread: 4, truncateAt: 290_000, truncate: 'destroy', faultTimes: 1, urlUses: 2 } as const),
} as const
// Within the minute, as somebody reads it off a tachograph.
const asked = ['--vehicle', 'truck 13', '--start', '04/16/2025 01:30:40 PM', '--duration', '30', '--no-progress']
const film = (what: string) => `Truck 13/merged/2025-04-16_13-30-00-0500_${what}`

it('half an hour of three cameras: 30 orders for 30 minutes, each once, and every minute in its place in the films', async () => {
  const { cloud, dest, env, line } = await place(faults, { world })
  const args = [...line.filter((word) => word !== '--no-merge'), ...asked, '--json', '--ffmpeg', ffmpegPath]
  const { code, json, stderr } = await run(args, env)
  expect([code, stderr]).toEqual([1, ''])
  const events = json()
  expect(events.at(-1)).toMatchObject({ planned: 90, kept: 86, absent: 3, failed: 1, pending: 0 })
  const missing = (await outcomes(dest)).filter((row) => !row.endsWith('kept'))
  expect(missing).toEqual(['analog1 18:41 absent', 'driver 18:41 absent', 'driver 18:47 failed', 'road 18:41 absent'])

  // Asked for were 30 minutes: 29 were accepted and one was refused, as it was not recorded; each was put off once before.
  const posts = cloud.log.entries.filter(({ node }) => node === 'order').map(({ status }) => status)
  const count = (status: number) => posts.filter((one) => one === status).length
  expect([posts.length, count(429), count(200), count(400)]).toEqual([60, 30, 29, 1])
  const minutes = Array.from({ length: 30 }, (_, at) => new Date(begin + at * minute).toISOString().slice(11, 16))
  const recorded = minutes.filter((at) => at !== '18:41').map((at) => `${at} road+driver+analog1`)
  expect(ordered(cloud).sort()).toEqual(recorded)
  expect(cloud.counters()).toMatchObject({ orders: 29, duplicates: 0, avoidable: 0, pollsAfterEnd: 0 })
  expect(cloud.violations).toEqual([])

  // They did not come in order; the road's broke off when their URLs had expired, and went on from there by others.
  const media = cloud.log.entries.filter(({ node }) => node === 'media')
  const pathOf = ({ target }: { readonly target: string }) => target.split('?')[0]!
  const paths = [...new Set(media.map(pathOf))]
  expect(paths).not.toEqual([...paths].sort())
  for (const path of paths)
    expect(media.filter((one) => pathOf(one) === path).map(({ status }) => status)).toEqual([
      500,
      200,
      ...(path.includes('camera-0') ? [403, 206] : []),
    ])
  for (const { angle, start, film } of cloud.truth({ vehicle: 'Truck 13' })) {
    if (!film) continue
    const at = new Date(start - 5 * 3_600_000).toISOString().slice(11, 16).replace(':', '-')
    const bytes = readFileSync(join(dest, 'Truck 13', '2025-04-16', `${at}-00-0500_${angle}.mp4`))
    expect([angle, at, createHash('sha256').update(bytes).digest('hex')]).toEqual([angle, at, film.sha256])
  }

  await expectFilms(dest)
  expect(
    events.flatMap(({ type, view, start, end }) => (type === 'merge-missing' ? [[view, start, end]] : [])),
  ).toEqual(
    ['road 41', 'driver 41', 'driver 47', 'analog1 41'].map((one) => {
      const [view, at] = one.split(' ')
      return [view, `2025-04-16T18:${at}:00.000Z`, `2025-04-16T18:${Number(at) + 1}:00.000Z`]
    }),
  )

  const requests = cloud.log.entries.length
  const again = await run(args, env)
  expect(again.json().at(-1)).toMatchObject({ planned: 90, alreadyKept: 86, kept: 0, absent: 3, failed: 1 })
  expect(again.json().flatMap(({ type, how }) => (type === 'merged' ? [how] : []))).toEqual(Array(4).fill('kept'))
  expect(cloud.counters()).toMatchObject({ orders: 29, pollsAfterEnd: 0 })
  expect(cloud.log.entries.slice(requests).filter(({ node }) => node === 'order' || node === 'media')).toEqual([])
  // 30 minutes are encoded by the ffmpeg of 2018 and 7,000 pictures decoded, on whatever machine.
}, 180_000)

/** Every picture of every film is decoded. */
async function expectFilms(dest: string): Promise<void> {
  expect(filesOf(dest).filter((path) => path.includes('/merged/') && !path.includes('/.'))).toEqual([
    ...[`${film('analog1')}.mp4`, `${film('driver')}.mp4`, `${film('missing')}.txt`],
    ...[`${film('road')}.mp4`, `${film('side-by-side')}.mp4`],
  ])
  const seconds = Array.from({ length: 30 * 60 * 2 }, (_, index) => Math.floor(index / 2))
  const isThere = (view: string, second: number) => {
    const at = Math.floor(second / 60)
    return at !== 11 && !(view === 'driver' && at === 17)
  }
  const views = ['road', 'driver', 'analog1']
  for (const view of views) {
    const pictures = (await shown(join(dest, `${film(view)}.mp4`))).flat()
    const own = seconds.filter((second) => isThere(view, second)).map((second) => `${view} ${second}`)
    expect(differences(pictures, own), view).toEqual([])
  }
  const composite = join(dest, `${film('side-by-side')}.mp4`)
  const { video } = await probe(composite)
  expect([video?.startMs, video?.endMs]).toEqual([0, 1_800_000])
  const whole = await shown(composite, 3)
  for (const [place, view] of views.entries()) {
    const own = seconds.map((second) => (isThere(view, second) ? `${view} ${second}` : undefined))
    expect(
      differences(
        whole.map((pictures) => pictures[place]),
        own,
      ),
      view,
    ).toEqual([])
  }
  const list = await readFile(join(dest, `${film('missing')}.txt`), 'utf8')
  const said = list
    .split('\n')
    .flatMap(
      (line) =>
        /^(\w+) +.*T(13:\d\d):00-05:00 to .*T(13:\d\d):00-05:00 {2}(\w+): ./.exec(line)?.slice(1).join(' ') ?? [],
    )
  expect(said).toEqual([
    ...[
      'road 13:41 13:42 absent',
      'driver 13:41 13:42 absent',
      'driver 13:47 13:48 failed',
      'analog1 13:41 13:42 absent',
    ],
  ])
}

/** The first few places where the pictures are not those that were expected. */
function differences(pictures: readonly unknown[], expected: readonly unknown[]): string[] {
  const places = Array.from({ length: Math.max(pictures.length, expected.length) }, (_, index) => index)
  const wrong = places.filter((index) => pictures[index] !== expected[index])
  return wrong.slice(0, 5).map((index) => `picture ${index}: ${pictures[index]} in place of ${expected[index]}`)
}
