import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ledger, memoryLedger } from '@cam/download-core'
import type { EagleEyeSwitches } from '@cam/simulators/eagleeye'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingId } from '../../src/wire/recording-id.ts'
import { asked, call, cameraA, cameraB, clip, day, hour, listed, pair, run, second, today, worldOf } from './pretend.ts'
import { scripted } from './scripted.ts'

const window = { start: today - 2 * day, end: today - day }
const only = clip(hour, 40 * second)
const other = clip(hour, 30 * second)
const key = `${cameraA} ${recordingId(only)}`
let folders: string

beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'eagleeye-films-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))

/** Archives one clip of each of two cameras, the first of which suffers. */
async function archived(switches: Partial<EagleEyeSwitches>, format: 'flv' | 'mp4' = 'flv', ledger?: Ledger) {
  const world = worldOf([only], [other], window)
  await using both = await pair({ world, switches: { only: cameraA, ...switches } }, { format })
  const into = await mkdtemp(join(folders, 'archive-'))
  const ran = await run({
    ...{ source: both.source, into, ledger: ledger ?? memoryLedger(), window, clock: both.clock },
    pendingDeadlineMs: 60_000,
  })
  const files = (await readdir(into, { recursive: true })).filter((name) => /\.(flv|mp4|part)$/.test(name))
  const requests = both.cloud.log.entries.filter((e) => e.node === 'media' && e.target.includes(cameraA)).length
  const good = ran.outcomes.get(`${cameraB} ${recordingId(other)}`)?.outcome
  return { outcome: ran.outcomes.get(key), requests, files, good, skipped: both.clock.skipped, cloud: both.cloud }
}

/** Every ten seconds of a minute; other waits make the clock go on, too. */
function expectBounded(ran: Awaited<ReturnType<typeof archived>>) {
  expect(ran.requests).toBeGreaterThanOrEqual(3)
  expect(ran.requests).toBeLessThanOrEqual(7)
  expect([ran.good, ran.files.length]).toEqual(['kept', 1])
}

type Status = EagleEyeSwitches['failStatus']

describe('fault → outcome and number of requests', () => {
  it.each<[Status, number, object, number]>([
    ...(['404', '429', '463', '500', '502', '504', 'reset', '401'] as const).map(
      (status): [Status, number, object, number] => [status, 1, { outcome: 'kept' }, 2],
    ),
    ['404', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 404, retryable: true }, 4],
    ['429', 99, { outcome: 'failed', code: 'RATE_LIMITED', httpStatus: 429, retryable: true }, 4],
    ['463', 99, { outcome: 'failed', code: 'BUSY', httpStatus: 463, retryable: true }, 4],
    ['500', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 500, retryable: true }, 4],
    ['502', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 502, retryable: true }, 4],
    ['504', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 504, retryable: true }, 4],
    ['400', 99, { outcome: 'failed', code: 'REQUEST', httpStatus: 400, retryable: false }, 1],
    ['403', 99, { outcome: 'failed', code: 'PERMISSION', httpStatus: 403, retryable: false }, 1],
    ['418', 99, { outcome: 'failed', code: 'REQUEST', httpStatus: 418, retryable: false }, 1],
    // The session is renewed once, then found to be good.
    ['401', 99, { outcome: 'failed', code: 'PERMISSION', httpStatus: 401, retryable: false }, 2],
    ['410', 99, { outcome: 'expired' }, 1],
    ['200-json', 1, { outcome: 'kept' }, 2],
    ['200-json', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 200, retryable: true }, 4],
    ['200-json-as-video', 1, { outcome: 'kept' }, 2],
    ['200-json-as-video', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 200, retryable: true }, 4],
    ['200-html', 1, { outcome: 'kept' }, 2],
    ['200-html', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 200, retryable: true }, 4],
    ['200-empty', 1, { outcome: 'kept' }, 2],
    ['200-empty', 99, { outcome: 'failed', code: 'SERVER', httpStatus: 200, retryable: true }, 4],
  ])('%s, %d times: %o', async (failStatus, failN, outcome, requests) => {
    const ran = await archived({ failStatus, failN })
    expect(ran.outcome).toMatchObject(outcome)
    expect([ran.requests, ran.good]).toEqual([requests, 'kept'])
    expect(ran.files).toHaveLength(ran.outcome?.outcome === 'kept' ? 2 : 1)
  })

  it('202 for ever: pending, after so many questions and no more', async () => {
    const ran = await archived({ failStatus: '202-json', failN: 1_000_000 })
    expect(ran.outcome).toMatchObject({ outcome: 'pending' })
    expectBounded(ran)
  })

  it.each(['seconds', 'date'] as const)('waits as long as a 429 asks for, in %s', async (retryAfterForm) => {
    const ran = await archived({ failStatus: '429', failN: 1, retryAfter: 7, retryAfterForm })
    expect([ran.outcome?.outcome, ran.requests]).toEqual(['kept', 2])
    expect(ran.skipped.filter((ms) => ms >= 6000 && ms <= 7000)).toHaveLength(1)
  })

  it.each<[Partial<EagleEyeSwitches>, object]>([
    [{ bridgeOffline: cameraA }, { outcome: 'failed', code: 'SERVER', httpStatus: 503 }],
    [{ denied: cameraA }, { outcome: 'failed', code: 'PERMISSION' }],
    [{ expired: cameraA }, { outcome: 'expired', reason: expect.stringMatching(/410/) }],
    [{ truncateAt: 1500, truncate: 'clean', contentLength: false }, { outcome: 'failed' }],
    [
      { truncateAt: 1500, truncate: 'destroy' },
      { outcome: 'failed', code: 'INCOMPLETE' },
    ],
    [{ contentLength: false }, { outcome: 'kept', proof: { by: 'container', format: 'flv' } }],
    [{ contentType: 'text/plain' }, { outcome: 'kept' }],
  ])('%o: %o', async (switches, outcome) => {
    expect((await archived(switches)).outcome).toMatchObject(outcome)
  })

  it('goes on after a new login when the session ends in mid-run', async () => {
    const ran = await archived({ expireSessionAfter: 4 })
    expect([ran.outcome?.outcome, ran.good]).toEqual(['kept', 'kept'])
    expect(asked(ran.cloud, 'authenticate')).toBeGreaterThan(1)
  })
})

describe('FLV', () => {
  it('that ends between two tags is not whole, whatever its metadata say', async () => {
    const world = worldOf([only], [], window)
    await using both = await pair({ world })
    const [recording] = await listed(both.source, window)
    const opened = await both.source.open(recording!, { byte: 0 }, call)
    if (!('body' in opened)) throw new Error('Nothing to read.')
    const chunks: Uint8Array[] = []
    for await (const chunk of opened.body) chunks.push(chunk)
    const film = Buffer.concat(chunks)
    // Half of its tags, cut where one ends.
    let end = 13
    while (end < film.length / 2) end += 11 + film.readUIntBE(end + 1, 3) + 4
    await using cloud = await scripted({
      'GET /g/device/list': { json: [['1', cameraA, 'Dock', 'camera', [], 'ATTD']] },
      'GET /asset/list/video': { json: [{ s: stamp(only.start), e: stamp(only.end) }] },
      'GET /asset/play/video.flv': { headers: { 'transfer-encoding': 'chunked' }, bytes: film.subarray(0, end) },
    })
    const into = await mkdtemp(join(folders, 'archive-'))
    const { outcomes } = await run({ source: cloud.source, into, ledger: memoryLedger(), window, clock: both.clock })
    expect(outcomes.get(key)).toMatchObject({ outcome: 'failed' })
  })
})

describe('MP4', () => {
  it.each(['captured', 'documented'] as const)('is asked for until it is made (%s)', async (mp4Body) => {
    const ran = await archived({ mp4Polls: 3, mp4Body }, 'mp4')
    expect([ran.outcome?.outcome, ran.requests]).toEqual(['kept', 5])
    expect(ran.files.filter((name) => name.endsWith('.mp4'))).toHaveLength(2)
  })

  it('says how far it is', async () => {
    await using both = await pair({ world: worldOf([only]), switches: { mp4Polls: 3 } }, { format: 'mp4' })
    const [recording] = await listed(both.source, window)
    const answers = []
    for (let times = 0; times < 3; times++) answers.push(await both.source.open(recording!, { byte: 0 }, call))
    expect(answers).toEqual([0, 0.25, 0.5].map((progress) => ({ askAgainAfterMs: 10_000, progress })))
  })

  it('that is never made is pending, after so many questions and no more', async () => {
    const ran = await archived({ mp4Polls: Number.POSITIVE_INFINITY }, 'mp4')
    expect(ran.outcome).toMatchObject({ outcome: 'pending' })
    expectBounded(ran)
  })

  it('survives 502 while it is made', async () => {
    const ran = await archived({ mp4Polls: 3, mp4Bad: 2 }, 'mp4')
    expect([ran.outcome?.outcome, ran.requests]).toEqual(['kept', 5])
  })

  it.each<[object, object]>([
    [
      { status: 202, json: { data: { error: 'No key frame' } } },
      { code: 'SERVER', message: /No key frame/ },
    ],
    [
      { status: 202, text: 'x'.repeat(100_000) },
      { code: 'BUSY', message: /says how far/ },
    ],
    [{ status: 204 }, { code: 'PROTOCOL', message: /204/ }],
  ])('%o', async (reply, { code, message }: { code?: string; message?: RegExp }) => {
    await using cloud = await scripted({ 'GET /asset/play/video.mp4': reply }, { format: 'mp4' })
    const recording = { id: recordingId(only), cameraId: cameraA, window: only, windowFrom: 'source' } as const
    const work = cloud.source.open({ ...recording, extension: 'mp4', resume: 'validated' }, { byte: 0 }, call)
    await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message!) })
  })
})

const stamp = (ms: number) => new Date(ms).toISOString().replace(/[-:TZ]/g, '')
