import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import {
  type Camera,
  type Clock,
  type FootageSource,
  IncompleteError,
  NotFoundError,
  type Recording,
  ServerError,
  systemClock,
  type TimeWindow,
} from '@cam/download-core'
import type { CliDefinition } from '../src/definition.ts'
import { runCli } from '../src/run.ts'
import { definition, recorder, signalSource } from './streams.ts'

export const hour = 3_600_000
export const day = 24 * hour

/** What stands in it is of no interest here: its stated length is its proof. */
const picture = Buffer.from('one picture')

interface Clip {
  readonly start: number
  /** When the cloud begins to list it. */
  readonly from: number
  /** When it has ended. */
  readonly settles: number
}

/** Clips of a few cameras, a clock that stands still, and what was asked. */
export class PretendCloud {
  now = Date.UTC(2026, 2, 2, 12)
  id = 'account-1'
  cameras: readonly Camera[] = [
    { id: 'c1', name: 'Gate' },
    { id: 'c2', name: 'Yard' },
  ]
  readonly clips = new Map<string, Clip[]>()
  /** Cameras whose lists fail. */
  readonly unlisted = new Set<string>()
  /** Where this moment is in a list, it fails. */
  unreadable: number | undefined
  /** Starts of clips that cannot be fetched. */
  readonly broken = new Map<number, 'for a while' | 'for ever'>()
  /** What the cloud was asked for since the last `asked()`. */
  private windows: [string, TimeWindow | undefined][] = []
  onList: ((camera: Camera) => void) | undefined
  readonly fetched: string[] = []
  readonly signals = signalSource()

  /** One hour long. */
  clip(camera: string, start: number, { from = start + hour, settles = start + hour } = {}): number {
    this.clips.set(camera, [...(this.clips.get(camera) ?? []), { start, from, settles }])
    return start
  }

  /** Whose list was asked for from when to when, in hours from now. */
  asked(): [string, number, number][] {
    const hours = (ms: number) => (ms - this.now) / hour
    const asked = this.windows.map(([id, w]): [string, number, number] => [id, hours(w!.start), hours(w!.end)])
    this.windows = []
    return asked
  }

  source(): FootageSource {
    const cloud = this
    return {
      vendor: 'Pretend',
      identity: 'own',
      limits: { transfers: 1, transfersPerCamera: 1 },
      identify: async () => ({ id: cloud.id, name: 'Account' }),
      async *cameras() {
        yield* cloud.cameras
      },
      async *recordings(camera, window, { signal }) {
        cloud.windows.push([camera.id, window])
        cloud.onList?.(camera)
        signal.throwIfAborted()
        const { unreadable: bad = Number.NaN } = cloud
        if (cloud.unlisted.has(camera.id) || (window && window.start <= bad && bad < window.end))
          throw new ServerError('The list is not to be had.', { httpStatus: 503 })
        for (const { start, from, settles } of cloud.clips.get(camera.id) ?? []) {
          if (from > cloud.now || (window && (start + hour <= window.start || start >= window.end))) continue
          yield {
            id: new Date(start).toISOString(),
            cameraId: camera.id,
            name: `${camera.id}-${new Date(start).toISOString()}`,
            window: { start, end: start + hour },
            windowFrom: 'source',
            extension: 'bin',
            resume: 'never',
            ...(settles > cloud.now ? { settled: false } : {}),
          } satisfies Recording
        }
      },
      async open(recording) {
        const broken = cloud.broken.get(recording.window!.start)
        if (broken === 'for ever') throw new NotFoundError('It is not there.', { httpStatus: 404 })
        if (broken) throw new IncompleteError('It broke off, "really".', { receivedBytes: 3 })
        cloud.fetched.push(`${recording.cameraId} ${(recording.window!.start - cloud.now) / hour}`)
        return {
          body: (async function* () {
            yield new Uint8Array(picture)
          })(),
          startsAtByte: 0,
          totalBytes: picture.length,
          representation: 'whole',
        }
      },
      async [Symbol.asyncDispose]() {},
    }
  }

  clock(): Clock {
    return { ...systemClock, now: () => this.now }
  }
}

export const cloudCli = (cloud: PretendCloud): CliDefinition => ({
  ...definition,
  defaults: {
    ...definition.defaults,
    maxRetries: 0,
    retryDelaySeconds: 0,
    seedLayout: '{camera}/{start:yyyyMMdd-HH}.{ext}',
  },
  sinceLastRun: { firstMs: day, lookBackMs: 2 * hour },
  commands: [{ name: 'sync', summary: 'fetch from where the archive begins', does: 'sync' }],
  makeSource: () => cloud.source(),
})

/** One command line, in this process. */
export async function runCloud(cloud: PretendCloud, folder: string, argv: readonly string[], made = cloudCli(cloud)) {
  const [stdout, stderr] = [recorder(), recorder()]
  const stdin = new PassThrough()
  stdin.end()
  const code = await runCli(made, {
    argv: [...argv, ...(argv.includes('--dest') ? [] : ['--dest', join(folder, 'archive')])],
    env: { CAM_STATE_DIR: join(folder, 'state'), CAM_PRETEND_USER: 'root', CAM_PRETEND_PASSWORD: 'sesame' },
    stdin,
    stdout,
    stderr,
    signals: cloud.signals,
    timeZone: 'UTC',
    clock: cloud.clock(),
    exit: () => {},
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
