import { isGap, type Recording } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { at, call, cameraA, cameraOf, failure, fetched, hour, listed, pair, span, worldOf } from './pretend-console.ts'

const window = span('2026-11-01T20:00:00Z', '2026-11-02T04:00:00Z')

async function begins(source: Parameters<typeof fetched>[0], recording: Recording): Promise<string> {
  const opened = await source.open(recording, { byte: 0 }, call)
  if (!('body' in opened)) throw new Error('Nothing to read.')
  for await (const chunk of opened.body) return Buffer.from(chunk.subarray(0, 8)).toString('latin1')
  return ''
}

describe('snapshots', () => {
  it('are one picture of each camera, of now, to the second', async () => {
    await using both = await pair({ world: worldOf(window, {}) }, { footage: 'snapshots' })
    const { recordings } = await listed(both.source)
    expect(recordings).toEqual([
      {
        ...{
          id: 'snapshot/2026-11-03T12:00:00Z',
          cameraId: cameraA,
          windowFrom: 'asked',
          extension: 'jpg',
          resume: 'never',
        },
        window: span('2026-11-03T12:00:00Z', '2026-11-03T12:00:01Z'),
        facts: { channel: 0, live: true },
      },
    ])
    expect(await begins(both.source, recordings[0]!)).toMatch(/^\xff\xd8/)
    expect(both.console.log.of('snapshot').at(-1)?.target).toMatch(/\/snapshot\?ts=\d+&force=true$/)
  })

  it('of the past come from the recordings', async () => {
    const moment = at('2026-11-01T21:00:00.400Z')
    await using both = await pair({ world: worldOf(window, {}) }, { footage: 'snapshots', at: moment })
    const { recordings } = await listed(both.source)
    expect(recordings[0]?.id).toBe('snapshot/2026-11-01T21:00:00Z')
    expect(await begins(both.source, recordings[0]!)).toMatch(/^\xff\xd8/)
    expect(both.console.log.entries.at(-1)?.target).toContain('/recording-snapshot?ts=')
    expect((await listed(both.source, span('2026-11-01T22:00:00Z', '2026-11-01T23:00:00Z'))).recordings).toEqual([])
  })

  it('of a moment that is gone or was never recorded', async () => {
    const aged = worldOf(window, { lqFrom: at('2026-11-01T23:00:00Z') }, { recorded: [] })
    await using both = await pair({ world: aged }, { footage: 'snapshots', at: at('2026-11-01T22:00:00Z') })
    expect((await listed(both.source)).gaps).toEqual([expect.objectContaining({ outcome: 'expired' })])
    expect((await listed(both.source, undefined, 'Camera 2')).gaps).toEqual([
      expect.objectContaining({ outcome: 'absent' }),
    ])
  })

  it.each(['json', 'html'] as const)('that are really %s are never a picture', async (snapshotForm) => {
    await using both = await pair({ world: worldOf(window, {}), switches: { snapshotForm } }, { footage: 'snapshots' })
    const { recordings } = await listed(both.source)
    expect(await failure(begins(both.source, recordings[0]!))).toMatchObject({ code: 'PROTOCOL' })
    const camera = await cameraOf(both.source)
    expect(await failure(both.source.snapshot(camera, call))).toMatchObject({ code: 'PROTOCOL' })
  })

  it('of the camera at the doorstep, of one that is off, and of one that is denied', async () => {
    const moment = at('2026-11-02T08:30:00Z')
    await using both = await pair({ switches: { world: 'nasty' } }, { footage: 'snapshots', channel: 3 })
    const doorbell = await listed(both.source, undefined, 'Doorbell')
    expect(await begins(both.source, doorbell.recordings[0]!)).toMatch(/^\xff\xd8/)
    expect(both.console.log.entries.at(-1)?.target).toContain('/package-snapshot?')
    const live = both.again({ channel: 0 })
    const off = await listed(live, undefined, 'Offline')
    expect(await failure(begins(live, off.recordings[0]!))).toMatchObject({ code: 'SERVER', httpStatus: 503 })
    const past = both.again({ channel: 0, at: moment })
    const denied = await listed(past, undefined, 'Denied')
    const error = await failure(begins(past, denied.recordings[0]!))
    expect(error).toMatchObject({ code: 'PERMISSION' })
    expect(error.message).toMatch(/"Denied".*"Playback Download"/)
  })

  it('can be taken into memory, with any kind of footage', async () => {
    await using both = await pair({ world: worldOf(window, {}) })
    const { bytes, takenAt, extension } = await both.source.snapshot(await cameraOf(both.source), call)
    expect([bytes[0], bytes[1], takenAt, extension]).toEqual([0xff, 0xd8, at('2026-11-03T12:00:00Z'), 'jpg'])
  })
})

describe('time lapses', () => {
  it.each([
    [60, 4],
    [120, 8],
    [300, 20],
    [600, 40],
  ] as const)('%ix are asked for with fps %i, a day at a time', async (speed, fps) => {
    await using both = await pair({ world: worldOf(window, {}) }, { footage: 'timelapse', speed })
    const asked = span('2026-11-01T00:00:00Z', '2026-11-03T00:00:00Z')
    const { recordings, gaps } = await listed(both.source, asked)
    expect(recordings.map(({ id, expect: wanted }) => [id, wanted?.durationMs])).toEqual([
      ['2026-11-01T20:00:00.000Z/2026-11-02T00:00:00.000Z', (4 * hour) / speed],
      ['2026-11-02T00:00:00.000Z/2026-11-02T04:00:00.000Z', (4 * hour) / speed],
    ])
    expect(gaps.map(({ start, end, outcome }) => [start, end, outcome])).toEqual([
      [asked.start, window.start, 'expired'],
      [window.end, asked.end, 'pending'],
    ])
    expect(isGap(await fetched(both.source, recordings[0]!))).toBe(false)
    const query = new URL(both.console.log.of('media')[0]!.target, 'https://x').searchParams
    expect([query.get('type'), query.get('fps'), query.get('channel')]).toEqual(['timelapse', String(fps), '0'])
  })

  it('of a camera without any are absent', async () => {
    await using both = await pair({ world: worldOf(window, { recorded: [] }) }, { footage: 'timelapse' })
    expect((await listed(both.source, window)).gaps).toEqual([
      expect.objectContaining({ ...window, outcome: 'absent', reason: expect.stringContaining('no time lapse') }),
    ])
  })
})
