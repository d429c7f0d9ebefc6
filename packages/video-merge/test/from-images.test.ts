import { readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jpeg } from '@cam/simulators/media'
import { describe, expect, it } from 'vitest'
import { fromImages, probe } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { ffmpegTool, scratch, seen, shadesOf } from './media.ts'

/** Grey pictures, named so that only the order given is the right one. */
async function pictures(folder: string, shades: readonly number[], extension = 'jpg', size = '64x48') {
  return Promise.all(
    shades.map(async (shade, index) => {
      const path = join(folder, `${(index * 7) % 10}%d '${shade}' ${size}.${extension}`)
      const plain = join(folder, `${shade}-${size}.${extension}`)
      const grey = shade.toString(16).padStart(2, '0').repeat(3)
      await ffmpegTool('-f', 'lavfi', '-i', `color=c=0x${grey}:s=${size}`, '-frames:v', '1', '-update', '1', plain)
      await rename(plain, path)
      return path
    }),
  )
}

describe.each(await ffmpegs())('fromImages with %s', (_name, ffmpeg) => {
  it.each(['jpg', 'png'])('shows each %s for the same time, in the order given', async (extension) => {
    const folder = await scratch()
    const shades = [60, 200, 90, 150]
    const into = join(folder, 'out.mp4')
    const images = await pictures(folder, shades, extension)
    const start = Date.UTC(2026, 0, 2)
    const result = await fromImages({ images, into, frameRate: 5, ffmpeg, start })
    expect(result).toMatchObject({
      images: 4,
      leftOut: [],
      output: { frames: 4, durationMs: 800, width: 64, height: 48 },
    })
    const shown = await seen(into)
    expect(shown.map(({ at }) => at)).toEqual([0, 0.2, 0.4, 0.6].map((at) => expect.closeTo(at, 3)))
    shown.forEach(({ shades: [shade] }, index) => {
      expect(Math.abs(shade! - shades[index]!)).toBeLessThan(4)
    })
    expect((await probe(into)).createdAt).toBe(start)
  })

  it('fits pictures of other sizes into the first one’s', async () => {
    const folder = await scratch()
    const images = [...(await pictures(folder, [60])), ...(await pictures(folder, [120], 'jpg', '48x96'))]
    const { output } = await fromImages({ images, into: join(folder, 'out.mp4'), frameRate: 2, ffmpeg })
    expect(output).toMatchObject({ frames: 2, width: 64, height: 48 })
    const [, second] = await seen(output.path, 4)
    expect(second!.shades[0]).toBeLessThan(10)
    expect(second!.shades[1]!).toBeGreaterThan(80)
  })

  it('refuses a picture that is cut off, and leaves nothing behind, or leaves it out', async () => {
    const folder = await scratch()
    const good = await pictures(folder, [60, 120])
    const cut = join(folder, 'cut.jpg')
    await writeFile(cut, jpeg().bytes().subarray(0, -30))
    const images = [good[0]!, cut, good[1]!, join(folder, 'none.jpg')]
    const into = join(folder, 'sub', 'out.mp4')
    await expect(fromImages({ images, into, ffmpeg })).rejects.toMatchObject({ code: 'CLIP_UNREADABLE', path: cut })
    expect(await readdir(join(folder, 'sub'))).toEqual([])
    const { leftOut, output } = await fromImages({ images, into, ffmpeg, unreadable: 'leave-out', frameRate: 2 })
    expect(leftOut.map(({ path }) => path)).toEqual([cut, join(folder, 'none.jpg')])
    expect(shadesOf(await seen(output.path)).length).toBe(2)
    expect(await readdir(join(folder, 'sub'))).toEqual(['out.mp4'])
  })
})

it('refuses nothing at all, mixed formats and odd sizes', async () => {
  const folder = await scratch()
  const [[, ffmpeg]] = (await ffmpegs()) as [[string, Awaited<ReturnType<typeof ffmpegs>>[0][1]]]
  const into = join(folder, 'out.mp4')
  await expect(fromImages({ images: [], into, ffmpeg })).rejects.toMatchObject({ code: 'CLIP_UNREADABLE' })
  const mixed = [...(await pictures(folder, [60])), ...(await pictures(folder, [90], 'png'))]
  await expect(fromImages({ images: mixed, into, ffmpeg })).rejects.toMatchObject({ code: 'CLIPS_DIFFER' })
  await expect(fromImages({ images: mixed, into, ffmpeg, size: { width: 33, height: 32 } })).rejects.toThrow(RangeError)
  await expect(fromImages({ images: mixed, into, ffmpeg, frameRate: 0 })).rejects.toThrow('frameRate')
})
