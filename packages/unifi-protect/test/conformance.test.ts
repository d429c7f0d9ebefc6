import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConformanceTarget, conformanceCases } from '@cam/download-core/conformance'
import { startUnifiProtect, type UnifiProtectSimulator, type UnifiProtectSwitches } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { pieceId } from '../src/client/segments.ts'
import { unifiProtect } from '../src/index.ts'
import { cameraB, hurriedClock, optionsFor, span, worldOf } from './pretend-console.ts'

const password = 'correct-horse-battery'
const wrong = 'incorrect-horse-staple'
// Over the end of summer time and the border of an hour.
const window = span('2026-10-25T02:50:00+02:00', '2026-10-25T02:10:00+01:00')

const profiles: readonly (readonly [string, Partial<UnifiProtectSwitches>])[] = [
  ['before UniFi OS', { profile: 'legacy' }],
  ['Protect 4', { profile: 'protect-4', contentLength: false }],
  ['Protect 7', { profile: 'protect-7' }],
]

describe.each(profiles)('%s', (_, switches) => {
  for (const rule of conformanceCases) {
    it(rule.name, async ({ skip }) => {
      await using target = await makeTarget(switches)
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

async function makeTarget(switches: Partial<UnifiProtectSwitches>) {
  const ending: (() => unknown)[] = []
  const clock = hurriedClock()
  const names = [{ name: null }, { name: 'Yard / Süd' }] as const
  const gap = { start: Date.UTC(2026, 9, 25, 1), end: window.end }
  const recorded = [{ start: window.start, end: gap.start }]
  const consoles = await Promise.all(
    [worldOf(window, ...names), worldOf(window, names[0], { ...names[1], recorded })].map((world) =>
      startUnifiProtect({ world, clock, password, switches }),
    ),
  )
  const [console, gapped] = consoles as [UnifiProtectSimulator, UnifiProtectSimulator]
  let answering = console
  for (const each of consoles) ending.push(each.close)
  const strangers: { url: string; headers: IncomingHttpHeaders }[] = []
  const stranger = createServer(({ url = '', headers }, reply) => {
    strangers.push({ url, headers })
    reply.end('media')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  ending.push(() => void stranger.close())
  const folders = await mkdtemp(join(tmpdir(), 'unifi-conformance-'))
  ending.push(() => rm(folders, { recursive: true, force: true }))
  const kinds: Record<string, 'login' | 'listing' | 'media'> = {
    ...{ login: 'login', media: 'media', cameras: 'listing', camera: 'listing', events: 'listing' },
  }
  const target: ConformanceTarget = {
    makeSource: ({ wrongPassword = false } = {}) =>
      unifiProtect({ ...optionsFor(answering, clock), password: wrongPassword ? wrong : password }),
    window,
    truth: () =>
      console.truth().flatMap(({ cameraId, start, end, sha256, outcome }) => {
        if (outcome !== 'kept' || sha256 === undefined) throw new Error('Not everything in this world can be kept.')
        return [{ cameraId, recordingId: pieceId({ start, end }), sha256 }]
      }),
    requests: () =>
      consoles.flatMap(({ log }) =>
        log.entries.map(({ node, authenticated }) => ({
          kind: kinds[node] ?? ('other' as const),
          authenticated: authenticated || node === 'login',
        })),
      ),
    mostTransfersAtOnce: () => console.exports.maximum,
    bears: { transfers: 1 },
    faults: {
      cutBodies: (count) =>
        console.set(
          count === 0 ? { truncateAt: undefined } : { truncateAt: 15_000, truncate: 'destroy', faultTimes: count },
        ),
      truncateBodies: (on) =>
        console.set({
          contentLength: !on,
          truncateAt: on ? 15_000 : undefined,
          truncate: 'clean',
        }),
      stallBodies: (on) => console.set({ stallAt: on ? 15_000 : undefined }),
      absentRecording(on) {
        // The same console, whose second camera was off for a while.
        answering = on ? gapped : console
        return { cameraId: cameraB, recordingId: pieceId(gap) }
      },
      failListing(on) {
        console.set({ failCamera: on ? cameraB : 'none' })
        return cameraB
      },
    },
    openConnections: () => console.openConnections(),
    otherOrigin: {
      redirectMedia: (on) =>
        console.set({ redirectMedia: on ? `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/media` : '' }),
      requests: () => strangers,
    },
    get secrets() {
      const cookies = console.log.entries.flatMap(
        ({ headers }) => /TOKEN=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? [],
      )
      const keys = console.log.entries.flatMap(({ target }) => /accessKey=([^&]+)/.exec(target)?.[1] ?? [])
      return [password, wrong, ...new Set([...cookies, ...keys])]
    },
    newFolder: () => mkdtemp(join(folders, 'archive-')),
    clock,
  }
  return Object.assign(target, {
    violations: () => consoles.flatMap(({ violations }) => violations),
    async [Symbol.asyncDispose]() {
      for (const end of ending.reverse()) await end()
    },
  })
}
