import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConformanceTarget, conformanceCases } from '@cam/download-core/conformance'
import { type EagleEyeSwitches, startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { eagleEye } from '../../src/index.ts'
import { saveTokens } from '../../src/session/v3-stored.ts'
import { hurriedClock, keyOf, logIn, minute, optionsFor, sharedStore } from './pretend-cloud.ts'

const end = Date.UTC(2026, 1, 9)
const window = { start: end - 60 * minute, end }
const wrongRefresh = 'a-refresh-token-that-nobody-gave'
const wrongAccess = 'an-access-token-that-nobody-gave'

const profiles: readonly (readonly [string, Partial<EagleEyeSwitches>])[] = [
  ['files without a size', { contentLength: false }],
  ['files that can be continued', { ranges: '206' }],
  ['exports', { mp4UrlNull: 'all', contentLength: false }],
]

describe.each(profiles)('%s', (name, switches) => {
  for (const rule of conformanceCases) {
    it(rule.name, async ({ skip }) => {
      await using target = await makeTarget(switches, name === 'exports' ? 'exported' : 'mp4')
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

async function makeTarget(switches: Partial<EagleEyeSwitches>, form: 'mp4' | 'exported') {
  const ending: (() => unknown)[] = []
  const clock = hurriedClock()
  const bridges = [{ id: '100b0001', name: 'Bridge' }]
  const camera = (id: string, name: string, offset: number) => ({
    ...{ id, name, bridgeId: '100b0001' },
    clips: [40, 20].map((at) => ({
      start: end - (at + offset) * minute - 863,
      end: end - (at + offset) * minute + 75_000,
    })),
  })
  const cameras = [camera('1002a0b1', 'Gate', 1), camera('1002a0b2', 'Yard / Süd', 3)]
  const world = { accountId: '00032123', window, bridges, cameras }
  const cloud = await startEagleEye({ world, clock, switches })
  ending.push(cloud.close)
  const sessions = sharedStore()
  await logIn(cloud, sessions, clock)
  const refusing = sharedStore()
  const now = clock.now()
  await saveTokens(refusing, keyOf(cloud), {
    ...{ accessToken: wrongAccess, refreshToken: wrongRefresh, receivedAt: now - 2, expiresAt: now - 1 },
    ...{ firstLoginAt: now - 2, lastRefreshAt: now - 2, base: cloud.hosts.apiCluster },
  })
  const strangers: { url: string; headers: IncomingHttpHeaders }[] = []
  const stranger = createServer(({ url = '', headers }, reply) => {
    strangers.push({ url, headers })
    reply.end('media')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  ending.push(() => void stranger.close())
  const folders = await mkdtemp(join(tmpdir(), 'eagleeye-v3-conformance-'))
  ending.push(() => rm(folders, { recursive: true, force: true }))
  const kinds: Record<string, 'login' | 'listing' | 'media'> = {
    ...{ token: 'login', cameras: 'listing', list: 'listing', media: 'media' },
  }
  const target: ConformanceTarget = {
    makeSource: ({ wrongPassword = false } = {}) =>
      eagleEye(optionsFor(cloud, wrongPassword ? refusing : sessions, clock)),
    window,
    truth: () =>
      cloud.truth().map((row) => ({
        cameraId: row.cameraId,
        recordingId: `main/${new Date(row.start).toISOString()}`,
        sha256: row[form].sha256,
      })),
    requests: () =>
      cloud.log.entries.map(({ node, authenticated }) => ({
        kind: kinds[node] ?? ('other' as const),
        authenticated: authenticated || node === 'token',
      })),
    mostTransfersAtOnce: () => cloud.log.counts().maximumMediaBodies,
    bears: { transfers: 4 },
    faults: {
      cutBodies: (count) =>
        cloud.set(
          count === 0
            ? { truncateAt: undefined, faultTimes: Number.POSITIVE_INFINITY }
            : { truncateAt: 2000, truncate: 'destroy', faultTimes: count },
        ),
      truncateBodies: (on) => cloud.set({ truncateAt: on ? 2000 : undefined, truncate: 'clean' }),
      stallBodies: (on) => cloud.set({ stallAt: on ? 2000 : undefined }),
      absentRecording: { impossible: 'whatever is listed was recorded; what is not there any more is expired' },
      failListing(on) {
        cloud.set({ listFailN: on ? 1_000_000 : 0, listFailStatus: '500', only: on ? '1002a0b2' : 'all' })
        return '1002a0b2'
      },
    },
    openConnections: () => cloud.openConnections(),
    otherOrigin: {
      redirectMedia: (on) =>
        cloud.set({ redirectMedia: on ? `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/media` : '' }),
      requests: () => strangers,
    },
    get secrets() {
      const bearers = cloud.log.entries.flatMap(
        ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? [],
      )
      const stored = [...sessions.values.values()].flatMap((text) => JSON.parse(text).refreshToken ?? [])
      return ['client-secret', wrongRefresh, wrongAccess, ...new Set([...bearers, ...stored])]
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
