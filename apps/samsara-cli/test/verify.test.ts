import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ffmpegPath } from './merging.ts'
import { halfPastOne, place, runHere } from './run.ts'

it.each([[[]], [['--layout', 'seed']]])(
  'films and logs of its own belong to the archive, and nothing else does: %j',
  async (layout) => {
    const { dest, env, line } = await place()
    const asked = ['--vehicle', 'Truck 12', ...halfPastOne, '--duration', '1', '--views', 'road,analog1', ...layout]
    const withFilms = line.filter((word) => word !== '--no-merge')
    expect((await runHere([...withFilms, ...asked, '--ffmpeg', ffmpegPath], env)).code).toBe(0)
    const untracked = async () => {
      const { json } = await runHere(['verify', '--dest', dest, '--json'], env)
      const paths = json().flatMap((event) => (event.type === 'untracked' ? event.path : []))
      return [paths, json().at(-1)]
    }
    expect(await untracked()).toEqual([[], expect.objectContaining({ intact: 2, untracked: 0 })])
    await writeFile(join(dest, 'party_road.mp4'), 'not ours')
    expect(await untracked()).toEqual([['party_road.mp4'], expect.objectContaining({ untracked: 1 })])
  },
)
