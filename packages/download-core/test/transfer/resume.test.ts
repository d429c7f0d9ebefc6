import type { Behaviour } from '@cam/simulators/file-server'
import { describe, expect, test } from 'vitest'
import {
  bytesOf,
  fileServer,
  jobFor,
  KiB,
  leavePart,
  MiB,
  recordingOf,
  run,
  temporaryFolder,
  tree,
  video,
} from './fixture.ts'

const content = video(2 * MiB, 'first')
const sameSize = video(2 * MiB, 'second')
const longer = video(2 * MiB + 300 * KiB, 'second')
const shorter = video(900 * KiB, 'second')
const cutAt = 1_200_000

/** An earlier run left a part; now the server behaves like this. */
async function resumeAgainst(
  behaviour: Behaviour,
  {
    content2 = content,
    resume = 'validated' as const,
    ...more
  }: { content2?: Uint8Array; resume?: 'validated' | 'overlap' | 'never'; times?: number } = {},
) {
  const server = await fileServer({ content, content2 })
  const root = await temporaryFolder()
  const recording = recordingOf(resume)
  await leavePart(server, recording, root, cutAt)
  const before = server.requests.length
  server.set({ behaviour, changed: true, breakAt: cutAt, times: undefined as never, ...more })
  const job = await jobFor(server, recording, { root, idleMs: 400 })
  const ended = await run(job)
  return { ended, job, root, requests: server.requests.slice(before) }
}

describe('a part left by an earlier run', () => {
  test('is continued with a range, a condition, and an overlap of 256 KiB', async () => {
    const { ended, job, requests } = await resumeAgainst('honest')
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(requests).toHaveLength(1)
    expect(requests[0]!.headers.range).toBe(`bytes=${cutAt - 256 * KiB}-`)
    expect(requests[0]!.headers['if-range']).toMatch(/^"/)
    expect(ended.events).toContainEqual({ type: 'resumed', atByte: cutAt })
    await ended.published!.forget()
    expect(await tree(job.root)).toEqual(['a/clip.mp4'])
  })

  const same: Behaviour[] = [
    'ignores-range',
    'accept-ranges-none',
    'range-from-zero',
    'range-earlier',
    'range-later',
    'no-content-range',
    'malformed-content-range',
    'content-range-unsatisfied-form',
    'content-range-unknown-total',
    'ok-with-content-range',
    'multipart-ranges',
    'range-short',
    'range-long',
    'if-range-dates-only',
    'unsatisfied-complete',
    'unsatisfied-smaller',
    'unsatisfied-bare',
    'unsatisfied-html',
    'precondition-failed',
    'gzip-range',
    'stall-on-resume',
    'new-etags',
    'identity-stated',
  ]
  test.each(same)('becomes the right file from a server that answers "%s"', async (behaviour) => {
    const { ended, job } = await resumeAgainst(behaviour)
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
  })

  const changed: [Behaviour, string, Uint8Array][] = [
    ['changed', 'to the same size', sameSize],
    ['changed', 'longer', longer],
    ['changed', 'shorter', shorter],
    ['changed-ignores-if-range', 'to the same size', sameSize],
    ['changed-ignores-if-range', 'longer', longer],
    ['changed-ignores-if-range', 'shorter', shorter],
    ['changed-same-etag', 'to the same size', sameSize],
    ['changed-same-etag', 'longer', longer],
    ['changed-same-etag', 'shorter', shorter],
  ]
  test.each(changed)('is dropped where the file changed (%s, %s)', async (behaviour, _how, content2) => {
    const { ended, job } = await resumeAgainst(behaviour, { content2 })
    expect((await bytesOf(job, ended)).equals(content2)).toBe(true)
    expect(ended.events).toContainEqual(expect.objectContaining({ type: 'restarted', wastedBytes: cutAt }))
  })

  test.each(changed)(
    'without validators, overlap compared, is dropped too (%s, %s)',
    async (behaviour, _how, content2) => {
      const { ended, job } = await resumeAgainst(behaviour, { content2, resume: 'overlap' })
      expect((await bytesOf(job, ended)).equals(content2)).toBe(true)
    },
  )

  test('is never continued where each request renders anew', async () => {
    const { ended, job, requests } = await resumeAgainst('honest', { resume: 'never' })
    expect((await bytesOf(job, ended)).equals(content)).toBe(true)
    expect(requests[0]!.headers.range).toBeUndefined()
  })

  test.each(['weak-etag', 'last-modified-fresh', 'no-validators'] as const)(
    'with %s starts over unless the overlap may vouch',
    async (behaviour) => {
      const server = await fileServer({ content, behaviour, cutFirstAt: cutAt })
      const job = await jobFor(server, recordingOf('validated'))
      const ended = await run(job)
      expect((await bytesOf(job, ended)).equals(content)).toBe(true)
      expect(server.requests.map((request) => request.headers.range)).toEqual([undefined, undefined])

      const other = await fileServer({ content, behaviour, cutFirstAt: cutAt })
      const overlapping = await jobFor(other, recordingOf('overlap'))
      expect((await bytesOf(overlapping, await run(overlapping))).equals(content)).toBe(true)
      expect(other.requests[1]!.headers.range).toBe(`bytes=${cutAt - 256 * KiB}-`)
    },
  )

  test('with an old Last-Modified is continued by date', async () => {
    const server = await fileServer({ content, behaviour: 'last-modified-old', cutFirstAt: cutAt })
    const job = await jobFor(server, recordingOf('validated'))
    expect((await bytesOf(job, await run(job))).equals(content)).toBe(true)
    expect(server.requests[1]!.headers['if-range']).toMatch(/GMT$/)
  })

  test('of a recording that changes with every request fails as unstable, and nothing is kept', async () => {
    const server = await fileServer({ content, behaviour: 'unstable', breakAt: cutAt })
    const job = await jobFor(server, recordingOf('validated'))
    const ended = await run(job)
    expect(ended.error).toMatchObject({ code: 'UNSTABLE' })
    expect(await tree(job.root)).toEqual([])
    expect(server.requests.length).toBeLessThanOrEqual(4)
  })
})
