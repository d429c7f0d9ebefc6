import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { concat, type Ffmpeg, findFfmpeg, type MergeEvent, sideBySide } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { makeClip, scratch, seen, sha256, shadesOf } from './media.ts'

const start = Date.UTC(2026, 3, 16, 12)
const [[, real]] = (await ffmpegs()) as [[string, Ffmpeg]]

/** The real ffmpeg behind a script of `lines`, in which `real` runs it. */
async function behind(folder: string, lines: string): Promise<Ffmpeg> {
  const path = join(folder, 'ffmpeg.sh')
  await writeFile(path, `#!/bin/sh\nreal() { '${real.path}' "$@"; }\n${lines}\n`)
  await chmod(path, 0o755)
  return findFfmpeg({ path })
}

const three = async (folder: string) =>
  Promise.all([50, 100, 150].map((shade) => makeClip(join(folder, `${shade}.mp4`), { seconds: 1, shade })))

describe('a result', () => {
  it('is judged by what it is: a good one counts, though ffmpeg calls it a failure', async () => {
    const folder = await scratch()
    const ffmpeg = await behind(folder, 'real "$@"; code=$?; case "$*" in *concat*) exit 1;; esac; exit $code')
    const into = join(folder, 'all.mp4')
    const { outputs } = await concat({ clips: await three(folder), into, ffmpeg })
    expect(outputs[0]!.frames).toBe(30)
    expect(shadesOf(await seen(into))).toEqual([50, 100, 150])
  })

  it('of a copy is made by one run of ffmpeg that is told to copy, and knows of no filter and no encoder', async () => {
    const folder = await scratch()
    const log = join(folder, 'log')
    const ffmpeg = await behind(folder, `case "$*" in *" -i "*) printf '%s\\n' "$*" >> '${log}';; esac; real "$@"`)
    const { outputs } = await concat({ clips: await three(folder), into: join(folder, 'all.mp4'), ffmpeg })
    expect(outputs[0]!.how).toBe('copied')
    const runs = (await readFile(log, 'utf8')).trim().split('\n')
    expect(runs).toEqual([expect.stringMatching(/ -c copy /)])
    expect(runs[0]).not.toMatch(/ -(c:\S+|[av]codec|vf|af|filter\S*|lavfi) /)
  })

  it.each([
    ['clips are missing', 'sed -i "6,\\$d" "$list"', 'pictures in place of 30'],
    ['nothing was written', 'rm "$list"', 'nothing whole was written'],
  ])('is thrown away where %s, though ffmpeg calls it a success', async (_what, harm, why) => {
    const folder = await scratch()
    const find = 'list=; for arg in "$@"; do case "$arg" in *.ffconcat) list=$arg;; esac; done'
    const ffmpeg = await behind(folder, `${find}\n[ -z "$list" ] || { ${harm}; }\nreal "$@"; exit 0`)
    const clips = await three(folder)
    const into = join(folder, 'out', 'all.mp4')
    const failed = concat({ clips, into, ffmpeg })
    await expect(failed).rejects.toMatchObject({ code: 'RESULT_WRONG', message: expect.stringContaining(why) })
    expect(await readdir(join(folder, 'out'))).toEqual([])
  })

  it('never takes the place of another file unless that is allowed, nor of an input in any case', async () => {
    const folder = await scratch()
    const clips = await three(folder)
    const before = await Promise.all(clips.map(sha256))
    const into = join(folder, 'all.mp4')
    await writeFile(into, 'mine')
    const exists = { code: 'FILE_EXISTS', path: into }
    await expect(concat({ clips, into, ffmpeg: real })).rejects.toMatchObject(exists)
    expect(await readFile(into, 'utf8')).toBe('mine')
    const { outputs } = await concat({ clips, into, ffmpeg: real, overwrite: true })
    expect(outputs[0]!.frames).toBe(30)
    await symlink(clips[1]!, join(folder, 'link.mp4'))
    for (const target of [clips[0]!, join(folder, 'link.mp4')])
      await expect(concat({ clips, into: target, ffmpeg: real, overwrite: true })).rejects.toThrow('one of the inputs')
    await mkdir(join(folder, 'a folder'))
    await expect(concat({ clips, into: join(folder, 'a folder'), ffmpeg: real })).rejects.toThrow('It is a folder')
    expect(await Promise.all(clips.map(sha256))).toEqual(before)
    expect((await readdir(folder)).filter((name) => name.endsWith('.merge'))).toEqual([])
  })

  it('is several files or none: where one of the names is taken, nothing is made', async () => {
    const folder = await scratch()
    const clips = [...(await three(folder)), await makeClip(join(folder, 'wide.mp4'), { seconds: 1, size: '96x48' })]
    const taken = join(folder, 'all-2.mp4')
    await writeFile(taken, 'mine')
    const exists = { code: 'FILE_EXISTS', path: taken }
    await expect(concat({ clips, into: join(folder, 'all.mp4'), ffmpeg: real })).rejects.toMatchObject(exists)
    expect((await readdir(folder)).filter((name) => name.includes('all'))).toEqual(['all-2.mp4'])
    expect(await readFile(taken, 'utf8')).toBe('mine')
  })

  it('does not take the name of a file that came while it was made', async () => {
    const folder = await scratch()
    const into = join(folder, 'all.mp4')
    const ffmpeg = await behind(folder, `real "$@"; case "$*" in *concat*) printf mine > '${into}';; esac`)
    await expect(concat({ clips: await three(folder), into, ffmpeg })).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    expect(await readFile(into, 'utf8')).toBe('mine')
  })

  it('ends ffmpeg at once when it is called off, and leaves nothing with the final name', async () => {
    const folder = await scratch()
    const pid = join(folder, 'pid')
    const hang = `case "$*" in *concat*) echo $$ > '${pid}'; exec sleep 600;; esac; real "$@"`
    const ffmpeg = await behind(folder, hang)
    const ended = new AbortController()
    const clips = await three(folder)
    const work = concat({ clips, into: join(folder, 'out', 'all.mp4'), ffmpeg, signal: ended.signal })
    await expect.poll(() => readFile(pid, 'utf8').catch(() => ''), { timeout: 20_000 }).toMatch(/\d/)
    ended.abort(new Error('called off'))
    await expect(work).rejects.toThrow('called off')
    expect(() => process.kill(Number(execFileSync('cat', [pid], { encoding: 'utf8' })), 0)).toThrow('ESRCH')
    expect(await readdir(join(folder, 'out'))).toEqual([])
  })

  it('is not begun where it was called off before', async () => {
    const folder = await scratch()
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(concat({ clips: ['none.mp4'], into: join(folder, 'x.mp4'), signal })).rejects.toThrow('too late')
    expect(await readdir(folder)).toEqual([])
  })

  it('passes on what a listener throws, after cleaning up', async () => {
    const folder = await scratch()
    const broken = concat({
      ...{ clips: await three(folder), into: join(folder, 'out', 'x.mp4'), ffmpeg: real },
      onEvent: () => {
        throw new Error('my own bug')
      },
    })
    await expect(broken).rejects.toThrow('my own bug')
    expect(await readdir(join(folder, 'out')).catch(() => [])).toEqual([])
  })

  it('says that the disk is full, before or after it is, and is not there then', async () => {
    const folder = await scratch()
    const small = join(folder, 'small')
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'pipe' })
    } catch (error) {
      console.info(
        `a full disk is not tested: no small one can be mounted here (${(error as Error).message.split('\n')[0]})`,
      )
      return
    }
    onTestFinished(() => void execFileSync('umount', [small]))
    const noise = ['-vf', 'noise=alls=100:allf=t', '-qp', '1']
    const large = await makeClip(join(folder, 'large.mp4'), { seconds: 2, size: '320x240', more: noise })
    const full = (message: string) => ({ code: 'DISK_FULL', message: expect.stringContaining(message) })
    await expect(concat({ clips: [large], into: join(small, 'a.mp4'), ffmpeg: real })).rejects.toMatchObject(
      full('are free'),
    )
    const views = [{ name: 'Road', clips: [{ path: large, start }] }]
    const window = { start, end: start + 1000 }
    const options = { views, window, chunkMs: 1000, ffmpeg: real, encoderOptions: ['-qp', '1'] }
    await expect(sideBySide({ ...options, into: join(small, 'b.mp4') })).rejects.toMatchObject(full('the disk is full'))
    expect(await readdir(small)).toEqual([])
  })

  it('comes with progress that only goes forward, and the time that is left', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 4, shade: 60, rate: 10, size: '320x240' })
    const events: MergeEvent[] = []
    let now = 0
    const clock = { now: () => 0, monotonic: () => (now += 1000), wait: async () => {} }
    await sideBySide({
      ...{ views: [{ name: 'Road', clips: [{ path, start }] }], into: join(folder, 'x.mp4'), ffmpeg: real, clock },
      ...{ chunkMs: 1000, onEvent: (event) => events.push(event) },
    })
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event] : []))
    expect(progress.length).toBeGreaterThanOrEqual(4)
    expect(progress.map(({ doneMs }) => doneMs)).toEqual(progress.map(({ doneMs }) => doneMs).sort((a, b) => a - b))
    const last = progress.at(-1)!
    expect(last.totalMs).toBe(4000)
    expect(Math.abs(last.etaMs! - ((progress.length * 1000) / last.doneMs) * (4000 - last.doneMs))).toBeLessThan(5)
    expect(events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
      ...['probed', 'chunk', 'chunk', 'chunk', 'chunk', 'written'],
    ])
  })
})
