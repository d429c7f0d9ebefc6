import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConformanceTarget, conformanceCases } from '@cam/download-core/conformance'
import { systemClock } from '@cam/download-core/source'
import { type ReolinkRecordingSpec, startReolink } from '@cam/simulators/reolink'
import { describe, expect, it } from 'vitest'
import { reolink } from '../../src/index.ts'
import {
  berlin,
  channelsOf,
  hour,
  hurriedClock,
  idOf,
  minute,
  type ProfileName,
  profileNames,
  second,
} from '../archiving.ts'
import { connectionsOf, forward, portOf } from '../forwarder.ts'
import { cameraIdOf } from '../worlds.ts'

const password = 'correct-horse-battery'
const wrong = 'incorrect-horse-staple'
/** Over midnight in Berlin. */
const window = { start: Date.UTC(2026, 10, 2, 22), end: Date.UTC(2026, 10, 3, 1) }

/** The last one goes over midnight. */
const recordings = (seed: number): ReolinkRecordingSpec[] =>
  [5 * minute, 40 * minute, hour - 10 * second].map((from, at) => ({
    ...{ start: window.start + from, end: window.start + from + (20 + seed + at) * second },
    bytes: 150_000 + at * 1000 + seed,
  }))

describe.each(profileNames)('%s', (profile) => {
  for (const rule of conformanceCases) {
    it(rule.name, async ({ skip }) => {
      await using target = await makeTarget(profile)
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

async function makeTarget(profile: ProfileName) {
  const ending: (() => unknown)[] = []
  const clock = hurriedClock()
  const channels = channelsOf(profile === 'camera' ? [recordings(1)] : [recordings(1), recordings(2)])
  const device = await startReolink({
    ...{ world: { name: 'Farm', zone: berlin, channels }, password, switches: { profile } },
    // Stalls are to last: what the device itself waits for is real.
    clock: { now: clock.now, wait: systemClock.wait },
  })
  ending.push(device.close)
  const strangers: { url: string; headers: IncomingHttpHeaders }[] = []
  const stranger = createServer(({ url = '', headers }, reply) => {
    strangers.push({ url, headers })
    reply.end('media')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  let failing: number | undefined
  let redirecting = false
  const sentAway: string[] = []
  const entrance = await forward(device, (path, body) => {
    if (redirecting && /cmd=(Download|Playback)|^\/flv/.test(path)) {
      sentAway.push(path)
      return { status: 302, headers: { location: `http://127.0.0.1:${portOf(stranger)}/media` }, body: '' }
    }
    if (failing === undefined || !/"cmd":"Search"/.test(body) || !body.includes(`"channel":${failing},`)) return
    const error = { detail: 'rcv failed', rspCode: -17 }
    return {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: JSON.stringify([{ cmd: 'Search', code: 1, error }]),
    }
  })
  for (const server of [stranger, entrance]) {
    ending.push(() => void server.close())
    ending.push(() => server.closeAllConnections())
  }
  const folders = await mkdtemp(join(tmpdir(), 'reolink-conformance-'))
  ending.push(() => rm(folders, { recursive: true, force: true }))
  const kinds: Record<string, 'login' | 'listing' | 'media'> = {
    ...{ Login: 'login', Search: 'listing', Download: 'media', Playback: 'media', NvrDownload: 'media', flv: 'media' },
  }
  const cameraId = cameraIdOf(profile)
  const target: ConformanceTarget = {
    makeSource: ({ wrongPassword = false } = {}) =>
      reolink({
        ...{ host: `127.0.0.1:${portOf(entrance)}`, username: device.username, clock, env: {} },
        password: wrongPassword ? wrong : password,
      }),
    window,
    truth: () =>
      device.truth({ stream: 'main' }).recordings.map((one) => ({
        ...{ cameraId: cameraId(one.channel), view: 'main', recordingId: idOf(one), sha256: one.sha256 },
      })),
    requests: () => [
      ...device.requests.map(({ node, authenticated }) => ({
        kind: kinds[node] ?? ('other' as const),
        authenticated: authenticated || node === 'Login',
      })),
      ...sentAway.map(() => ({ kind: 'media' as const, authenticated: true })),
    ],
    mostTransfersAtOnce: () => device.maximumDownloads,
    bears: { transfers: 1 },
    faults: {
      cutBodies: (count) =>
        device.set(
          count === 0
            ? { truncateAt: undefined, faultTimes: Number.POSITIVE_INFINITY }
            : { truncateAt: 20_000, truncate: 'destroy', faultTimes: count },
        ),
      truncateBodies: (on) => device.set({ truncateAt: on ? 1000 : undefined, truncate: 'clean', contentLength: !on }),
      stallBodies: (on) => device.set({ stallAt: on ? 20_000 : undefined }),
      absentRecording: {
        impossible:
          'a device lists only what it recorded; a file that is gone was overwritten, which is another outcome',
      },
      failListing(on) {
        const channel = channels.at(-1)!.channel
        failing = on ? channel : undefined
        return cameraId(channel)
      },
    },
    openConnections: () => connectionsOf(entrance),
    otherOrigin: {
      redirectMedia(on) {
        redirecting = on
      },
      requests: () => strangers,
    },
    get secrets() {
      const tokens = device.requests.flatMap(({ target: path }) => /token=([^&]+)/.exec(path)?.[1] ?? [])
      return [password, wrong, ...new Set(tokens)].filter((secret) => secret !== 'null')
    },
    newFolder: () => mkdtemp(join(folders, 'archive-')),
    clock,
  }
  return Object.assign(target, {
    violations: () => device.violations,
    async [Symbol.asyncDispose]() {
      for (const end of ending.reverse()) await end()
    },
  })
}
