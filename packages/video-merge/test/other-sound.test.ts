import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { concat, type Ffmpeg, probe } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { makeClip, scratch, seen, shadesOf } from './media.ts'

const [[, ffmpeg]] = (await ffmpegs()) as [[string, Ffmpeg]]

/** A clip whose sound is set up as no ffmpeg sets it up: packets of 960 samples. */
async function unusual(path: string, shade: number): Promise<string> {
  await makeClip(path, { seconds: 1, shade, tone: 440 })
  const bytes = await readFile(path)
  const descriptor = bytes.indexOf('esds')
  const plain = (await probe(path)).audio!.configuration.slice(0, 4)
  const at = bytes.indexOf(Buffer.from(plain, 'hex'), descriptor)
  bytes[at + 1] = bytes[at + 1]! | 4
  await writeFile(path, bytes)
  expect((await probe(path)).audio).toMatchObject({
    codec: 'aac',
    profile: 2,
    configuration: expect.not.stringContaining(plain),
  })
  return path
}

it('clips without sound stand apart where no silence like the sound of the others can be made; only on demand is that refused', async () => {
  const folder = await scratch()
  const clips = [
    await unusual(join(folder, 'a.mp4'), 50),
    await makeClip(join(folder, 'b.mp4'), { seconds: 1, shade: 150 }),
  ]
  const { outputs, differences } = await concat({ clips, into: join(folder, 'all.mp4'), ffmpeg })
  expect(outputs.map(({ how }) => how)).toEqual(['copied', 'copied'])
  expect(differences).toEqual([expect.stringContaining('silence like it cannot be made (aac)')])
  expect((await Promise.all(outputs.map(({ path }) => seen(path)))).map(shadesOf)).toEqual([[50], [150]])
  const refused = concat({ clips, into: join(folder, 'one.mp4'), ffmpeg, whenDifferent: 'refuse' })
  await expect(refused).rejects.toMatchObject({ code: 'CLIPS_DIFFER' })
  // Whether the sound comes first or last.
  const turned = await concat({ clips: clips.toReversed(), into: join(folder, 'turned.mp4'), ffmpeg })
  expect(turned.outputs).toHaveLength(2)
})
