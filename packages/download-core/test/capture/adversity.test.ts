import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { archive } from '../../src/archive/archive.ts'
import type { Ledger, LedgerRow } from '../../src/archive/ledger.ts'
import { lockArchive } from '../../src/archive/lock.ts'
import { verify } from '../../src/archive/verify-archive.ts'
import { slotsSourceId } from '../../src/capture/account.ts'
import type { CaptureEvent } from '../../src/capture/events.ts'
import { recordMissed } from '../../src/capture/missed.ts'
import { slotsOf } from '../../src/capture/slots.ts'
import { NotFoundError } from '../../src/footage/errors.ts'
import {
  type Bench,
  bench,
  breakable,
  day,
  freshPicture,
  hang,
  hour,
  iso,
  minute,
  missed,
  noon,
  outcomes,
  parts,
  pictures,
  rowsOf,
  settle,
  start,
  testDevice,
} from './fixture.ts'

describe('while the program was down', () => {
  it('every slot is missed, months of minutes in batches, and told of once', async () => {
    const b = bench(noon + 1)
    await (await start(b, { timetable: '5m' })).end()
    const sizes: number[] = []
    const counting: Ledger = {
      ...b.ledger,
      async plan(runId, at, rows) {
        sizes.push(rows.length)
        await b.ledger.plan(runId, at, rows)
      },
    }
    b.clock.set(noon + 30 * day)
    const run = await start({ ...b, ledger: counting }, { timetable: '5m' })
    await b.clock.advance(1000)
    const summary = await run.end()
    const slots = 30 * 24 * 12 - 1
    // The one of now is not too late.
    expect(missed(run.events)).toEqual([`12:05:00-11:55:00 ${slots} not running`])
    expect(summary).toMatchObject({ planned: slots + 1, kept: 1, failed: slots, missed: slots })
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500)
    const rows = await rowsOf(b.ledger)
    expect(rows).toHaveLength(slots + 1)
    expect(rows[7]?.outcome).toMatchObject({ outcome: 'failed', code: 'SLOT_MISSED', retryable: false, attempts: 0 })
  })

  it('a restart within the grace misses nothing, and takes nothing twice', async () => {
    const b = bench(noon - 1)
    const first = await start(b)
    await b.clock.advance(2 * minute + 1)
    await first.end()
    expect(await outcomes(b.ledger)).toHaveLength(3)
    b.clock.set(noon + 3 * minute + 20_000)
    const second = await start(b)
    await b.clock.advance(1000)
    await second.end()
    expect(missed(second.events)).toEqual([])
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 kept', '12:01:00 kept', '12:02:00 kept', '12:03:00 kept'])
    expect(second.events.find(({ type }) => type === 'slot')).toMatchObject({ lateMs: 20_000 })
  })

  it('it was killed: what was under way is kept where it stands whole, and missed where not', async () => {
    const b = bench(noon - 1)
    const ledger = breakable(b.ledger)
    const first = await start({ ...b, ledger })
    await b.clock.advance(minute)
    for (const method of ['record', 'endRun'] as const) ledger.broken.add(method)
    await b.clock.advance(minute)
    await expect(first.ended).rejects.toThrow('cannot be written')
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 kept', '12:01:00 nothing'])
    expect(pictures(b.disk)).toHaveLength(2)
    b.clock.set(noon + 10 * minute + 45_000)
    const second = await start(b)
    await b.clock.advance(1000)
    await second.end()
    expect((await outcomes(b.ledger)).slice(0, 3)).toEqual(['12:00:00 kept', '12:01:00 kept', '12:02:00 failed'])
    expect(missed(second.events)).toEqual(['12:02:00-12:10:00 9 not running'])
    expect(b.device.asked.get('cam')).toHaveLength(2)
    expect(parts(b.disk)).toEqual([])
    const [run] = second.events
    expect(run).toMatchObject({ type: 'interrupted-run-found' })

    // And now with nothing on the disk.
    ledger.broken.clear()
    b.device.answer = hang
    const third = await start({ ...b, ledger })
    await b.clock.advance(20_000)
    ledger.broken.add('record')
    await b.clock.advance(minute)
    await expect(third.ended).rejects.toThrow('cannot be written')
    b.device.answer = async (_, number) => freshPicture(number)
    const fourth = await start(b)
    await fourth.end()
    const rows = await outcomes(b.ledger)
    expect(rows.filter((row) => row.endsWith('nothing'))).toEqual([])
    expect(rows.slice(-2)).toEqual(['12:11:00 failed', '12:12:00 kept'])
    expect(parts(b.disk)).toEqual([])
  })

  it('a power failure leaves whole pictures or none', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    await b.clock.advance(3 * minute)
    const kept = await rowsOf(b.ledger)
    const disk = b.disk.afterPowerFailure({ keepsName: () => false, data: () => 'lost' })
    for (const { file } of kept) expect(disk.files.get(`/archive/${file!.path}`)?.byteLength).toBe(file!.bytes)
    await run.end()
  })

  it('a changed timetable is told of; what was missed before counts by the former', async () => {
    const b = bench(noon - 1)
    await (await start(b, { timetable: '10m' })).end()
    b.clock.set(noon + hour + 1)
    const run = await start(b, { timetable: { everyMs: 20 * minute, timeZone: 'Asia/Kolkata' } })
    await b.clock.advance(hour)
    await run.end()
    expect(missed(run.events)).toEqual(['12:00:00-13:00:00 7 not running'])
    expect(run.events).toContainEqual(
      expect.objectContaining({ type: 'notice', text: expect.stringContaining('every 1200 s (Asia/Kolkata)') }),
    )
    expect((await outcomes(b.ledger)).slice(7)).toEqual(['13:10:00 kept', '13:30:00 kept', '13:50:00 kept'])
  })

  it('cameras that are away at the start are asked for all the same, and found when they are back', async () => {
    const b = bench(noon + 1)
    const all = ['a', 'b'].map((id) => ({ id, name: id }))
    const cameras = [...all]
    const device = testDevice(b.clock, 'device', cameras)
    device.answer = async (_, number, { id }) => {
      if (!cameras.some((camera) => camera.id === id)) throw new NotFoundError('no such camera now')
      return freshPicture(number)
    }
    const on = { ...b, device }
    const first = await start(on)
    await b.clock.advance(minute + 1000)
    await first.end()
    cameras.splice(1, 1)
    const second = await start(on, { cameras: ['a', 'b'] })
    await b.clock.advance(2 * minute)
    cameras.push(all[1]!)
    await b.clock.advance(2 * minute)
    await second.end()
    expect(await outcomes(b.ledger, 'device', 'b')).toEqual(
      ['kept', 'failed', 'failed', 'kept', 'kept'].map((outcome, at) => `12:0${at + 1}:00 ${outcome}`),
    )
    const notices = second.events.filter(({ type }) => type === 'notice')
    expect(notices).toMatchObject([{ text: expect.stringMatching(/^b is not among the cameras of The device now/) }])
    expect(await outcomes(b.ledger, 'device', 'a')).toHaveLength(5)
  })

  it('cameras that are not wanted any more are missed until then, and not later', async () => {
    const b = bench(noon + 1)
    const cameras = ['a', 'b'].map((id) => ({ id, name: id }))
    const device = testDevice(b.clock, 'device', cameras)
    const on = { ...b, device }
    await (await start(on)).end()
    b.clock.set(noon + 5 * minute + 1)
    const only = await start(on, { cameras: ['a'] })
    await b.clock.advance(5 * minute)
    await only.end()
    expect(await outcomes(b.ledger, 'device', 'b')).toEqual([1, 2, 3, 4, 5].map((i) => `12:0${i}:00 failed`))
    b.clock.set(noon + 20 * minute + 1)
    const again = await start(on)
    await b.clock.advance(minute + 1000)
    await again.end()
    expect((await outcomes(b.ledger, 'device', 'b')).slice(5)).toEqual(['12:21:00 kept'])
    expect(await outcomes(b.ledger, 'device', 'a')).toHaveLength(21)
  })
})

describe('a clock', () => {
  it('that is put forward misses what lies between', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    await b.clock.advance(2 * minute)
    b.clock.set(noon + hour + 50_000)
    await b.clock.advance(2 * minute)
    const summary = await run.end()
    expect(missed(run.events)).toEqual(['12:02:00-13:00:00 59 too late'])
    expect((await outcomes(b.ledger)).filter((row) => row.endsWith('kept'))).toEqual(
      ['12:00:00', '12:01:00', '13:01:00', '13:02:00'].map((time) => `${time} kept`),
    )
    expect(summary).toMatchObject({ planned: 63, kept: 4, failed: 59, missed: 59 })
  })

  it('that is put back takes no slot twice, and goes on where nothing was taken', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    await b.clock.advance(10 * minute)
    b.clock.set(noon - 2 * minute - 1)
    await b.clock.advance(14 * minute)
    const summary = await run.end()
    const rows = await outcomes(b.ledger)
    expect(rows).toEqual([...rows].sort())
    expect(new Set(rows).size).toBe(rows.length)
    expect(rows.every((row) => row.endsWith('kept'))).toBe(true)
    // 11:58 and 11:59 were not planned before; 12:00 to 12:09 had been taken.
    expect(rows).toHaveLength(14)
    expect(b.device.asked.get('cam')).toHaveLength(14)
    expect(summary).toMatchObject({ planned: 14, kept: 14 })
  })

  it('that is put back a little right after a picture repeats nothing', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    await b.clock.advance(1)
    b.clock.set(noon - 5)
    await b.clock.advance(minute)
    await run.end()
    expect(b.device.asked.get('cam')).toHaveLength(1)
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 kept'])
  })

  it('that gives a slot a second chance counts it once', async () => {
    const b = bench(noon - 1)
    b.device.answer = hang
    const run = await start(b)
    await b.clock.advance(31_000)
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 failed'])
    b.device.answer = async (_, number) => freshPicture(number)
    b.clock.set(noon - 1000)
    await b.clock.advance(12_000)
    expect(await run.end()).toMatchObject({ planned: 1, kept: 1, failed: 0, missed: 0 })
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 kept'])
  })

  it('that was years ahead does not keep anything from being taken once it is right', async () => {
    const b = bench(Date.UTC(2036, 0, 1) - 1)
    const first = await start(b)
    await b.clock.advance(2 * minute)
    await first.end()
    b.clock.set(noon - 1)
    const second = await start(b)
    await b.clock.advance(2 * minute)
    b.clock.set(noon + 10 * minute - 1)
    await b.clock.advance(2 * minute)
    await second.end()
    const kept = (await rowsOf(b.ledger)).filter(({ outcome }) => outcome?.outcome === 'kept')
    expect(kept.map(({ key }) => key.recordingId.slice(0, 16))).toEqual([
      '2026-07-01T12:00',
      '2026-07-01T12:01',
      '2026-07-01T12:10',
      '2026-07-01T12:11',
      '2036-01-01T00:00',
      '2036-01-01T00:01',
    ])
    expect(missed(second.events)).toEqual(['12:02:00-12:09:00 8 too late'])
  })

  it('that was a day ahead hides nothing that is missed after it was set right', async () => {
    const b = bench(noon + day - 1)
    const first = await start(b, { timetable: '1h' })
    await b.clock.advance(2 * hour)
    b.clock.set(noon - 1)
    await b.clock.advance(hour)
    await first.end()
    b.clock.set(noon + 2 * day + 31_000)
    const second = await start(b, { timetable: '1h' })
    await b.clock.advance(1000)
    await second.end()
    const rows = await outcomes(b.ledger)
    expect(rows).toHaveLength(49)
    expect(rows.filter((row) => row.endsWith('kept'))).toEqual(
      ['12:00:00', '12:00:00', '13:00:00'].map((at) => `${at} kept`),
    )
  })

  it('that begins in 1970 and is then set neither fills the ledger nor hides what was missed since', async () => {
    const b = bench(noon + 1)
    await (await start(b)).end()
    b.clock.set(5000)
    const run = await start(b)
    await b.clock.advance(minute)
    b.clock.set(noon + 3 * minute + 31_000)
    await b.clock.advance(30_000)
    await run.end()
    expect(await outcomes(b.ledger)).toEqual([
      '00:01:00 kept',
      ...['12:01:00', '12:02:00', '12:03:00'].map((time) => `${time} failed`),
      '12:04:00 kept',
    ])
  })

  it('that jumps by decades the first time leaves one row for what lies too far back', async () => {
    const { clock, ledger } = bench()
    const told: CaptureEvent[] = []
    let count = 0
    let reached = 0
    await ledger.beginRun({ id: 'run', sourceId: 'x', sourceName: '', vendor: '', startedAt: 0 })
    await recordMissed(0, 1000 * minute + 1, {
      camera: { id: 'cam', name: '' },
      sourceId: 'x',
      runId: 'run',
      ledger,
      clock,
      everyMs: minute,
      mostRows: 100,
      slots: slotsOf({ everyMs: minute }),
      account: {
        find: async () => undefined,
        async reached(slot) {
          reached = slot
        },
      },
      check: async () => {},
      end: new AbortController().signal,
      why: () => 'too late',
      missed(more) {
        count += more
      },
      tell: (event) => told.push(event),
    })
    const rows: LedgerRow[] = []
    for await (const row of ledger.rows()) rows.push(row)
    expect(rows).toHaveLength(101)
    expect(rows[0]?.window).toEqual({ start: 0, end: 900 * minute + 1 })
    expect(rows[0]?.outcome).toMatchObject({ code: 'SLOT_MISSED', message: expect.stringContaining('900 slots') })
    expect(rows[1]?.window?.start).toBe(901 * minute)
    expect(told).toMatchObject([{ type: 'slots-missed', from: 0, to: 1000 * minute, count: 1000, why: 'too late' }])
    expect([count, reached]).toEqual([101, 1000 * minute + 1])
  })
})

describe('an end', () => {
  it('in the middle of a picture leaves no half one, and records it', async () => {
    const b = bench(noon - 1)
    b.device.answer = hang
    const run = await start(b)
    await b.clock.advance(5000)
    const reason = new Error('enough')
    run.abort.abort(reason)
    await expect(run.ended).rejects.toBe(reason)
    const [row] = await rowsOf(b.ledger)
    expect(row?.outcome).toMatchObject({ outcome: 'failed', code: 'SLOT_MISSED', cause: 'INTERRUPTED' })
    expect([...parts(b.disk), ...pictures(b.disk)]).toEqual([])
    expect(run.events.at(-1)).toMatchObject({ type: 'capture-ended', planned: 1, failed: 1 })
    expect(await b.ledger.runs()).toMatchObject([{ ending: 'stopped' }])
    expect(b.clock.waiting).toBe(0)
  })

  it('by `stop` waits for the picture under way', async () => {
    const b = bench(noon - 1)
    b.device.answer = async (_, number) => {
      await b.clock.wait(5000)
      return freshPicture(number)
    }
    const run = await start(b)
    await b.clock.advance(1000)
    run.stop.abort()
    await b.clock.advance(5000)
    expect(await run.ended).toMatchObject({ planned: 1, kept: 1 })
  })

  it('by leaving the loop ends everything', async () => {
    const b = bench(noon - 1)
    b.device.answer = hang
    const { capture } = await import('../../src/capture/capture.ts')
    const timetable = { everyMs: minute }
    const run = capture({
      source: b.device,
      into: '/archive',
      ledger: b.ledger,
      fileSystem: b.disk,
      clock: b.clock,
      timetable,
    })
    for await (const event of run) if (event.type === 'capture-started') break
    await settle()
    expect(b.clock.waiting).toBe(0)
    expect(await b.ledger.runs()).toMatchObject([{ ending: 'stopped' }])
  })

  it('comes with a full disk, for all devices, and the slot has its outcome', async () => {
    const b = bench(noon - 1)
    const other = testDevice(b.clock, 'other')
    const run = await start(b, { source: [b.device, other] })
    await b.clock.advance(minute)
    b.disk.freeBytes = 1000
    await b.clock.advance(minute)
    const summary = await run.ended
    expect(summary.planned).toBe(summary.kept + summary.failed)
    expect(summary.kept).toBe(2)
    const stopping = run.events.filter(({ type }) => type === 'stopping')
    expect(stopping).toMatchObject([{ error: { code: 'DISK_FULL' } }])
    const rows = [...(await rowsOf(b.ledger)), ...(await rowsOf(b.ledger, 'other'))]
    const [full] = rows.filter(({ outcome }) => outcome?.outcome === 'failed')
    expect(full?.outcome).toMatchObject({ code: 'SLOT_MISSED', cause: 'DISK_FULL' })
    b.disk.freeBytes = 2 ** 40
    b.clock.set(noon + 5 * minute + 45_000)
    const next = await start(b, { source: [b.device, other] })
    await b.clock.advance(1000)
    await next.end()
    const times = [0, 1, 2, 3, 4, 5].map((i) => `12:0${i}:00 ${i === 0 ? 'kept' : 'failed'}`)
    expect(await outcomes(b.ledger)).toEqual(times)
    expect(await outcomes(b.ledger, 'other')).toEqual(times)
  })

  it('comes with a ledger that cannot be written, and the error is its own', async () => {
    for (const method of ['plan', 'record', 'saveNote'] as const) {
      const b = bench(noon - 1)
      const ledger = breakable(b.ledger)
      const run = await start({ ...b, ledger })
      ledger.broken.add(method)
      ledger.broken.add('endRun')
      await b.clock.advance(3 * minute)
      await expect(run.ended).rejects.toThrow('the ledger cannot be written')
      const again = await start(b)
      await b.clock.advance(minute)
      await again.end()
      expect((await outcomes(b.ledger)).filter((row) => row.endsWith('nothing'))).toEqual([])
    }
  })
})

describe('one archive', () => {
  it('has one capture of a device at a time; others of its devices go on', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    const second = await start(b)
    await expect(second.ended).rejects.toMatchObject({ code: 'LOCKED' })
    const other = testDevice(b.clock, 'other')
    const third = await start(b, { source: [b.device, other] })
    await b.clock.advance(minute)
    expect(third.events).toContainEqual(
      expect.objectContaining({ type: 'stopping', error: expect.objectContaining({ code: 'LOCKED' }) }),
    )
    expect(await third.end()).toMatchObject({ planned: 1, kept: 1 })
    await b.clock.advance(minute)
    expect(await run.end()).toMatchObject({ planned: 2, kept: 2 })
  })

  it('is not taken from another process, and is taken over from a dead one', async () => {
    const b = bench(noon - 1)
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(child, 'spawn')
    const lock = await lockArchive('/archive', slotsSourceId('device'), b.disk).catch(() => undefined)
    await lock?.release()
    const holder = await lockArchiveAs(b, child.pid!)
    const refused = await start(b)
    await expect(refused.ended).rejects.toMatchObject({ code: 'LOCKED' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const run = await start(b)
    await b.clock.advance(minute)
    await run.end()
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 kept'])
    expect(holder).toContain('.lock')
  })

  it('may be filled by `archive` from the same device meanwhile, which leaves the slots alone', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    await b.clock.advance(minute)
    b.device.answer = hang
    await b.clock.advance(minute)
    const events: string[] = []
    const options = { source: b.device, into: '/archive', ledger: b.ledger, fileSystem: b.disk, clock: b.clock }
    const window = { start: noon - day, end: noon + day }
    const downloading = (async () => {
      for await (const { type } of archive({ ...options, window, alsoFailed: true })) events.push(type)
    })()
    await b.clock.advance(20_000)
    await downloading
    expect(events).toEqual(['archive-started', 'camera-listed', 'planned', 'archive-ended'])
    await b.clock.advance(20_000)
    await run.end()
    expect((await b.ledger.runs()).map(({ ending }) => ending).sort()).toEqual(['finished', 'stopped'])
  })

  it('knows with `verify` which pictures are gone', async () => {
    const b = bench(noon - 1)
    const run = await start(b)
    await b.clock.advance(2 * minute)
    await run.end()
    await b.disk.remove('/archive/Yard/2026/07/01/12-00-00+0000.jpg')
    const found: string[] = []
    for await (const event of verify({ into: '/archive', ledger: b.ledger, fileSystem: b.disk, clock: b.clock })) {
      if (event.type === 'file-checked') found.push(event.found)
    }
    expect(found).toEqual(['missing', 'intact'])
    const again = await start(b)
    await b.clock.advance(minute)
    await again.end()
    expect((await outcomes(b.ledger))[0]).toBe('12:00:00 lost')
    expect(iso(noon)).toContain('12:00:00')
  })
})

/** Leaves the lock of another process of this machine. */
async function lockArchiveAs({ disk }: Bench, pid: number): Promise<string> {
  await disk.mkdir('/archive/.cam/locks')
  const ours = await lockArchive('/archive', slotsSourceId('device'), disk)
  const [path, bytes] = [...disk.files].find(([name]) => name.endsWith('.lock'))!
  const { host } = JSON.parse(Buffer.from(bytes).toString())
  await ours.release()
  disk.put(path, Buffer.from(JSON.stringify({ host, pid, token: 'theirs', source: 'theirs' })))
  return path
}
