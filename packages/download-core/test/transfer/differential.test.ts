import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileServerOptions, startFileServer } from '@cam/simulators/file-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DiskError, isCamError } from '../../src/footage/errors.ts'
import { disk } from '../../src/transfer/disk.ts'
import { bytesOf, jobFor, KiB, leavePart, MiB, recordingOf, run, video } from './fixture.ts'
import { download, isInstalled, toolNames, type Verdict } from './other-tools.ts'

const content = video(3 * MiB, 'old')
const sameSize = video(3 * MiB, 'new')
const longer = video(3 * MiB + 300 * KiB, 'new')
const shorter = video(MiB, 'new')
const partBytes = 1_700_000
const limitMs = 3000

interface Row {
  readonly name: string
  /** An earlier run left so many bytes. */
  readonly part?: number
  readonly server: Partial<FileServerOptions>
  /** `undefined` where nobody could get them. */
  readonly right: Uint8Array | undefined
  readonly smallDisk?: true
}

const resuming = (
  name: string,
  server: Partial<FileServerOptions>,
  right: Uint8Array = content,
  part = partBytes,
): Row => ({
  name,
  part,
  server: { changed: true, content2: right, ...server },
  right,
})
const fresh = (name: string, server: Partial<FileServerOptions>, right: Uint8Array = content): Row => ({
  name,
  server,
  right,
})
const hopeless = (name: string, server: Partial<FileServerOptions>): Row => ({ name, server, right: undefined })

const rows: readonly Row[] = [
  resuming('resume: honest 206', { behaviour: 'honest' }),
  resuming('resume: ignores Range', { behaviour: 'ignores-range' }),
  resuming('resume: changed, same size', { behaviour: 'changed' }, sameSize),
  resuming('resume: changed, same size, ignores If-Range', { behaviour: 'changed-ignores-if-range' }, sameSize),
  resuming('resume: changed, same size, same ETag', { behaviour: 'changed-same-etag' }, sameSize),
  resuming('resume: changed, longer', { behaviour: 'changed' }, longer),
  resuming('resume: changed, shorter than the part', { behaviour: 'changed' }, shorter),
  resuming('resume: 206 from byte 0', { behaviour: 'range-from-zero' }),
  resuming('resume: 206 from an earlier byte', { behaviour: 'range-earlier' }),
  resuming('resume: 206 from a later byte', { behaviour: 'range-later' }),
  resuming('resume: 206 without Content-Range', { behaviour: 'no-content-range' }),
  resuming('resume: 200 with Content-Range', { behaviour: 'ok-with-content-range' }),
  { ...resuming('resume: HTML login page', { behaviour: 'html' }), right: undefined },
  resuming('resume: gzip 206', { behaviour: 'gzip-range' }),
  resuming('resume: cut again once', { behaviour: 'fin-at', breakAt: 900_000, times: 1 }),
  resuming('resume: already complete', { behaviour: 'honest' }, content, content.length),
  fresh('short body (FIN) once', { behaviour: 'fin-at' }),
  fresh('reset (RST) once', { behaviour: 'rst-at' }),
  fresh('chunked, unterminated once', { behaviour: 'chunked-unterminated' }),
  fresh('chunked, short but clean, once', { behaviour: 'chunked-short' }),
  fresh('no length, cut once', { behaviour: 'close-delimited-cut' }),
  hopeless('no length, always cut', { behaviour: 'close-delimited-cut', times: 99 }),
  fresh('stall once', { behaviour: 'stall-at' }),
  hopeless('stall always', { behaviour: 'stall-at', breakAt: 1000, times: 99 }),
  hopeless('drip', { behaviour: 'drip', delayMs: 20 }),
  fresh('drip once', { behaviour: 'drip-once', delayMs: 20 }),
  fresh('503 with Retry-After once', { behaviour: 'retry-after', retryAfter: '1' }),
  fresh('gzip nobody asked for', { behaviour: 'gzip' }),
  fresh('body longer than Content-Length', { behaviour: 'length-too-small' }),
  hopeless('empty 200', { behaviour: 'empty' }),
  hopeless('HTML 200', { behaviour: 'html' }),
  fresh('changed between two attempts', { behaviour: 'changed', content2: sameSize, cutFirstAt: partBytes }, sameSize),
  fresh(
    'changed, ignores If-Range, between two attempts',
    { behaviour: 'changed-ignores-if-range', content2: sameSize, cutFirstAt: partBytes },
    sameSize,
  ),
  { ...hopeless('disk full', { behaviour: 'honest' }), smallDisk: true },
  { ...hopeless('disk full, no length', { behaviour: 'chunked' }), smallDisk: true },
]

let root: string
let mounted: string | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'differential-'))
  const folder = join(root, 'small')
  await mkdir(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
    mounted = folder
  } catch {
    console.log('A disk of 2 MiB cannot be mounted here: the rows "disk full" are left out.')
  }
})
afterAll(async () => {
  if (mounted) execFileSync('umount', [mounted])
  await rm(root, { recursive: true, force: true })
})

async function folderFor(row: Row, tool: string): Promise<string> {
  return mkdtemp(join(row.smallDisk ? mounted! : root, `${tool}-`))
}

async function other(tool: string, row: Row): Promise<Verdict> {
  const server = await startFileServer({ content, ...row.server })
  try {
    const folder = await folderFor(row, tool)
    if (row.part !== undefined) await writeFile(join(folder, 'clip.mp4'), content.subarray(0, row.part))
    const verdict = await download(tool, server.url, folder, {
      resume: row.part !== undefined,
      limitMs,
      right: row.right,
    })
    await rm(folder, { recursive: true, force: true })
    return verdict
  } finally {
    await server.close()
  }
}

/** An earlier run that was stopped just before the finished file got its name. */
const cannotName = { ...disk, link: async () => Promise.reject(new DiskError('stopped', { code: 'DISK_IO' })) }

async function ours(row: Row): Promise<Verdict> {
  const server = await startFileServer({ content })
  const end = new AbortController()
  // Two attempts at a reply that drips or stalls, and twice a busy machine.
  const timer = setTimeout(() => end.abort(), limitMs * 10)
  try {
    const folder = await folderFor(row, 'ours')
    const recording = recordingOf('validated')
    if (row.part === content.length)
      await run(await jobFor(server, recording, { root: folder, fileSystem: cannotName }))
    else if (row.part !== undefined) await leavePart(server, recording, folder, row.part)
    // What the earlier run set must not outlive it.
    const { breakAt = Math.floor(content.length / 2), times, ...rest } = row.server
    server.set({ ...rest, breakAt, ...(times === undefined ? { times: undefined as never } : { times }) })
    const job = await jobFor(server, recording, {
      root: folder,
      // A process that waits for a processor behind ten others does not look like a server that stalls.
      idleMs: 2000,
      signal: end.signal,
      retry: { retries: 1, delayMs: 1 },
    })
    const ended = await run(job)
    if (end.signal.aborted) return 'hang'
    if (!ended.published) return isCamError(ended.error) ? `E${ended.error.code}` : '✗'
    return row.right && (await bytesOf(job, ended)).equals(row.right) ? '✔' : '✗'
  } finally {
    clearTimeout(timer)
    await server.close()
  }
}

/** A few at a time: each is a process of its own. */
async function inTurns<T>(jobs: readonly (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const results: T[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < jobs.length) {
        const mine = next++
        results[mine] = await jobs[mine]!()
      }
    }),
  )
  return results
}

test('every way a server may misbehave: ours never calls wrong bytes a success, never hangs, and gets what can be got', async () => {
  const installed = toolNames.filter(isInstalled)
  for (const tool of toolNames) if (!installed.includes(tool)) console.log(`${tool}: not installed`)
  const played = rows.filter((row) => !row.smallDisk || mounted)
  const columns = ['ours', ...installed]
  const cells = await inTurns(
    played.flatMap((row) => columns.map((tool) => () => (tool === 'ours' ? ours(row) : other(tool, row)))),
    10,
  )
  const table = played.map((row, index) => [
    row.name,
    ...cells.slice(index * columns.length, (index + 1) * columns.length),
  ])
  const widths = [...columns.keys(), columns.length].map((column) =>
    Math.max(...[['server behaviour', ...columns], ...table].map((line) => line[column]!.length)),
  )
  const line = (words: readonly string[]) =>
    `| ${words.map((word, column) => word.padEnd(widths[column]!)).join(' | ')} |`
  console.log(
    [
      '✔ right bytes · ✗ wrong bytes called success · E error · hang: no end within the limit',
      line(['server behaviour', ...columns]),
      ...table.map(line),
    ].join('\n'),
  )
  for (const [index, row] of played.entries()) {
    const verdict = cells[index * columns.length]!
    expect(verdict, row.name).not.toMatch(/✗|hang/)
    if (row.right) expect(verdict, row.name).toBe('✔')
    else expect(verdict, row.name).toMatch(/^E/)
  }
  if (mounted) {
    const full = played.flatMap((row, index) => (row.smallDisk ? [cells[index * columns.length]] : []))
    expect(full).toEqual(['EDISK_FULL', 'EDISK_FULL'])
  }
}, 120_000)
