import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { orderCases } from '../../src/conformance/order-cases.ts'
import type { ConformanceTarget } from '../../src/conformance.ts'
import { RateLimitError } from '../../src/footage/errors.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource, Note, Preparation } from '../../src/footage/source.ts'
import { leapClock, minute, noon } from './fixture.ts'
import { sha256, toyPassword, toyServer, toySession, video } from './toy-server.ts'
import { toySource } from './toy-source.ts'

/** Mistakes a vendor package could make with orders. */
type Flaw =
  | 'forgets what it ordered'
  | 'notes nothing before'
  | 'notes everything before'
  | 'orders the unknown again'
  | 'takes a refusal for an order'

/** Where footage is ordered, and paid for. */
interface Desk {
  accepted: string[]
  held: boolean
  loses: boolean
  refuses: boolean
}

function place(desk: Desk, order: string): string | undefined {
  if (desk.refuses) throw new RateLimitError('too many at once')
  desk.accepted.push(order)
  return desk.loses ? undefined : `id of ${order}`
}

/** What a vendor package would make of the desk. */
function orderingSource(desk: Desk, flaws: ReadonlySet<Flaw>): NonNullable<FootageSource['prepare']> {
  const ours = new Map<string, Note>()
  return async function* prepare(asked, notes): AsyncGenerator<Preparation, void, undefined> {
    const known = new Map(notes.map((note) => [note.order, note]))
    const about = ({ id, cameraId, order = '' }: Recording) => ({ recordingId: id, cameraId, order })
    if (flaws.has('notes everything before')) {
      for (const { order, ...one } of asked.map(about)) {
        if (!known.has(order) && !ours.has(order)) yield { ...one, state: 'waiting', note: { order, state: 'asking' } }
      }
    }
    for (const { order, ...one } of asked.map(about)) {
      const before = ours.get(order) ?? (flaws.has('forgets what it ordered') ? undefined : known.get(order))
      const lost = before?.state === 'asking' && !(flaws.has('orders the unknown again') && !ours.has(order))
      if (before?.state === 'asked' || lost) {
        const ready = !desk.held && before.vendorId !== undefined
        yield { ...one, state: ready ? 'ready' : 'pending', note: before }
        continue
      }
      const asking: Note = { order, state: 'asking' }
      if (!flaws.has('notes nothing before')) yield { ...one, state: 'waiting', note: asking }
      try {
        const vendorId = place(desk, order)
        const note: Note = vendorId === undefined ? asking : { order, state: 'asked', vendorId }
        ours.set(order, note)
        if (!flaws.has('notes nothing before') || vendorId !== undefined) yield { ...one, state: 'waiting', note }
      } catch (error) {
        const state = flaws.has('takes a refusal for an order') ? 'asked' : 'failed'
        yield { ...one, state: 'failed', note: { order, state }, error: error as RateLimitError }
      }
    }
  }
}

async function target(flaws: readonly Flaw[] = []): Promise<ConformanceTarget> {
  const server = await toyServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  server.cameras.push({ id: 'cam-1', name: 'Truck', timeZone: 'UTC' })
  for (let index = 0; index < 3; index++) {
    const bytes = video(20_000, `clip ${index}`)
    const window = { start: noon + index * minute, end: noon + (index + 1) * minute }
    const recording = { id: `m-${index}`, cameraId: 'cam-1', window, windowFrom: 'asked', extension: 'mp4' } as const
    server.clips.push({ bytes, recording: { ...recording, resume: 'validated', order: `o-${index}` } })
  }
  const desk: Desk = { accepted: [], held: false, loses: false, refuses: false }
  const unused = { impossible: 'these cases are about orders' }
  return {
    makeSource: () => toySource({ url: server.url, change: { prepare: orderingSource(desk, new Set(flaws)) } }),
    window: { start: noon, end: noon + 3 * minute },
    truth: () =>
      server.clips.map(({ bytes, recording }) => ({
        ...{ cameraId: recording.cameraId, recordingId: recording.id, sha256: sha256(bytes) },
      })),
    requests: () => server.requests,
    mostTransfersAtOnce: () => server.mostAtOnce,
    bears: { transfers: 2 },
    faults: {
      cutBodies() {},
      truncateBodies: unused,
      stallBodies() {},
      absentRecording: unused,
      failListing: () => 'cam-1',
    },
    orders: {
      accepted: () => desk.accepted.length,
      orderOf: ({ recordingId }) => recordingId,
      holdBack(on) {
        desk.held = on
      },
      loseReplies(on) {
        desk.loses = on
      },
      refuse(on) {
        desk.refuses = on
      },
    },
    openConnections: () => server.openConnections(),
    otherOrigin: unused,
    secrets: [toyPassword, toySession],
    async newFolder() {
      const folder = await mkdtemp(join(tmpdir(), 'orders-'))
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      return folder
    },
    clock: leapClock(),
  }
}

describe('a vendor package that orders as it should', () => {
  for (const rule of orderCases) {
    it(rule.name, async () => {
      const toy = await target()
      expect(rule.notApplicable?.(toy)).toBeUndefined()
      await rule.run(toy)
    })
  }

  it('is told apart from one that need not order', async () => {
    const { orders: _, ...plain } = await target()
    for (const rule of orderCases) expect(rule.notApplicable?.(plain)).toMatch(/need not be ordered/)
  })
})

const caught: Record<Flaw, RegExp> = {
  'forgets what it ordered': /without a new order/,
  'notes nothing before': /noted before/,
  'notes everything before': /noted before/,
  'orders the unknown again': /reply was lost/,
  'takes a refusal for an order': /was refused/,
}

describe('a vendor package that breaks a rule about orders is caught', () => {
  for (const [flaw, rule] of Object.entries(caught)) {
    it(flaw, async () => {
      const broken = orderCases.filter(({ name }) => rule.test(name))
      expect(broken).toHaveLength(1)
      await expect(broken[0]!.run(await target([flaw as Flaw]))).rejects.toMatchObject({ code: 'ERR_ASSERTION' })
    })
  }
})
