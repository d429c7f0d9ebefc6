import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fragmentedMp4, mjpegAvi, mp4, surveillanceMp4 } from '@cam/simulators/media'
import { describe, expect, it } from 'vitest'
import { probe } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { ffmpegTool, makeClip, scratch } from './media.ts'

const save = async (path: string, bytes: Uint8Array) => {
  await writeFile(path, bytes)
  return path
}

describe('probe', () => {
  it('reads codecs, sizes, clocks and lengths out of the index', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 3, size: '96x64', rate: 20, tone: 440 })
    const { video, audio, ...file } = await probe(path)
    expect(file).toMatchObject({ by: 'index', container: 'mp4', otherStreams: 0, changing: false, durationMs: 3000 })
    expect(video).toMatchObject({
      ...{ codec: 'h264', tag: 'avc1', width: 96, height: 64, rotation: 0, pixelAspect: 1, frameRate: 20 },
      ...{ variable: false, packets: 60, startMs: 0, endMs: 3000, trimmed: false, timescale: 10_240 },
    })
    expect(audio).toMatchObject({ codec: 'aac', profile: 2, channels: 1, sampleRate: 48_000, startMs: 0 })
    expect(audio!.endMs).toBeCloseTo(3000, -1)
  })

  it('gives two clips of one camera the same set-up, and another camera another', async () => {
    const folder = await scratch()
    const one = await probe(await save(join(folder, '1.mp4'), mp4({ seed: 1 }).bytes()))
    const two = await probe(await save(join(folder, '2.mp4'), mp4({ seed: 2, frames: 9 }).bytes()))
    const other = await probe(await save(join(folder, '3.mp4'), mp4({ seed: 1, width: 96 }).bytes()))
    expect(two.video!.configuration).toBe(one.video!.configuration)
    expect(other.video!.configuration).not.toBe(one.video!.configuration)
    expect(one.createdAt).toBe(Date.UTC(2026, 2, 1))
  })

  it('knows when the first picture is shown, and where pictures are missing', async () => {
    const folder = await scratch()
    const groups = [
      { at: 2500, shows: 0 },
      { at: 30_000, shows: 30_000 },
    ]
    const film = surveillanceMp4({ seed: 1, width: 64, height: 48, groups, keepLead: true })
    const { video, durationMs } = await probe(await save(join(folder, 'late.mp4'), film.bytes()))
    expect(video).toMatchObject({ startMs: 2500, endMs: 35_000, variable: true, packets: 10 })
    expect(durationMs).toBe(32_500)
  })

  it('reads fragments', async () => {
    const folder = await scratch()
    const film = fragmentedMp4({ seed: 1 })
    const { video } = await probe(await save(join(folder, 'f.mp4'), film.bytes()))
    expect(video).toMatchObject({ packets: film.facts.frames, startMs: 0, endMs: film.facts.durationMs })
  })

  it('sees turned pictures, HEVC and QuickTime sound', async () => {
    const folder = await scratch()
    const turned = await probe(await makeClip(join(folder, 't.mp4'), { turned: true }))
    expect([90, 270]).toContain(turned.video!.rotation)
    const more = ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-tag:v', 'hvc1']
    const hevc = await probe(await makeClip(join(folder, 'h.mp4'), { more }))
    expect(hevc.video).toMatchObject({ codec: 'hevc', tag: 'hvc1', profile: 1 })
    const movie = await probe(await makeClip(join(folder, 'q.mov'), { tone: 440, more: ['-c:a', 'pcm_s16le'] }))
    expect(movie.audio).toMatchObject({ codec: 'pcm', tag: 'sowt', packets: 96_000, sampleRate: 48_000, channels: 1 })
  })

  it('agrees with ffmpeg about when pictures begin and end, whatever the edit list does', async () => {
    const folder = await scratch()
    const plain = await makeClip(join(folder, 'plain.mp4'), { seconds: 3, tone: 440 })
    const made = [
      ['late.mp4', '-itsoffset', '0.7', '-i', plain, '-c', 'copy', '-map', '0:v'],
      ['late-video.mp4', '-i', plain, '-itsoffset', '0.4', '-i', plain, '-map', '1:v', '-map', '0:a', '-c', 'copy'],
      ['cut.mp4', '-ss', '1.3', '-i', plain, '-c', 'copy'],
      ['no-edits.mp4', '-i', plain, '-c', 'copy', '-use_editlist', '0'],
    ]
    for (const [name, ...args] of made) {
      const path = join(folder, name!)
      await ffmpegTool(...args, path)
      const { video } = await probe(path)
      const decoded = await ffmpegTool('-copyts', '-i', path, '-map', '0:v', '-vsync', '0', '-f', 'framemd5', '-')
      const base = /#tb 0: (\d+)\/(\d+)/.exec(decoded)!
      const times = decoded
        .split('\n')
        .filter((line) => /^0,/.test(line))
        .map((line) => (Number(line.split(',')[2]) * Number(base[1]) * 1000) / Number(base[2]))
      expect.soft(video!.startMs, name).toBeCloseTo(times[0]!, -1)
      expect.soft(Math.abs(video!.endMs - (times.at(-1)! + 100)), name).toBeLessThanOrEqual(100)
    }
  })

  it.each([
    ['missing', undefined, 'there is no such file'],
    ['empty', new Uint8Array(0), 'it is empty'],
    ['cut off', mp4().bytes().subarray(0, -40), 'is missing|behind the end'],
    ['a page in place of a video', Buffer.from('<html>Request has expired</html>'), 'no MP4|no video'],
  ])('says what is wrong with a file that is %s', async (_what, bytes, why) => {
    const folder = await scratch()
    const path = join(folder, 'clip.mp4')
    if (bytes) await writeFile(path, bytes)
    await expect(probe(path)).rejects.toMatchObject({
      ...{ code: 'CLIP_UNREADABLE', path, retryable: false, message: expect.stringMatching(why) },
    })
  })

  it('asks ffprobe about other formats where there is one', async () => {
    const folder = await scratch()
    const path = await save(join(folder, 'a.avi'), mjpegAvi({ frames: 12, fps: 4 }).bytes())
    const ffprobe = (await ffmpegs()).map(([, found]) => found.ffprobe).find(Boolean)
    if (!ffprobe) {
      console.info('AVI is not probed: this machine has no ffprobe')
      await expect(probe(path)).rejects.toMatchObject({ advice: expect.stringContaining('ffprobe') })
      return
    }
    const { video, by } = await probe(path, { ffprobe })
    expect(by).toBe('ffprobe')
    expect(video).toMatchObject({ codec: 'mjpeg', packets: 12, frameRate: 4, configuration: '' })
  })

  it('goes by what a file holds, not by its name', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'))
    await copyFile(path, join(folder, 'a.jpg'))
    expect((await probe(join(folder, 'a.jpg'))).container).toBe('mp4')
  })
})
