import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileServer, type FileServerOptions, startFileServer } from '@cam/simulators/file-server'
import { noise, sizedMp4 } from '@cam/simulators/media'
import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Gap, Recording, ResumePolicy } from '../../src/footage/recording.ts'
import type { NotReady } from '../../src/footage/source.ts'
import { createHttp } from '../../src/http/http.ts'
import { openBody } from '../../src/http/open-body.ts'
import { disk } from '../../src/transfer/disk.ts'
import type { Published, TransferEvent, TransferJob } from '../../src/transfer/job.ts'
import { transfer } from '../../src/transfer/transfer.ts'

export const KiB = 1024
export const MiB = 1024 * 1024

/** A real video of exactly so many bytes. */
export function video(bytes: number, seed: number | string = 1): Uint8Array {
  const file = sizedMp4(bytes, seed, { moov: 'last' })
  return file.read(0, file.size)
}

/** Bytes of no known format. */
export function opaque(bytes: number, seed: number | string = 1): Uint8Array {
  return noise(seed, bytes)
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function fileServer(options: FileServerOptions): Promise<FileServer> {
  const server = await startFileServer(options)
  onTestFinished(() => server.close())
  return server
}

export interface Ended {
  readonly events: readonly TransferEvent[]
  readonly published?: Published
  readonly answer?: NotReady | Gap
  readonly error?: unknown
}

/** Runs a transfer to its end, whatever that is. */
export async function run(job: TransferJob, onEvent?: (event: TransferEvent) => void): Promise<Ended> {
  const events: TransferEvent[] = []
  try {
    const running = transfer(job)
    for (;;) {
      const { done, value } = await running.next()
      if (!done) {
        events.push(value)
        onEvent?.(value)
      } else if ('kept' in value) return { events, published: value }
      else return { events, answer: value }
    }
  } catch (error) {
    return { events, error }
  }
}

export function recordingOf(resume: ResumePolicy, more: Partial<Recording> = {}): Recording {
  return { id: 'clip-1', cameraId: 'camera-1', windowFrom: 'none', extension: 'mp4', resume, ...more }
}

export type JobOptions = Partial<TransferJob> & { readonly idleMs?: number; readonly url?: string }

/** A job that fetches the server's file over the real HTTP client into a fresh folder. */
export async function jobFor(server: FileServer, recording: Recording, more: JobOptions = {}): Promise<TransferJob> {
  const idleMs = more.idleMs ?? 1000
  const clock: Clock = more.clock ?? systemClock
  const url = more.url ?? server.url
  const http = createHttp({
    origins: [new URL(url).origin],
    timeouts: { idleMs, firstByteMs: idleMs, connectMs: 500, tlsMs: 500 },
  })
  onTestFinished(() => http[Symbol.asyncDispose]())
  return {
    sourceId: 'source-1',
    recording,
    open: (from, { signal }) =>
      openBody(http, { url, signal }, from, { representation: 'file', resume: recording.resume }),
    root: more.root ?? (await temporaryFolder()),
    place: async (extension, taken) => ({
      path: taken ? `a/clip-2.${extension}` : `a/clip.${extension}`,
      replace: false,
    }),
    fileSystem: disk,
    clock,
    retry: { retries: 3, delayMs: 1, growth: 'fixed' },
    signal: new AbortController().signal,
    reserveBytes: 0,
    ...more,
    idleMs,
  }
}

/** The file a transfer published. */
export async function bytesOf(job: TransferJob, ended: Ended): Promise<Buffer> {
  if (!ended.published) throw ended.error ?? new Error(`no file: ${JSON.stringify(ended.answer)}`)
  return readFile(join(job.root, ended.published.kept.path))
}

/** Every file below a folder, relative, sorted. */
export async function tree(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

/** An earlier run that ended after about `bytes`: the part it left is in the root. */
export async function leavePart(
  server: FileServer,
  recording: Recording,
  root: string,
  bytes: number,
): Promise<number> {
  const cut = new AbortController()
  server.set({ behaviour: 'fin-at', breakAt: bytes, times: 1000 })
  const job = await jobFor(server, recording, { root, signal: cut.signal, retry: { retries: 0 } })
  const ended = await run(job)
  if (!ended.error) throw new Error('the earlier run was expected to be cut')
  return bytes
}
