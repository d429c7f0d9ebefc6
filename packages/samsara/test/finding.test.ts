import { expect, it } from 'vitest'
import { createClips, wantedOf } from '../src/client/clips.ts'
import { createFinder } from '../src/client/finding.ts'
import { readOptions } from '../src/options.ts'
import { begin, call, minute } from './pretend.ts'

const id = '281474976710712'
const moment = (ms: number) => new Date(begin + ms).toISOString()

/** What is found of the first minute, where these are uploaded. */
async function found(among: readonly (readonly [name: string, from: number, to: number])[], ordered = false) {
  const media = among.map(([name, from, to]) => ({
    ...{ vehicleId: id, input: 'dashcamForwardFacing', mediaType: 'videoHighRes', triggerReason: 'api' },
    ...{ startTime: moment(from), endTime: moment(to), urlInfo: { url: `https://storage/${name}` } },
  }))
  const clips = createClips()
  const api = { get: async () => ({ data: { media }, pagination: { endCursor: '', hasNextPage: false } }) }
  const finder = createFinder(api as never, readOptions({ token: 't' }), clips)
  const window = { start: begin, end: begin + minute }
  const wanted = wantedOf({
    ...{ id: 'highres/2025-04-16T18:30:00Z', cameraId: id, view: 'road', window, windowFrom: 'asked' },
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
