import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConformanceTarget, conformanceCases } from '@cam/download-core/conformance'
import { type AxisSwitches, startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, it } from 'vitest'
import { axisTimelapse2 } from '../src/index.ts'
import { hurriedClock } from './pretend-camera.ts'
import { startRelay } from './relay.ts'

const password = 'correct-horse-battery'
const wrong = 'incorrect-horse-staple'
const day = 86_400_000
const archives = [0, 1, 2].map((index) => ({
  id: index === 1 ? 'HVXPLNDA' : 'KQWMZTRB',
  bytes: 30_000 + 7919 * index,
  first: Date.UTC(2026, 2, 2, 6) + index * day,
  last: Date.UTC(2026, 2, 2, 20) + index * day,
}))

const dialects: readonly (readonly [string, Partial<AxisSwitches>, boolean])[] = [
  ['TimelapseMe', { version: 'timelapseme' }, false],
  ['Timelapse2 1.1.2 that loses long replies', { version: '1.1.2', bigApp: true }, false],
  ['Timelapse2 1.1.3 over TLS', { version: '1.1.3', length: 'kept', auth: 'basic' }, true],
  ['Timelapse 3.1.4', { version: '3.1.4' }, false],
]

describe.each(dialects)('%s', (_, switches, tls) => {
  for (const rule of conformanceCases) {
    it(rule.name, async ({ skip }) => {
      await using target = await makeTarget(switches, tls)
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

async function makeTarget(switches: Partial<AxisSwitches>, tls: boolean) {
  const ending: (() => unknown)[] = []
  const camera = await startAxisTimelapse2({ archives, switches, tls, password })
  ending.push(camera.close)
  const relay = await startRelay(Number(new URL(camera.url).port))
  ending.push(() => relay[Symbol.asyncDispose]())
  const strangers: { url: string; headers: IncomingHttpHeaders }[] = []
  const stranger = createServer(({ url = '', headers }, reply) => {
    strangers.push({ url, headers })
    reply.end('media')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  ending.push(() => void stranger.close())
  const folders = await mkdtemp(join(tmpdir(), 'axis-conformance-'))
  ending.push(() => rm(folders, { recursive: true, force: true }))
  const clock = hurriedClock()
  const target: ConformanceTarget = {
    makeSource: ({ wrongPassword = false } = {}) =>
      axisTimelapse2({
        host: `${tls ? 'https' : 'http'}://${relay.host}`,
        username: 'root',
        password: wrongPassword ? wrong : password,
        clock,
        env: {},
        ...(camera.certificate && { tls: { fingerprint256: camera.certificate.fingerprint256 } }),
      }),
    truth: () =>
      camera.truth().map(({ id, filename, sha256 }, index) => {
        const stem = filename.replace(/\.\w+$/, '')
        const { first, last } = archives[index]!
        const recordingId = switches.version === 'timelapseme' ? `${id}/${filename}` : `${stem}@${first}-${last}`
        return { cameraId: 'ACCC8E000001', view: stem.replace(/_2026.*/, ''), recordingId, sha256 }
      }),
    requests: () => [
      ...camera.log.entries.map(({ node, headers }) => ({
        kind: node === 'media' ? ('media' as const) : node === 'list' ? ('listing' as const) : ('other' as const),
        authenticated: headers.authorization !== undefined,
      })),
      ...relay.redirected().map(({ authenticated }) => ({ kind: 'media' as const, authenticated })),
    ],
    mostTransfersAtOnce: () => camera.log.counts().maximumMediaBodies,
    bears: { transfers: 1 },
    faults: {
      cutBodies: (count) =>
        camera.set(
          count === 0 ? { truncateAt: undefined } : { truncateAt: 20_000, truncate: 'destroy', faultTimes: count },
        ),
      truncateBodies: (on) => camera.set(on ? { truncateAt: 20_000, truncate: 'clean' } : { truncateAt: undefined }),
      stallBodies: (on) => camera.set(on ? { stallAt: 20_000, stallMs: 600_000 } : { stallAt: undefined }),
      absentRecording: {
        impossible: 'the app lists files that it has; nothing in its protocol says that nothing was recorded',
      },
      failListing(on) {
        camera.set({ listShape: on ? 'broken' : 'array' })
        return 'ACCC8E000001'
      },
    },
    async openConnections() {
      await pause(5)
      return relay.open()
    },
    otherOrigin: tls
      ? { impossible: 'the relay of this test cannot read TLS; without TLS the same code is tested' }
      : {
          redirectMedia: (on) =>
            relay.redirectMediaTo(
              on ? `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/media` : undefined,
            ),
          requests: () => strangers,
        },
    secrets: [password, wrong, Buffer.from(`root:${password}`).toString('base64')],
    newFolder: () => mkdtemp(join(folders, 'archive-')),
    clock,
  }
  return {
    ...target,
    violations: () => camera.violations,
    async [Symbol.asyncDispose]() {
      for (const end of ending.reverse()) await end()
    },
  }
}
