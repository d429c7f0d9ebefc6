import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noise } from '@cam/simulators/media'
import { describe, expect, it, onTestFinished } from 'vitest'
import { orderCases } from '../../src/conformance/order-cases.ts'
import { type ConformanceTarget, conformanceCases } from '../../src/conformance.ts'
import { minute, noon } from './fixture.ts'
import { sha256, toyPassword, toyServer, toySession, video } from './toy-server.ts'
import { type ToyFlaw, type ToyOptions, toySource } from './toy-source.ts'

async function target(flaws: readonly ToyFlaw[] = [], options: Partial<ToyOptions> = {}): Promise<ConformanceTarget> {
  const server = await toyServer()
  const other = await toyServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  onTestFinished(() => other[Symbol.asyncDispose]())
  server.faults.slowMs = 10
  for (const id of ['cam-1', 'cam-2']) {
    server.cameras.push({ id, name: `Camera ${id}`, timeZone: 'Europe/Berlin' })
    for (let index = 0; index < 3; index++) {
      const bytes = index === 2 ? noise(`${id} ${index}`, 300_000) : video(300_000 + index, `${id} ${index}`)
      const window = { start: noon + index * minute, end: noon + index * minute + minute }
      const extension = index === 2 ? 'bin' : 'mp4'
      const recording = { id: `${id}-${index}`, cameraId: id, window, windowFrom: 'source', extension } as const
      // One is whole by its structure, one lets itself be continued, and of one only the list knows how long it is.
      const more = index === 2 ? { bytes: bytes.length } : {}
      server.clips.push({ bytes, recording: { ...recording, ...more, resume: index === 1 ? 'validated' : 'never' } })
    }
  }
  return {
    makeSource: ({ wrongPassword = false } = {}) =>
      toySource({
        url: server.url,
        flaws: new Set(flaws),
        remainder: true,
        ...(wrongPassword ? { password: 'wr0ng-passw0rd' } : {}),
        ...options,
      }),
    window: { start: noon, end: noon + 60 * minute },
    truth: () =>
      server.clips.map(({ bytes, recording }) => ({
        cameraId: recording.cameraId,
        recordingId: recording.id,
        sha256: sha256(bytes),
      })),
    requests: () => server.requests,
    mostTransfersAtOnce: () => server.mostAtOnce,
    bears: { transfers: 2 },
    faults: {
      cutBodies: (count) => {
        server.faults.cuts = count
      },
      truncateBodies: (on) => {
        server.faults.truncates = on
      },
      stallBodies: (on) => {
        server.faults.stalls = on
      },
      absentRecording(on) {
        const { id: recordingId, cameraId } = server.clips[1]!.recording
        if (on) server.faults.nothing.add(recordingId)
        else server.faults.nothing.clear()
        return { cameraId, recordingId }
      },
      failListing(on) {
        if (on) server.faults.failListing.add('cam-2')
        else server.faults.failListing.clear()
        return 'cam-2'
      },
    },
    openConnections: () => server.openConnections(),
    otherOrigin: {
      redirectMedia: (on) => {
        if (on) server.faults.redirectTo = other.url
        else delete server.faults.redirectTo
      },
      requests: () => other.requests,
    },
    secrets: [toyPassword, toySession, 'wr0ng-passw0rd'],
    async newFolder() {
      const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      return folder
    },
  }
}

describe('a vendor package that keeps the rules', () => {
  // Those about orders have a toy of their own.
  for (const rule of conformanceCases.filter((one) => !orderCases.includes(one))) {
    it(rule.name, async () => {
      const toy = await target()
      expect(rule.notApplicable?.(toy)).toBeUndefined()
      await rule.run(toy)
    })
  }
})

const caught: Record<ToyFlaw, RegExp> = {
  'contacts when made': /nothing is contacted/,
  'logs in for each call': /it logs in once, however/,
  'keeps its sockets': /disposing closes/,
  'swallows a cut': /cut again and again is never kept/,
  'knows a wrong length': /exactly the bytes/,
  'numbers its ids': /the same in every run/,
  'ids by window': /whatever window/,
  'one id for all': /ids are unique/,
  'hides a failed list': /a camera whose list fails/,
  'ignores the signal': /every call ends at once/,
  'tries the password again': /one authenticated request/,
  'takes its cookie along': /never go to another origin/,
  'shouts its password': /no secret/,
  'promises too much': /the device bears them/,
  'is a new device each time': /who it is/,
  'lies about where it starts': /from a byte on/,
  'calls nothing a failure': /never recorded is absent/,
  'gives no reason': /never recorded is absent/,
  'forgets a part of the rest': /behind a kept recording/,
  'names the rest by its end': /behind a kept recording/,
}

describe('a vendor package that breaks a rule is caught', () => {
  for (const [flaw, rule] of Object.entries(caught)) {
    it(flaw, async () => {
      const broken = conformanceCases.filter(({ name }) => rule.test(name))
      expect(broken).toHaveLength(1)
      await expect(broken[0]!.run(await target([flaw as ToyFlaw]))).rejects.toMatchObject({ code: 'ERR_ASSERTION' })
    })
  }
})
