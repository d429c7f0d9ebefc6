import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@cam/ledger-sqlite'
import type { EagleEyeTruth } from '@cam/simulators/eagleeye'
import { expect, it } from 'vitest'
import { recordingId } from '../../src/wire/recording-id.ts'
import { asked, hurriedClock, minute, pair, run } from './pretend.ts'

const pieceMs = 5 * minute

it('archives a week of twenty cameras, each clip once, and asks for no film again', async () => {
  const end = Date.UTC(2026, 1, 9)
  await using both = await pair({ switches: { world: 'week', listNoise: 'stale' } }, {}, hurriedClock(end + 2 * minute))
  const { cloud, source, clock } = both
  const folder = await mkdtemp(join(tmpdir(), 'eagleeye-week-'))
  try {
    await using ledger = await openLedger(folder)
    const window = { start: end - 7 * 86_400_000, end }
    const options = { into: folder, ledger, window, clock, transfers: 4 }
    const first = await run({ source, ...options })
    const wanted = new Map(cloud.truth(window).flatMap((truth) => piecesOf(truth, window)))
    expect(new Set(first.outcomes.keys())).toEqual(new Set(wanted.keys()))
    const now = clock.now()
    for (const [key, piece] of wanted) {
      const outcome = first.outcomes.get(key)
      expect([key, outcome?.outcome]).toEqual([key, piece.end > now - pieceMs ? 'pending' : 'kept'])
      if (outcome?.outcome !== 'kept') continue
      const film = cloud.film(key.slice(0, 8), piece)!
      const bytes = await readFile(join(folder, ...outcome.path.split('/')))
      expect([key, createHash('sha256').update(bytes).digest('hex')]).toEqual([key, film.sha256])
    }
    expect(first.summary.kept).toBeGreaterThan(200)
    const films = asked(cloud, 'media')
    const again = await run({ source: both.again(), ...options })
    expect(asked(cloud, 'media')).toBe(films)
    expect([again.summary.alreadyKept, again.summary.kept]).toEqual([first.summary.kept, 0])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

function piecesOf({ cameraId, start, end }: EagleEyeTruth, window: { start: number; end: number }) {
  const pieces: [string, { start: number; end: number }][] = []
  for (let from = start; from < end; from += pieceMs) {
    const until = Math.min(from + pieceMs, end)
    const id = recordingId({ start, ...(from > start && { offsetMs: from - start }) })
    if (from < window.end && until > window.start) pieces.push([`${cameraId} ${id}`, { start: from, end: until }])
  }
  return pieces
}
