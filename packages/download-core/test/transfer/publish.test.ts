import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DiskError } from '../../src/footage/errors.ts'
import { disk } from '../../src/transfer/disk.ts'
import type { TransferJob } from '../../src/transfer/job.ts'
import { bytesOf, fileServer, jobFor, KiB, recordingOf, run, temporaryFolder, tree, video } from './fixture.ts'

const content = video(300 * KiB, 'publish')
const window = { start: 1_700_000_000_000, end: 1_700_000_060_000 }
const dated = recordingOf('validated', { window, windowFrom: 'source' })

async function setUp(more: Partial<TransferJob> = {}, recording = dated) {
  const server = await fileServer({ content })
  return { server, job: await jobFor(server, recording, more) }
}

describe('a finished file', () => {
  test('stands under its name with the end of its footage as its date, and nothing else is left', async () => {
    const { job } = await setUp()
    const { published } = await run(job)
    expect(published!.kept).toMatchObject({
      path: 'a/clip.mp4',
      bytes: content.length,
      proof: { by: 'length', bytes: content.length, statedBy: ['the server'] },
      covers: [window],
      fidelity: 'full',
      facts: { format: 'mp4', codec: 'avc1' },
    })
    expect((await stat(join(job.root, 'a/clip.mp4'))).mtimeMs).toBe(window.end)
    expect(published!.folders).toEqual(expect.arrayContaining([job.root, join(job.root, 'a')]))
    expect(await tree(job.root)).toEqual([expect.stringMatching(/^\.cam\/parts\/[0-9a-f]{32}\.json$/), 'a/clip.mp4'])
    await published!.forget()
    expect(await tree(job.root)).toEqual(['a/clip.mp4'])
  })

  test('never replaces a file that is not ours', async () => {
    const { job } = await setUp()
    await mkdir(join(job.root, 'a'))
    await writeFile(join(job.root, 'a/clip.mp4'), 'somebody else’s')
    const { published } = await run(job)
    expect(published!.kept.path).toBe('a/clip-2.mp4')
    expect(await readFile(join(job.root, 'a/clip.mp4'), 'utf8')).toBe('somebody else’s')
  })

  test('that appears while the name is given is not replaced either, links or no links', async () => {
    for (const errno of ['', 'EPERM', 'ENOTSUP']) {
      const { job } = await setUp({
        fileSystem: {
          ...disk,
          async link(from, to) {
            if (to.endsWith('clip.mp4')) await writeFile(to, 'sooner')
            if (errno)
              throw new DiskError('no links here', {
                code: 'DISK_DENIED',
                cause: Object.assign(new Error(), { code: errno }),
              })
            return disk.link(from, to)
          },
        },
      })
      const ended = await run(job)
      expect(ended.published!.kept.path).toBe('a/clip-2.mp4')
      expect((await bytesOf(job, ended)).equals(content)).toBe(true)
      expect(await readFile(join(job.root, 'a/clip.mp4'), 'utf8')).toBe('sooner')
    }
  })

  test('replaces what the ledger owns, as one step', async () => {
    const { job } = await setUp({ place: async () => ({ path: 'a/clip.mp4', replace: true }) })
    await mkdir(join(job.root, 'a'))
    await writeFile(join(job.root, 'a/clip.mp4'), 'an older version')
    expect((await bytesOf(job, await run(job))).equals(content)).toBe(true)
  })

  test.each([
    '../x.mp4',
    '/etc/x.mp4',
    'a/../../x.mp4',
    'a//x.mp4',
    '.cam/ledger.sqlite',
    '.CAM/x',
    'a\\..\\x.mp4',
    'c:/x.mp4',
    'a/x\0.mp4',
    '',
    '.',
  ])('never leaves its folder: %j', async (path) => {
    const { job } = await setUp({ place: async () => ({ path, replace: false }) })
    const ended = await run(job)
    expect(ended.error).toMatchObject({ code: 'DISK_DENIED' })
    expect((await tree(job.root)).filter((file) => !file.startsWith('.cam/parts/'))).toEqual([])
  })

  test('is not written through a link', async () => {
    const { job } = await setUp()
    const elsewhere = await temporaryFolder()
    await symlink(elsewhere, join(job.root, 'a'))
    const ended = await run(job)
    expect(ended.error).toMatchObject({ code: 'DISK_DENIED', message: expect.stringContaining('symbolic link') })
    expect(await tree(elsewhere)).toEqual([])
  })

  test('takes the extension that was served, if it is one', async () => {
    for (const [served, expected] of [
      ['avi', 'avi'],
      ['../../x', 'mp4'],
      [undefined, 'mp4'],
    ] as const) {
      const { job } = await setUp()
      const open = job.open
      const ended = await run({
        ...job,
        open: async (from, call) =>
          ({ ...(await open(from, call)), ...(served ? { extension: served } : {}) }) as never,
      })
      expect(ended.published!.kept.path).toBe(`a/clip.${expected}`)
    }
  })
})

describe('a run that died', () => {
  class Killed extends Error {}
  /** Dies before the given call of its file system; the note is from then on what it was. */
  async function diesAt(call: 'link' | 'remove'): Promise<{ job: TransferJob; requests: () => number }> {
    const { job, server } = await setUp()
    let dead = false
    const die = () => {
      dead = true
      throw new Killed()
    }
    const dying = new Proxy(disk, {
      get: (target, name) =>
        dead || name === call ? (name === 'lstat' ? target.lstat : die) : target[name as keyof typeof disk],
    })
    const ended = await run({ ...job, fileSystem: dying })
    expect(ended.error).toBeInstanceOf(Killed)
    return { job, requests: () => server.requests.length }
  }

  test('with the file proved publishes it without asking the source again', async () => {
    const { job, requests } = await diesAt('link')
    expect(requests()).toBe(1)
    const ended = await run(job)
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(requests()).toBe(1)
    await ended.published!.forget()
    expect(await tree(job.root)).toEqual(['a/clip.mp4'])
  })

  test('with the file named recognises it and removes what is left', async () => {
    const { job, requests } = await diesAt('remove')
    const ended = await run(job)
    expect(ended.published!.kept).toMatchObject({ path: 'a/clip.mp4', bytes: content.length, covers: [window] })
    expect(ended.published!.folders).toEqual(expect.arrayContaining([job.root, join(job.root, 'a')]))
    expect(requests()).toBe(1)
    await ended.published!.forget()
    expect(await tree(job.root)).toEqual(['a/clip.mp4'])
  })

  test('fetches again where the named file was altered since, and leaves that alone', async () => {
    const { job, requests } = await diesAt('remove')
    const path = join(job.root, 'a/clip.mp4')
    const altered = Buffer.from(await readFile(path))
    altered[5000] = altered[5000]! ^ 1
    await writeFile(path, altered)
    const ended = await run(job)
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(ended.published!.kept.path).toBe('a/clip-2.mp4')
    expect((await readFile(path)).equals(altered)).toBe(true)
    expect(requests()).toBe(2)
  })

  test('is not believed where the list now states another size', async () => {
    const { job, requests } = await diesAt('link')
    const ended = await run({ ...job, recording: { ...job.recording, bytes: content.length + 1 } })
    expect(ended.error).toMatchObject({ code: 'WRONG_LENGTH' })
    expect(requests()).toBe(2)
  })
})
