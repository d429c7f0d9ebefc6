import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archive } from '../../src/archive/archive.ts'
import { AuthenticationError, DiskError, NetworkError } from '../../src/footage/errors.ts'
import { disk } from '../../src/transfer/disk.ts'
import type { FileSystem } from '../../src/transfer/file-system.ts'
import { leapClock, leaping, minute, quick, sumOf, toy } from './fixture.ts'

describe('ending early', () => {
  it('an abort ends at once with its own reason, after a summary that adds up', async () => {
    const { run, server, clip, rows, files, into, ledger } = await toy()
    for (const id of ['a', 'b', 'c']) clip(id)
    server.faults.stalls = true
    const abort = new AbortController()
    const reason = new Error('enough')
    server.onMedia = () => setImmediate(() => abort.abort(reason))
    const { error, summary, events } = await run({ signal: abort.signal })
    expect(error).toBe(reason)
    expect(events.at(-1)?.type).toBe('archive-ended')
    expect(summary).toMatchObject({ planned: 3, failed: 3 })
    expect((await rows()).map((row) => row.outcome)).toMatchObject(
      Array(3).fill({ outcome: 'failed', code: 'INTERRUPTED', retryable: true }),
    )
    expect(await files()).toEqual([])
    expect(await readdir(join(into, '.cam', 'locks'))).toEqual([])
    expect((await ledger.runs())[0]).toMatchObject({ ending: 'stopped', summary: { failed: 3 } })
    server.faults.stalls = false
    server.onMedia = () => {}
    expect((await run()).summary).toMatchObject({ planned: 3, kept: 3 })
  })

  it('an abort before the start contacts nobody and writes nothing', async () => {
    const { run, server, into } = await toy()
    const { error, events } = await run({ signal: AbortSignal.abort(new Error('never mind')) })
    expect(error).toMatchObject({ message: 'never mind' })
    expect(events).toEqual([])
    expect(server.requests).toEqual([])
    expect(existsSync(join(into, '.cam'))).toBe(false)
  })

  it('an abort while the list is read is no outcome of anybody', async () => {
    const { run, source, rows, ledger } = await toy()
    const abort = new AbortController()
    const slow = source({
      change: {
        // biome-ignore lint/correctness/useYield: it never comes to that
        async *recordings(_camera, _window, { signal }) {
          abort.abort(new Error('enough'))
          signal.throwIfAborted()
        },
      },
    })
    expect((await run({ source: slow, signal: abort.signal })).error).toMatchObject({ message: 'enough' })
    expect(await rows()).toEqual([])
    expect((await ledger.runs())[0]).toMatchObject({ ending: 'stopped' })
  })

  it('a stop lets the transfer under way finish, and takes nothing new', async () => {
    const { run, server, clip, rows, ledger } = await toy()
    for (const id of ['a', 'b', 'c']) clip(id)
    const stop = new AbortController()
    server.onMedia = () => stop.abort()
    const { error, summary, events } = await run({ stop: stop.signal, concurrency: 1 })
    expect(error).toBeUndefined()
    expect(summary).toMatchObject({ planned: 3, kept: 1, failed: 2 })
    expect(events.filter((event) => event.type === 'stopping')).toHaveLength(1)
    expect(server.media()).toHaveLength(1)
    expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['kept', 'failed', 'failed'])
    expect((await ledger.runs())[0]).toMatchObject({ ending: 'stopped' })
  })

  it('a stop while cameras are listed leaves the other lists to the next run', async () => {
    const { run, server, clip, source } = await toy()
    server.cameras.push({ id: 'cam-2', name: 'Gate' })
    clip('a')
    clip('b', { cameraId: 'cam-2' })
    const stop = new AbortController()
    const real = source()
    const stopping = source({
      change: {
        recordings(...args) {
          stop.abort()
          return real.recordings(...args)
        },
      },
    })
    expect((await run({ source: stopping, stop: stop.signal })).summary).toMatchObject({ planned: 2, failed: 2 })
    expect((await run({ onlyFailed: true })).summary).toMatchObject({ planned: 2, kept: 2 })
  })

  it('whoever stops reading ends the run, and nothing stays locked or undecided', async () => {
    const { source, server, clip, rows, into, ledger } = await toy()
    for (const id of ['a', 'b', 'c']) clip(id)
    server.faults.stalls = true
    for await (const event of archive({ source: source(), into, ledger, ...quick })) {
      if (event.type === 'recording-started') break
    }
    expect(await readdir(join(into, '.cam', 'locks'))).toEqual([])
    expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['failed', 'failed', 'failed'])
    expect((await ledger.runs())[0]?.ending).toBeDefined()
  })

  it('credentials refused in mid-run stop it: one more try for each of the rest could lock the account', async () => {
    const { run, source, clip, rows } = await toy()
    for (let index = 0; index < 5; index++) clip(`c${index}`)
    const asked: string[] = []
    const refusing = source({
      change: {
        async open(recording) {
          asked.push(recording.id)
          throw new AuthenticationError('the password was changed')
        },
      },
    })
    const { error, summary, events } = await run({ source: refusing, concurrency: 1 })
    expect(error).toBeUndefined()
    expect(asked).toEqual(['c0'])
    expect(summary).toMatchObject({ planned: 5, failed: 5 })
    expect(events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'AUTHENTICATION' } })
    const outcomes = (await rows()).map((row) => row.outcome)
    expect(outcomes[0]).toMatchObject({ code: 'AUTHENTICATION', retryable: false, attempts: 1 })
    expect(outcomes.slice(1)).toMatchObject(Array(4).fill({ code: 'AUTHENTICATION', retryable: true, attempts: 0 }))
  })

  it('a list that credentials are refused for is no beginning', async () => {
    const { run, source, ledger } = await toy()
    const refusing = source({
      change: {
        // biome-ignore lint/correctness/useYield: it refuses
        async *recordings() {
          throw new AuthenticationError('refused')
        },
      },
    })
    expect((await run({ source: refusing })).error).toBeInstanceOf(AuthenticationError)
    expect((await ledger.runs())[0]?.ending).toBe('failed')
  })

  it('a full disk stops the run; nothing stands half-written under a final name', async () => {
    const { run, clip, files } = await toy()
    for (const id of ['a', 'b', 'c']) clip(id)
    const full: FileSystem = {
      ...disk,
      async open(path, mode) {
        const file = await disk.open(path, mode)
        if (!path.endsWith('.part')) return file
        return { ...file, write: async () => Promise.reject(new DiskError('the disk is full', { code: 'DISK_FULL' })) }
      },
    }
    const { summary, events } = await run({ fileSystem: full, concurrency: 1 })
    expect(summary).toMatchObject({ planned: 3, failed: 3 })
    expect(events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'DISK_FULL' } })
    expect(await files()).toEqual([])
    expect((await run()).summary).toMatchObject({ planned: 3, kept: 3 })
  })

  it('a ledger that cannot be written ends the run with its error; the file is found again', async () => {
    const { run, clip, ledger, server, files, into } = await toy()
    clip('a')
    const broken = { ...ledger, record: async () => Promise.reject(new Error('ledger is gone')) }
    expect((await run({ ledger: broken })).error).toMatchObject({ message: 'ledger is gone' })
    expect(await readdir(join(into, '.cam', 'locks'))).toEqual([])
    const requests = server.media().length
    expect((await run()).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(server.media().length).toBe(requests)
    expect(await files()).toHaveLength(1)
    expect(await readdir(join(into, '.cam', 'parts'))).toEqual([])
  })
})

it('a run whose lock was taken over, because it seemed dead, gives nothing its name any more', async () => {
  const { run, clip, into, server, files } = await toy()
  for (const id of ['a', 'b']) clip(id)
  const locks = join(into, '.cam', 'locks')
  server.onMedia = () => {
    const [lock] = readdirSync(locks)
    writeFileSync(join(locks, lock!), JSON.stringify({ host: 'elsewhere', pid: 7, token: 'theirs', source: 'TOY-1' }))
  }
  const { summary, events } = await run({ concurrency: 1 })
  expect(summary).toMatchObject({ planned: 2, kept: 0, failed: 2 })
  expect(events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'LOCKED' } })
  expect(await files()).toEqual([])
  expect(server.media()).toHaveLength(1)
  expect(readdirSync(locks)).toHaveLength(1)
})

it('a note that outlived its run, between commit and cleaning up, is removed by the next one', async () => {
  const { run, clip, into } = await toy()
  clip('a')
  const parts = join(into, '.cam', 'parts')
  const forgetful: FileSystem = {
    ...disk,
    remove: async (path) => {
      if (path.startsWith(parts) && path.endsWith('.json')) throw new DiskError('killed', { code: 'DISK_IO' })
      await disk.remove(path)
    },
  }
  expect((await run({ fileSystem: forgetful })).summary).toMatchObject({ kept: 1 })
  expect(await readdir(parts)).not.toEqual([])
  expect((await run()).summary).toMatchObject({ alreadyKept: 1 })
  expect(await readdir(parts)).toEqual([])
})

describe('a source that cannot be reached any more', () => {
  it('is left alone after five failures in a row, longer each time, and given up in the end', async () => {
    const { run, server, clip, rows } = await toy()
    for (let index = 0; index < 30; index++) clip(`c${index}`)
    server.faults.unreachable = true
    const clock = leapClock()
    const { summary, events } = await run({ ...leaping(clock), retry: { retries: 0 } })
    expect(summary).toMatchObject({ planned: 30, failed: 30 })
    expect(sumOf(summary)).toBe(30)
    expect(clock.waited.filter((ms) => ms >= 30_000)).toEqual([30_000, 60_000, 120_000])
    expect(server.media().length).toBeLessThan(12)
    expect(events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'NETWORK' } })
    expect((await rows()).every((row) => row.outcome?.outcome === 'failed' && row.outcome.retryable)).toBe(true)
  })

  it('is worked with again once it answers', async () => {
    const { run, server, clip, source } = await toy()
    for (let index = 0; index < 12; index++) clip(`c${index}`)
    let failures = 0
    const real = source()
    const recovering = source({
      change: {
        async open(...args) {
          if (failures++ < 6) throw new NetworkError('down', { reason: 'ECONNREFUSED' })
          return real.open(...args)
        },
      },
    })
    const clock = leapClock()
    const { summary } = await run({ ...leaping(clock), source: recovering, retry: { retries: 0 }, concurrency: 1 })
    expect(summary).toMatchObject({ planned: 12, kept: 6, failed: 6 })
    expect(clock.waited.filter((ms) => ms >= 30_000)).toEqual([30_000, 60_000])
    expect(server.media()).toHaveLength(6)
  })
})

describe('footage that is not ready yet', () => {
  const notReady = (times: number, askAgainAfterMs = 5000) => {
    let asked = 0
    return () => (asked++ < times ? { askAgainAfterMs } : undefined)
  }

  it('is asked for again without holding a transfer slot', async () => {
    const { run, source, clip, server } = await toy()
    for (const id of ['slow', 'b', 'c']) clip(id)
    const real = source()
    const slow = notReady(3)
    const order: string[] = []
    const waiting = source({
      change: {
        async open(recording, ...rest) {
          order.push(recording.id)
          return (recording.id === 'slow' && slow()) || real.open(recording, ...rest)
        },
      },
    })
    const clock = leapClock()
    const { summary, events } = await run({ ...leaping(clock), source: waiting, concurrency: 1 })
    expect(summary).toMatchObject({ planned: 3, kept: 3 })
    expect(order.filter((id) => id === 'slow')).toHaveLength(4)
    expect(order.indexOf('b')).toBeLessThan(order.lastIndexOf('slow'))
    expect(events.filter((event) => event.type === 'recording-started')).toHaveLength(3)
    expect(server.media()).toHaveLength(3)
  })

  it('is pending once its deadline has passed', async () => {
    const { run, source, clip, rows } = await toy()
    clip('never')
    const clock = leapClock()
    const asked: number[] = []
    const waiting = source({
      change: {
        async open() {
          asked.push(Math.floor(clock.monotonic() / minute))
          return { askAgainAfterMs: 5 * minute }
        },
      },
    })
    const { summary } = await run({ ...leaping(clock), source: waiting, pendingDeadlineMs: 12 * minute })
    expect(summary).toMatchObject({ planned: 1, pending: 1 })
    // At 0, 5, 10 minutes, and a last time at the deadline.
    expect(asked).toEqual([0, 5, 10, 12])
    expect((await rows())[0]?.outcome).toMatchObject({
      outcome: 'pending',
      deadline: clock.now(),
      askAgainAt: clock.now() + 5 * minute,
    })
  })

  it('is asked for once, and has no deadline, where nobody wants to wait', async () => {
    const { run, source, clip, rows } = await toy()
    clip('never')
    const waiting = source({ change: { open: async () => ({ askAgainAfterMs: Number.NaN }) } })
    await run({ source: waiting, pendingDeadlineMs: 0 })
    expect((await rows())[0]?.outcome).toMatchObject({ outcome: 'pending', askAgainAt: expect.any(Number) })
    expect((await rows())[0]?.outcome).not.toHaveProperty('deadline')
  })
})
