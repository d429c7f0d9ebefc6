import { describe, expect, it } from 'vitest'
import {
  AuthenticationError,
  NetworkError,
  ProtocolError,
  RateLimitError,
  ServerError,
} from '../../src/footage/errors.ts'
import {
  bench,
  deaf,
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
  start,
  testDevice,
} from './fixture.ts'

describe('capture', () => {
  it('takes a picture in each slot, proves it, and says so only then', async () => {
    const b = bench(noon - 1000)
    const run = await start(b)
    await b.clock.advance(3 * minute)
    const summary = await run.end()
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 kept', '12:01:00 kept', '12:02:00 kept'])
    expect(pictures(b.disk)).toEqual([
      '/archive/Yard/2026/07/01/12-00-00+0000.jpg',
      '/archive/Yard/2026/07/01/12-01-00+0000.jpg',
      '/archive/Yard/2026/07/01/12-02-00+0000.jpg',
    ])
    expect(parts(b.disk)).toEqual([])
    expect(summary).toMatchObject({ planned: 3, kept: 3, failed: 0, missed: 0, bytes: 3 * freshPicture(1).length })
    const [row] = await rowsOf(b.ledger)
    expect(row).toMatchObject({
      key: { cameraId: 'cam', view: 'snapshot', recordingId: '2026-07-01T12:00:00.000Z' },
      kind: 'slot',
      window: { start: noon, end: noon },
      outcome: { outcome: 'kept', proof: { by: 'container', format: 'jpeg' }, facts: { width: 32, height: 16 } },
    })
    expect(run.events.map(({ type }) => type)).toEqual(['capture-started', 'slot', 'slot', 'slot', 'capture-ended'])
    expect(run.events[1]).toMatchObject({ slot: noon, lateMs: 0, camera: { id: 'cam' } })
    expect(await b.ledger.runs()).toMatchObject([{ ending: 'stopped', summary: { planned: 3, kept: 3 } }])
    expect(b.clock.waiting).toBe(0)
  })

  it('keeps no picture for a slot that it does not show', async () => {
    const b = bench(noon - 1000)
    // The first one hangs, and is answered by what the camera sees then.
    b.device.answer = async (_, number) => {
      const late = number === 1
      return { bytes: freshPicture(number), takenAt: b.clock.now() + (late ? minute : 0), extension: 'jpg' }
    }
    const run = await start(b)
    await b.clock.advance(2 * minute)
    await run.end()
    expect(await outcomes(b.ledger)).toEqual(['12:00:00 failed', '12:01:00 kept'])
    const [row] = await rowsOf(b.ledger)
    expect(row!.outcome).toMatchObject({
      code: 'SLOT_MISSED',
      message: expect.stringContaining('taken when the next one was due'),
    })
    expect([pictures(b.disk).length, parts(b.disk)]).toEqual([1, []])
  })

  it('ends at `until`, and then nothing later was planned', async () => {
    const b = bench(noon)
    const run = await start(b, { until: noon + 2 * minute })
    await b.clock.advance(3 * minute)
    expect(await run.ended).toMatchObject({ planned: 3, kept: 3 })
    expect(await b.ledger.runs()).toMatchObject([{ ending: 'finished' }])
    await b.clock.advance(hour)
    const next = await start(b)
    await b.clock.advance(minute)
    await next.end()
    expect(missed(next.events)).toEqual([])
  })

  it('tries again within the grace, and never past it', async () => {
    const b = bench(noon - 1)
    b.device.answer = async (_, number) => {
      if (number < 3) throw new ServerError('busy just now')
      return freshPicture(number)
    }
    const run = await start(b, { retry: { growth: 'fixed', delayMs: 2000 } })
    await b.clock.advance(50_000)
    expect(run.events.at(-1)).toMatchObject({ type: 'slot', lateMs: 0, outcome: { outcome: 'kept' } })
    expect(b.device.asked.get('cam')).toEqual([noon, noon + 2000, noon + 4000])
    b.device.answer = async () => {
      throw new ServerError('down')
    }
    await b.clock.advance(minute)
    const failed = run.events.at(-1)
    expect(failed).toMatchObject({
      slot: noon + minute,
      outcome: { outcome: 'failed', code: 'SLOT_MISSED', cause: 'SERVER', retryable: false, attempts: 4 },
      error: { code: 'SLOT_MISSED', cause: { code: 'SERVER' } },
    })
    expect((failed as { outcome: { message: string } }).outcome.message).toMatch(/slot-missed.*SERVER.*down/)
    const late = await start(
      { ...b, device: Object.assign(testDevice(b.clock, 'other'), { answer: b.device.answer }) },
      {
        graceMs: 5000,
        retry: { growth: 'fixed', delayMs: 2000, retries: 100 },
      },
    )
    await b.clock.advance(minute)
    await run.end()
    const [row] = await rowsOf(b.ledger, 'other')
    expect(row?.outcome).toMatchObject({ attempts: 3, cause: 'SERVER' })
    await late.end()
  })

  it('does not try again what cannot get better', async () => {
    const b = bench(noon - 1)
    b.device.answer = async () => {
      throw new ProtocolError('a page, and no picture')
    }
    const run = await start(b)
    await b.clock.advance(minute - 1)
    expect(b.device.asked.get('cam')).toHaveLength(1)
    await b.clock.advance(minute)
    // The next slot is another matter.
    expect(b.device.asked.get('cam')).toHaveLength(2)
    await run.end()
  })

  it.each([
    ['cut short', (whole: Uint8Array) => whole.subarray(0, whole.length - 20), 'INCOMPLETE', 4],
    ['followed by something', (whole: Uint8Array) => Buffer.concat([whole, Buffer.from('{"error":1}')]), 'CORRUPT', 1],
    ['a message', () => Buffer.from('{"code":1,"detail":"please login first"}'), 'CORRUPT', 1],
    ['empty', () => new Uint8Array(), 'CORRUPT', 1],
  ])('keeps no picture that is %s', async (_, spoil, cause, attempts) => {
    const b = bench(noon - 1)
    b.device.answer = async (_signal, number) => spoil(freshPicture(number))
    const run = await start(b)
    await b.clock.advance(50_000)
    await run.end()
    const [row] = await rowsOf(b.ledger)
    expect(row?.outcome).toMatchObject({ outcome: 'failed', code: 'SLOT_MISSED', cause, attempts })
    expect(pictures(b.disk)).toEqual([])
    expect(parts(b.disk)).toEqual([])
  })

  it('asks a hanging camera anew in each slot, and it delays none of three others', async () => {
    const b = bench(noon - 1)
    const cameras = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: id }))
    const device = testDevice(b.clock, 'device', cameras)
    device.answer = (signal, number, camera) =>
      camera.id === 'b' ? hang(signal, number, camera) : Promise.resolve(freshPicture(number))
    const run = await start({ ...b, device })
    await b.clock.advance(10 * minute)
    for (const id of ['a', 'c', 'd']) {
      const offset = { a: 0, c: 500, d: 750 }[id]!
      expect(device.asked.get(id)).toEqual(Array.from({ length: 10 }, (_, i) => noon + i * minute + offset))
    }
    // Each try of its own takes the half minute of grace.
    expect(device.asked.get('b')).toHaveLength(10)
    const summary = await run.end()
    expect(summary).toMatchObject({ planned: 40, kept: 30, failed: 10 })
    expect(device.most.get('b')).toBe(1)
  })

  it('never asks twice at once, even where a source does not listen', async () => {
    const b = bench(noon - 1)
    b.device.answer = deaf
    const run = await start(b)
    await b.clock.advance(5 * minute)
    const summary = await run.end()
    expect(b.device.asked.get('cam')).toHaveLength(1)
    expect(b.device.most.get('cam')).toBe(1)
    expect(summary).toMatchObject({ planned: 5, failed: 5 })
    expect((await rowsOf(b.ledger)).map(({ outcome }) => (outcome as { cause?: string }).cause)).toEqual([
      'TIMEOUT',
      ...Array.from({ length: 4 }, () => 'BUSY'),
    ])
  })

  it('misses the slots that come while a slow camera is at work', async () => {
    const b = bench(noon - 1)
    b.device.answer = async (_, number) => {
      const takenAt = b.clock.now()
      await b.clock.wait(2700)
      return { bytes: freshPicture(number), takenAt, extension: 'jpg' }
    }
    const run = await start(b, { timetable: '1s' })
    await b.clock.advance(9000)
    const summary = await run.end()
    const rows = await rowsOf(b.ledger)
    expect(rows.map(({ outcome }) => outcome?.outcome)).toEqual(rows.map((_, i) => (i % 3 === 0 ? 'kept' : 'failed')))
    expect(new Set(missed(run.events).map((text) => text.replace(/.* \d+ /, '')))).toEqual(new Set(['device busy']))
    expect(summary.planned).toBe(rows.length)
    expect(summary.missed).toBe(rows.filter(({ outcome }) => outcome?.outcome === 'failed').length)
  })

  it('has a daylight of its own: other slots are none', async () => {
    const b = bench(noon)
    const due = (slot: number) => new Date(slot).getUTCHours() !== 13
    const run = await start(b, { timetable: { everyMs: 30 * minute, due } })
    await b.clock.advance(3 * hour)
    const summary = await run.end()
    expect(await outcomes(b.ledger)).toEqual(
      ['12:00:00', '12:30:00', '14:00:00', '14:30:00', '15:00:00'].map((time) => `${time} kept`),
    )
    expect(summary).toMatchObject({ planned: 5, missed: 0 })
  })

  it('ends a device that refuses its password, not the others', async () => {
    const b = bench(noon - 1)
    const bad = testDevice(b.clock, 'bad')
    bad.answer = async () => {
      throw new AuthenticationError('wrong password')
    }
    const run = await start(b, { source: [bad, b.device] })
    await b.clock.advance(5 * minute)
    expect(bad.asked.get('cam')).toHaveLength(1)
    expect(b.device.asked.get('cam')).toHaveLength(5)
    expect(run.events).toContainEqual(
      expect.objectContaining({ type: 'stopping', source: { id: 'bad', name: 'The bad' } }),
    )
    expect(await run.end()).toMatchObject({ planned: 6, kept: 5, failed: 1 })
    expect((await b.ledger.runs()).map(({ sourceId, ending }) => [sourceId, ending]).sort()).toEqual([
      ['bad#snapshots', 'failed'],
      ['device#snapshots', 'stopped'],
    ])
  })

  it('goes on when a device takes no logins for some minutes', async () => {
    class LockedOut extends RateLimitError {
      override readonly stops = 'run'
    }
    const b = bench(noon - 1)
    b.device.answer = async (_, number) => {
      const passed = b.clock.now() - noon
      if (passed > minute && passed < 4 * minute) throw new LockedOut('locked', { retryAfterMs: 300_000 })
      return freshPicture(number)
    }
    const run = await start(b)
    await b.clock.advance(6 * minute)
    expect(await run.end()).toMatchObject({ planned: 6, kept: 4, failed: 2 })
    expect(run.events.some(({ type }) => type === 'stopping')).toBe(false)
  })

  it('ends when the only device refuses, and throws where it did so at the beginning', async () => {
    const b = bench(noon - 1)
    b.device.answer = async () => {
      throw new AuthenticationError('wrong password')
    }
    const run = await start(b)
    await b.clock.advance(minute)
    expect(await run.ended).toMatchObject({ planned: 1, failed: 1 })
    b.device.identifies = async () => {
      throw new AuthenticationError('wrong password')
    }
    const again = await start(b)
    await expect(again.ended).rejects.toThrow('wrong password')
  })

  it('waits for a device that cannot be reached yet, and counts what passes meanwhile', async () => {
    const b = bench(noon - 1)
    let up = false
    b.device.identifies = async () => {
      if (!up) throw new NetworkError('nobody there', { reason: 'EHOSTUNREACH' })
    }
    const good = testDevice(b.clock, 'good')
    const run = await start(b, { source: [b.device, good] })
    await b.clock.advance(4 * minute + 31_000)
    expect(good.asked.get('cam')).toHaveLength(5)
    up = true
    await b.clock.advance(minute)
    for (
      let turn = 0;
      turn < 1000 && !run.events.some((e) => e.type === 'capture-started' && e.source.id === 'device');
      turn++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await b.clock.advance(2 * minute)
    await run.end()
    expect(run.events.filter(({ type }) => type === 'device-not-reached').length).toBeGreaterThan(5)
    expect(missed(run.events)).toEqual(['12:00:00-12:05:00 6 not reached'])
    const rows = await outcomes(b.ledger)
    expect(rows).toHaveLength((await outcomes(b.ledger, 'good')).length)
  })

  it('ends at once while a device that does not listen is asked who it is', async () => {
    const b = bench(noon)
    b.device.identifies = () => new Promise(() => {})
    const alone = await start(b, {}, 0)
    const good = testDevice(b.clock, 'good')
    const run = await start(b, { source: [b.device, good], staggerMs: 1e9 }, 1)
    await b.clock.advance(minute)
    expect(good.asked.get('cam')).toHaveLength(2)
    expect(await run.end()).toMatchObject({ planned: 2, kept: 2 })
    expect(await alone.end()).toMatchObject({ planned: 0 })
  })

  it('gives cameras of one name paths of their own, the same in every run', async () => {
    const b = bench(noon - 1)
    const twin = testDevice(b.clock, 'twin')
    const first = await start(b, { source: [b.device, twin], layout: '{camera}/{start:HH-mm-ss}.{ext}' })
    await b.clock.advance(minute)
    await first.end()
    const folders = new Set(pictures(b.disk).map((path) => path.split('/')[2]))
    expect(folders).toEqual(new Set(['Yard', 'Yard (cam)']))
    const owner = async () => (await rowsOf(b.ledger, 'twin')).map(({ file }) => file?.path.split('/')[0]).at(-1)
    const before = await owner()
    const second = await start(b, { source: [twin, b.device], layout: '{camera}/{start:HH-mm-ss}.{ext}' })
    await b.clock.advance(2 * minute)
    await second.end()
    expect(await owner()).toBe(before)
    expect(new Set(pictures(b.disk).map((path) => path.split('/')[2]))).toEqual(folders)
  })

  it('leaves a foreign file alone', async () => {
    const b = bench(noon - 1)
    const theirs = '/archive/Yard/2026/07/01/12-00-00+0000.jpg'
    b.disk.put(theirs, Buffer.from('mine'))
    const run = await start(b)
    await b.clock.advance(1000)
    await run.end()
    expect(Buffer.from(b.disk.files.get(theirs)!).toString()).toBe('mine')
    expect(pictures(b.disk)).toEqual([theirs.replace('.jpg', ' (2).jpg'), theirs])
    expect(run.events).toContainEqual(expect.objectContaining({ type: 'notice' }))
  })

  it('shows slots in the zone of the timetable, each under a name of its own when clocks go back', async () => {
    const b = bench(Date.UTC(2026, 9, 25, 0) - 1)
    const run = await start(b, { timetable: { everyMs: 30 * minute, timeZone: 'Europe/Berlin' } })
    await b.clock.advance(2 * hour)
    await run.end()
    expect(pictures(b.disk).map((path) => path.split('/').at(-1))).toEqual([
      '02-00-00+0100.jpg',
      '02-00-00+0200.jpg',
      '02-30-00+0100.jpg',
      '02-30-00+0200.jpg',
    ])
  })

  it('refuses options that make no sense', async () => {
    const b = bench()
    const { snapshot: _, ...blind } = testDevice(b.clock)
    const wrong: [Parameters<typeof start>[1], RegExp][] = [
      [{ source: [] }, /source/],
      [{ source: [b.device, b.device] }, /twice/],
      [{ source: blind as never }, /cannot take pictures/],
      [{ timetable: { everyMs: 7000 } }, /divide a day/],
      [{ graceMs: 61_000 }, /graceMs/],
      [{ graceMs: 0 }, /graceMs/],
      [{ shotMs: -1 }, /shotMs/],
      [{ until: Number.NaN }, /until/],
      [{ layout: '{nonsense}' }, /nonsense/],
      [{ cameras: ['Garage'] }, /Garage/],
    ]
    for (const [options, message] of wrong) await expect((await start(b, options)).ended).rejects.toThrow(message)
    expect(iso(noon)).toBe('2026-07-01T12:00:00.000Z')
  })
})
