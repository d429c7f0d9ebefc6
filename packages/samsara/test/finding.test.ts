import { expect, it } from 'vitest'
import { createClips, wantedOf } from '../src/client/clips.ts'
import { createFinder } from '../src/client/finding.ts'
import { readOptions } from '../src/options.ts'
import { kindOf } from '../src/wire/piece.ts'
import { begin, call, minute } from './pretend.ts'

const id = '281474976710712'
const moment = (ms: number) => new Date(begin + ms).toISOString()

const first = { id: 'highres/2025-04-16T18:30:00Z', media: 'highres', minutes: 1 } as const

/** What is found of a piece, where these are uploaded. */
async function found(
  among: readonly (readonly [name: string, from: number, to: number])[],
  ordered = false,
  piece: { readonly id: string; readonly media: 'highres' | 'lowres'; readonly minutes: number } = first,
) {
  const media = among.map(([name, from, to]) => ({
    ...{ vehicleId: id, input: 'dashcamForwardFacing', mediaType: kindOf(piece.media).wire, triggerReason: 'api' },
    ...{ startTime: moment(from), endTime: moment(to), urlInfo: { url: `https://storage/${name}` } },
  }))
  const clips = createClips()
  const api = { get: async () => ({ data: { media }, pagination: { endCursor: '', hasNextPage: false } }) }
  const finder = createFinder(
    api as never,
    readOptions({ token: 't', media: piece.media, pieceMinutes: piece.minutes }),
    clips,
  )
  const wanted = wantedOf({
    ...{ id: piece.id, cameraId: id, view: 'road', windowFrom: 'asked' },
    ...{ extension: 'mp4', resume: 'validated' },
  })
  await (ordered ? finder.lookForOrdered([wanted], call.signal) : finder.look(id, [wanted], call.signal))
  return clips.get(wanted)?.url.href.slice('https://storage/'.length)
}

it('of several films that are uploaded, the one that covers the most is taken, and of those the one with the least besides', async () => {
  const late = ['late', 1500, 56_000] as const
  const whole = ['whole', 0, minute] as const
  const wide = ['wide', -4000, minute + 4000] as const
  for (const order of [
    [late, whole, wide],
    [wide, late, whole],
  ])
    expect(await found(order)).toBe('whole')
  expect(await found([late])).toBe('late')
})

it('a part of a minute stands for an order of unknown fate only, and only where nothing covers more', async () => {
  const part = ['part', 20_000, 45_000] as const
  expect(await found([part])).toBeUndefined()
  expect(await found([part], true)).toBe('part')
  expect(await found([part, ['whole', 0, minute]], true)).toBe('whole')
})

it('what an order of unknown fate brought may begin long after a long piece does, and belongs to one piece alone', async () => {
  const ten = { id: 'lowres/2025-04-16T18:30:00Z+10m', media: 'lowres', minutes: 10 } as const
  expect(await found([['late', 3 * minute, 8 * minute]], true, ten)).toBe('late')
  const across = [['across', 30_000, 90_000]] as const
  expect(await found(across, true)).toBeUndefined()
  expect(await found(across, true, { ...first, id: 'highres/2025-04-16T18:31:00Z' })).toBe('across')
})
