import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConformanceTarget, conformanceCases } from '@cam/download-core/conformance'
import { systemClock } from '@cam/download-core/source'
import { type SamsaraWorld, startSamsara } from '@cam/simulators/samsara'
import { describe, expect, it } from 'vitest'
import { samsara, type View } from '../src/index.ts'
import { calm, hurriedClock, minutes, truck12, truck13 } from './pretend.ts'

const wrong = 'samsara_api_NobodyGaveThisTokenAway00'
const window = minutes(0, 2)

const views: readonly View[] = ['road', 'driver']

describe('two vehicles with two cameras each', () => {
  for (const rule of conformanceCases) {
    it(rule.name, async ({ skip }) => {
      await using target = await makeTarget()
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

async function makeTarget() {
  const ending: (() => unknown)[] = []
  const clock = hurriedClock()
  const cameras = [
    { input: 'dashcamRoadFacing' as const, fps: 1 },
    { input: 'dashcamDriverFacing' as const, fps: 2 },
  ]
  const vehicle = (id: string, name: string) => ({ id, name, cameraSerial: 'C', cameras, recorded: [minutes(0, 10)] })
  const vehicles = [vehicle(truck12, 'Truck 12'), vehicle(truck13, 'Truck / Süd')]
  const world: SamsaraWorld = { orgId: '4001234', orgName: 'Freight', window, vehicles }
  // Stalls are to last: what the cloud itself waits for is real.
  const cloud = await startSamsara({ world, clock: { now: clock.now, wait: systemClock.wait } })
  ending.push(cloud.close)
  const strangers: { url: string; headers: IncomingHttpHeaders }[] = []
  const stranger = createServer(({ url = '', headers }, reply) => {
    strangers.push({ url, headers })
    reply.end('media')
  })
  let failing = ''
  const entrance = forwarder(cloud.url, (target) => failing !== '' && target.includes(`vehicleIds=${failing}`))
  for (const server of [stranger, entrance]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ending.push(() => void server.close())
    ending.push(() => server.closeAllConnections())
  }
  const folders = await mkdtemp(join(tmpdir(), 'samsara-conformance-'))
  ending.push(() => rm(folders, { recursive: true, force: true }))
  const kinds: Record<string, 'listing' | 'media'> = { vehicles: 'listing', list: 'listing', media: 'media' }
  const truth = cloud.truth({ angles: [...views] as ('road' | 'driver')[], minutes: 2 })
  const recordingId = (start: number) => `highres/${new Date(start).toISOString().replace('.000Z', 'Z')}`
  const target: ConformanceTarget = {
    makeSource: ({ wrongPassword = false } = {}) =>
      samsara({
        ...{ token: wrongPassword ? wrong : cloud.token, baseUrl: originOf(entrance), views, clock, ...calm },
      }),
    window,
    truth: () =>
      truth.map(({ vehicleId, angle, start, film }) => ({
        ...{ cameraId: vehicleId, view: angle, recordingId: recordingId(start), sha256: film!.sha256 },
      })),
    requests: () =>
      cloud.log.entries.map(({ node, headers }) => ({
        kind: kinds[node] ?? ('other' as const),
        authenticated: headers.authorization !== undefined,
      })),
    mostTransfersAtOnce: () => cloud.log.counts().maximumMediaBodies,
    bears: { transfers: 6 },
    faults: {
      cutBodies: (count) =>
        cloud.set(
          count === 0
            ? { truncateAt: undefined, faultTimes: Number.POSITIVE_INFINITY }
            : { truncateAt: 5000, truncate: 'destroy', faultTimes: count },
        ),
      truncateBodies: (on) =>
        cloud.set({ truncateAt: on ? 5000 : undefined, truncate: 'clean', contentLength: on ? 'none' : 'right' }),
      stallBodies: (on) => cloud.set({ stallAt: on ? 5000 : undefined }),
      absentRecording(on) {
        const { vehicleId: cameraId, angle: view, start } = truth[1]!
        const minute = new Date(start).toISOString()
        cloud.set({ unrecorded: on ? `${cameraId}/${view}@${minute}` : 'none' })
        return { cameraId, view, recordingId: recordingId(start) }
      },
      failListing(on) {
        failing = on ? truck13 : ''
        return truck13
      },
    },
    orders: {
      accepted: () => cloud.orders.length,
      orderOf: ({ cameraId, recordingId: id }) => `${cameraId} ${id}`,
      holdBack: (on) => cloud.set({ offline: on ? 'all' : 'none' }),
      loseReplies: (on) => cloud.set({ postFailN: on ? 1_000_000 : 0, postFailStatus: 'lost' }),
      refuse: (on) => cloud.set({ postFailN: on ? 1_000_000 : 0, postFailStatus: '429' }),
    },
    openConnections: async () => cloud.openConnections() + (await connectionsOf(entrance)),
    otherOrigin: {
      redirectMedia: (on) => cloud.set({ redirectMedia: on ? `${originOf(stranger)}/media` : '' }),
      requests: () => strangers,
    },
    get secrets() {
      const signed = cloud.log.entries.flatMap(({ target: path }) => /X-Amz-Signature=([^&]+)/.exec(path)?.[1] ?? [])
      return [cloud.token, wrong, ...new Set(signed)]
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

/** Hands every request on, but for those that are to fail. */
function forwarder(to: string, fails: (target: string) => boolean): Server {
  return createServer((asked, reply) => {
    if (fails(asked.url ?? '')) return void reply.writeHead(500).end('{"message":"Failed to execute GraphQL query."}')
    const { method, headers, url } = asked
    const onwards = request(`${to}${url}`, { method, headers, agent: false }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(reply)
    })
    onwards.on('error', () => reply.destroy())
    reply.on('close', () => onwards.destroy())
    asked.pipe(onwards)
  })
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}
