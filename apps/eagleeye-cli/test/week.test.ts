import { join } from 'node:path'
import { type EagleEyeSimulator, startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { place, spawnEagleEye, windowFlags } from './run.ts'
import {
  expectSums,
  filesOf,
  leftovers,
  minute,
  outcomesIn,
  second,
  seedName,
  sha256,
  type Told,
  week,
} from './world.ts'

/** Where a film may begin and end beside its clip: key pictures are 5 s apart. */
const snapMs = 5 * second

interface Piece {
  readonly cameraId: string
  readonly start: number
  readonly end: number
}

/** What the clips of the truth become: files of five minutes at most through classic, one each through v3. */
function piecesOf(cloud: EagleEyeSimulator, api: 'classic' | 'v3'): Piece[] {
  return cloud.truth(week).flatMap(({ cameraId, start, end }) => {
    if (api === 'v3') return [{ cameraId, start, end }]
    const pieces: Piece[] = []
    for (let from = start; from < end; from += 5 * minute) {
      const piece = { cameraId, start: from, end: Math.min(from + 5 * minute, end) }
      // Of a long clip over the window's edge, the pieces beside the window are not asked for.
      if (piece.start < week.end && piece.end > week.start) pieces.push(piece)
    }
    return pieces
  })
}

const minutesOf = (windows: readonly { readonly start: number; readonly end: number }[]) =>
  windows.reduce((sum, { start, end }) => sum + (end - start), 0) / minute

function coversOf({ covers = [] }: Told) {
  return covers.map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) }))
}

describe.each(['v3', 'classic'] as const)('a week of twenty cameras through %s', (api) => {
  it('is archived whole, each clip once, and asked for once', { timeout: 60_000 }, async () => {
    await using cloud = await startEagleEye({ switches: { world: 'week', api, listNoise: 'duplicates' } })
    const { dest, env, line } = await place(cloud)
    const asked = [...line, ...windowFlags(week), '--json', '--no-progress']
    const first = await spawnEagleEye(asked, env).ended
    expect([first.code, first.stderr]).toEqual([0, ''])
    const pieces = piecesOf(cloud, api)
    const told = outcomesIn(first.json())
    const form = api === 'v3' ? 'mp4' : 'flv'

    // Every clip of the truth, and no other, each with one outcome and the right bytes.
    const key = ({ cameraId, start }: Piece) => `${cameraId} ${start}`
    expect(told.map(key).sort()).toEqual(pieces.map(key).sort())
    for (const piece of pieces) {
      const own = told.find((one) => key(one) === key(piece))!
      expect(own, key(piece)).toMatchObject({ outcome: 'kept', end: piece.end })
      const film = cloud.film(piece.cameraId, piece, form)!
      expect([own.sha256, sha256(join(dest, own.path!))], key(piece)).toEqual([film.sha256, film.sha256])
      for (const { start, end } of coversOf(own)) {
        expect(start, key(piece)).toBeGreaterThanOrEqual(piece.start - snapMs)
        expect(end, key(piece)).toBeLessThanOrEqual(piece.end + snapMs)
      }
    }
    expect(filesOf(dest)).toHaveLength(pieces.length)
    expect(leftovers(dest)).toEqual([])
    const held = minutesOf(told.flatMap(coversOf))
    expect(held).toBeGreaterThanOrEqual(minutesOf(pieces) - 0.01)
    expect(held).toBeLessThanOrEqual(minutesOf(pieces) + (pieces.length * snapMs) / minute)
    expectSums(first.json())

    // The camera with exactly one clip; the one whose clip lies over the window's start; the one with none.
    const perCamera = new Map<string, number>()
    for (const { cameraId } of cloud.truth(week)) perCamera.set(cameraId, (perCamera.get(cameraId) ?? 0) + 1)
    const [single] = [...perCamera].find(([, clips]) => clips === 1)!
    expect(told.filter(({ cameraId }) => cameraId === single)).toHaveLength(1)
    const edge = pieces.find(({ start }) => start < week.start)!
    expect(filesOf(dest).filter((name) => name === seedName(edge, form))).toHaveLength(1)
    expect(cloud.log.ofNode('media')).toHaveLength(pieces.length)

    const again = await spawnEagleEye(asked, env).ended
    expect([again.code, again.json().at(-1)]).toEqual([
      0,
      expect.objectContaining({ kept: 0, alreadyKept: pieces.length, failed: 0, planned: pieces.length }),
    ])
    expect(cloud.log.ofNode('media')).toHaveLength(pieces.length)
    expect(cloud.violations).toEqual([])
  })
})
