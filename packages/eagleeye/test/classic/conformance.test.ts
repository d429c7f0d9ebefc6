import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConformanceTarget, conformanceCases } from '@cam/download-core/conformance'
import { type EagleEyeSwitches, startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { eagleEye } from '../../src/index.ts'
import { recordingId } from '../../src/wire/recording-id.ts'
import { cameraB, clip, day, hurriedClock, minute, optionsFor, second, today, worldOf } from './pretend.ts'

const password = 'correct-horse-battery'
const wrong = 'incorrect-horse-staple'
const pieceMs = 5 * minute
const window = { start: today - 2 * day, end: today - day }

const kinds: readonly (readonly [string, 'flv' | 'mp4', Partial<EagleEyeSwitches>])[] = [
  ['FLV without lengths, lists with stale entries', 'flv', { contentLength: false, listNoise: 'stale' }],
  [
    'MP4 with ranges, the old cookie, everything at another archiver',
    'mp4',
    { mp4Polls: 2, ranges: '206', moved: 'both', sessionCookie: 'videobank_sessionid', listEdges: 'starting' },
  ],
]

describe.each(kinds)('%s', (_, format, switches) => {
  for (const rule of conformanceCases) {
    it(rule.name, async ({ skip }) => {
      await using target = await makeTarget(format, switches)
      const why = rule.notApplicable?.(target)
      if (why) {
        console.log(`skipped: ${rule.name}: ${why}`)
        skip(why)
      }
      await rule.run(target)
      expect(target.violations()).toEqual([])
    })
  }
})

async function makeTarget(format: 'flv' | 'mp4', switches: Partial<EagleEyeSwitches>) {
  const ending: (() => unknown)[] = []
  const clock = hurriedClock()
  const clips = [clip(-20 * second, 50 * second), clip(2 * minute, 12 * minute + 300), clip(30 * minute, 41 * second)]
  const cloud = await startEagleEye({
    world: worldOf(clips, [clip(9 * 60 * minute + 137, 35 * second)], window),
    credentials: { password },
    clock,
    switches,
  })
  ending.push(cloud.close)
  const strangers: { url: string; headers: IncomingHttpHeaders }[] = []
  const stranger = createServer(({ url = '', headers }, reply) => {
    strangers.push({ url, headers })
    reply.end('media')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  ending.push(() => void stranger.close())
  const folders = await mkdtemp(join(tmpdir(), 'eagleeye-conformance-'))
  ending.push(() => rm(folders, { recursive: true, force: true }))
  const nodes: Record<string, 'login' | 'listing' | 'media'> = {
    // A login is two requests.
    ...{ authenticate: 'login', devices: 'listing', list: 'listing', media: 'media' },
  }
  const pieces = cloud.truth(window).flatMap(({ cameraId, start, end }) =>
    Array.from({ length: Math.ceil((end - start) / pieceMs) }, (_, index) => {
      const offsetMs = index * pieceMs
      const piece = { start: start + offsetMs, end: Math.min(start + offsetMs + pieceMs, end) }
      const id = recordingId({ start, ...(offsetMs > 0 && { offsetMs }) })
      return { cameraId, recordingId: id, sha256: cloud.film(cameraId, piece, format)!.sha256 }
    }),
  )
  const { classic, ...rest } = optionsFor(cloud, clock)
  const target: ConformanceTarget = {
    makeSource: ({ wrongPassword = false } = {}) =>
      eagleEye({ ...rest, format, classic: { ...classic!, password: wrongPassword ? wrong : password } }),
    window,
    truth: () => pieces,
    requests: () =>
      cloud.log.entries.map(({ node, authenticated }) => ({
        kind: nodes[node] ?? ('other' as const),
        authenticated: authenticated || nodes[node] === 'login',
      })),
    mostTransfersAtOnce: () => cloud.log.counts().maximumMediaBodies,
    bears: { transfers: 4 },
    faults: {
      cutBodies: (count) =>
        cloud.set(
          count === 0
            ? { truncateAt: undefined, faultTimes: 0 }
            : { truncateAt: 1500, truncate: 'destroy', faultTimes: count },
        ),
      truncateBodies: (on) =>
        cloud.set({
          contentLength: !on,
          truncateAt: on ? 1500 : undefined,
          truncate: 'clean',
          faultTimes: Number.POSITIVE_INFINITY,
        }),
      stallBodies: (on) => cloud.set({ stallAt: on ? 1000 : undefined, faultTimes: Number.POSITIVE_INFINITY }),
      absentRecording: { impossible: 'what is listed was recorded: the vendor only says that it has expired' },
      failListing(on) {
        cloud.set(on ? { only: cameraB, listFailN: 1_000_000 } : { only: 'all', listFailN: 0 })
        return cameraB
      },
    },
    openConnections: () => cloud.openConnections(),
    otherOrigin: {
      redirectMedia: (on) =>
        cloud.set({ redirectMedia: on ? `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/media` : '' }),
      requests: () => strangers,
    },
    get secrets() {
      const cookies = cloud.log.entries.flatMap(
        ({ headers }) => /(?:auth_key|videobank_sessionid)=([^;]+)/.exec(String(headers.cookie ?? ''))?.[1] ?? [],
      )
      return [password, wrong, ...new Set(cookies)]
    },
    newFolder: () => mkdtemp(join(folders, 'archive-')),
    clock,
  }
  return Object.assign(target, {
    violations: () => cloud.violations,
    async [Symbol.asyncDispose]() {
      for (const end of ending.reverse()) await end()
    },
  })
}
