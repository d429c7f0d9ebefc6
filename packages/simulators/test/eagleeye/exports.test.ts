import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { EagleEyeSwitches } from '../../src/eagleeye/index.ts'
import { TestClock } from '../test-clock.ts'
import { ask, iso, type Reply, sha256, v3 } from './client.ts'

const monday = Date.UTC(2026, 1, 2, 9) + 137
const clip = { start: monday, end: monday + 1_200_000 }

async function exporting(switches: Partial<EagleEyeSwitches> = {}, clock?: TestClock) {
  const one = await v3({ switches: { world: 'week', ...switches }, ...(clock ? { clock } : {}) })
  const order = (more: Record<string, unknown> = {}) =>
    one.post('exports', {
      ...{ deviceId: '100a1007', type: 'video', autoDelete: true, info: { name: 'a film' } },
      ...{ period: { startTimestamp: iso(clip.start), endTimestamp: iso(clip.end) }, ...more },
    })
  /** Every state of a job, until it ends. */
  const follow = async (id: string, most = 20) => {
    const jobs = []
    while (jobs.length < most) {
      const { json } = await one.get(`jobs/${id}`)
      jobs.push(json)
      if (!['pending', 'started'].includes(json.state)) break
    }
    return jobs
  }
  const finish = async (more?: Record<string, unknown>) => (await follow((await order(more)).json.id)).at(-1)
  return { ...one, order, follow, finish, [Symbol.asyncDispose]: () => one.cloud.close() }
}

const fileOf = (job: Reply['json']) => job.result.intervals[0].files[0]

describe('an export', () => {
  it('is a job that gets on, and then a download with size and md5', async () => {
    await using one = await exporting({ jobPending: 2, jobStarted: 3 })
    const made = await one.order()
    expect([made.status, made.json]).toEqual([201, { id: expect.stringMatching(/^[0-9a-f-]{36}$/) }])
    const jobs = await one.follow(made.json.id)
    expect(jobs.map(({ state }) => state)).toEqual(['pending', 'pending', 'started', 'started', 'started', 'success'])
    expect(jobs.map(({ progress }) => progress)).toEqual([0, 0, 0.25, 0.5, 0.75, 1])
    const job = jobs.at(-1)
    expect(job).toMatchObject({
      type: 'export',
      error: null,
      arguments: { originalRequest: { info: { name: 'a film' } } },
    })
    expect(job.detailedState.intervals.missingIntervals).toEqual([])
    expect(job.result.intervals).toMatchObject([
      { startTimestamp: iso(clip.start), endTimestamp: iso(clip.end), state: 'success' },
    ])
    const { url, size, name } = fileOf(job)
    expect([url.startsWith(`${one.cloud.hosts.apiCluster}/api/v3.0/downloads/`), name]).toEqual([true, 'a film.mp4'])
    const id = url.split('/').at(-1)
    const facts = (await one.get(`downloads/${id}`, { include: 'md5,size,details' })).json
    expect(facts).toMatchObject({ id, size, status: 'available', details: { deviceId: '100a1007', jobId: job.id } })
    expect((await one.get(`downloads/${id}`)).json).not.toHaveProperty('md5')
    const reply = await one.get(`downloads/${id}:download`)
    const row = one.cloud.truth().find((each) => each.cameraId === '100a1007' && each.start === monday)!
    expect([sha256(reply.body), reply.body.length]).toEqual([row.exported.sha256, row.exported.bytes])
    expect([createHash('md5').update(reply.body).digest('hex'), reply.body.length]).toEqual([facts.md5, size])
    expect(reply.headers.get('content-type')).toBe('application/octet-stream')
    expect(one.cloud.log.ofNode('media')).toHaveLength(1)
    expect(one.cloud.violations).toEqual([])
  })

  it('names its file in the header, whatever the name', async () => {
    await using one = await exporting()
    const job = await one.finish({ info: { name: 'Straße "1" 日本' } })
    const id = fileOf(job).url.split('/').at(-1)
    const header = (await one.get(`downloads/${id}:download`)).headers.get('content-disposition')
    expect(header).toBe(
      `attachment; filename="Stra_e \\"1\\" __.mp4"; filename*=UTF-8''Stra%C3%9Fe%20%221%22%20%E6%97%A5%E6%9C%AC.mp4`,
    )
  })

  it('without autoDelete goes into the archive', async () => {
    await using one = await exporting({ jobShape: 'files' })
    const job = await one.finish({ autoDelete: false })
    expect(job.result.files).toEqual([
      {
        name: 'a film.mp4',
        size: expect.any(Number),
        mimetype: 'video/mp4',
        url: expect.stringContaining('/files/'),
        description: '',
      },
    ])
    const id = job.result.files[0].url.split('/').at(-1)
    expect((await one.get('files', { name: 'a film.mp4', include: 'size' })).json.results).toMatchObject([{ id }])
    expect((await one.get('downloads')).json.results).toEqual([])
    const [first, second] = [await one.get(`files/${id}:download`), await one.get(`files/${id}`, { alt: 'media' })]
    expect([first.status, first.body.equals(second.body)]).toEqual([200, true])
    expect((await one.get(`downloads/${id}:download`)).status).toBe(404)
    expect((await ask(one.url(`files/${id}`), { method: 'DELETE', headers: one.bearer() })).status).toBe(405)
    expect(one.cloud.violations).toEqual([`DELETE /api/v3.0/files/${id}`])
  })

  it('fails, is revoked, or is there in part', async () => {
    await using one = await exporting({ jobOutcome: 'failure' })
    const failure = await one.finish()
    expect(failure).toMatchObject({ state: 'failure', progress: 0, result: null, error: { status: 'internal' } })
    one.cloud.set({ jobOutcome: 'revoked' })
    expect(await one.finish()).toMatchObject({ state: 'revoked', progress: 0, result: null })
    one.cloud.set({ jobOutcome: 'partial' })
    const partial = await one.finish({ skipSyncToCloud: true })
    const middle = iso((clip.start + clip.end) / 2)
    expect(partial.detailedState.intervals.missingIntervals).toEqual([
      { startTimestamp: middle, endTimestamp: iso(clip.end) },
    ])
    expect(partial).toMatchObject({ state: 'success', progress: 1 })
    expect(partial.result.intervals).toMatchObject([
      { state: 'success', endTimestamp: middle, files: [{ endTimestamp: middle }] },
      { state: 'failure', startTimestamp: middle, error: { details: [{ reason: 'deviceUnavailable' }] }, files: [] },
    ])
    const copy = await one.post(`exports/${partial.id}:copy`, { retryStrategy: 'full' })
    const whole = (await one.follow(copy.json.id)).at(-1)
    expect([whole.result.intervals.length, fileOf(whole).name]).toEqual([1, 'a film (retry).mp4'])
    expect((await one.post(`exports/${partial.id}:copy`, {})).status).toBe(400)
    one.cloud.set({ jobOutcome: 'success', expired: 'all' })
    expect((await one.finish()).error.details[0].reason).toBe('outOfRetention')
    one.cloud.set({ expired: 'none', bridgeOffline: 'all' })
    expect((await one.finish()).error.details[0].reason).toBe('deviceUnavailable')
  })

  it('may never end', async () => {
    await using one = await exporting({ jobStarted: Number.POSITIVE_INFINITY })
    const jobs = await one.follow((await one.order()).json.id, 40)
    expect([jobs.length, jobs.at(-1).state, jobs.at(-1).progress]).toEqual([40, 'started', 0.99])
    one.cloud.set({ jobPending: Number.POSITIVE_INFINITY })
    expect((await one.follow((await one.order()).json.id, 40)).at(-1).state).toBe('pending')
  })

  it('is refused for what is wrong in it', async () => {
    await using one = await exporting()
    const period = (startTimestamp: string, endTimestamp: string) => ({ period: { startTimestamp, endTimestamp } })
    const named = async (more: Record<string, unknown>) => {
      const { status, json } = await one.order(more)
      return [status, json.details[1]?.argumentViolations[0].argumentName]
    }
    expect(await named({ type: 'film' })).toEqual([400, 'type'])
    expect(await named({ info: { name: 'a/b' } })).toEqual([400, 'info.name'])
    expect(await named({ info: { name: 'x'.repeat(65) } })).toEqual([400, 'info.name'])
    expect(await named({ type: 'timeLapse' })).toEqual([400, 'playbackMultiplier'])
    expect(await named(period(iso(monday), iso(monday + 8 * 3_600_000 + 1)))).toEqual([400, 'period'])
    expect(await named(period(iso(monday), iso(monday)))).toEqual([400, 'period'])
    expect(one.cloud.violations).toEqual([])
    expect(await named(period(new Date(monday).toISOString(), iso(clip.end)))).toEqual([400, 'period'])
    expect(one.cloud.violations).toHaveLength(1)
    expect((await one.order({ deviceId: 'ffffffff' })).status).toBe(404)
    expect((await one.order(period(iso(0), iso(1000)))).json.details[0].reason).toBe('noVideo')
    const statusOf = async (switches: Partial<EagleEyeSwitches>) => {
      one.cloud.set(switches)
      const { status, json } = await one.order()
      return [status, json.details[0].reason]
    }
    expect(await statusOf({ exportRefused: 'quotaExceeded' })).toEqual([403, 'quotaExceeded'])
    expect(await statusOf({ exportRefused: 'noVideo-409' })).toEqual([409, 'noVideo'])
    expect(await statusOf({ exportRefused: '500' })).toEqual([500, 'internalError'])
    expect(await statusOf({ exportRefused: 'none', denied: 'all' })).toEqual([403, 'invalidPermission'])
  })
})

describe('jobs and downloads', () => {
  it('are of a user, can be dropped, and do not last', async () => {
    const clock = new TestClock()
    await using one = await exporting({ accessTtl: Number.POSITIVE_INFINITY }, clock)
    const job = await one.finish()
    const id = fileOf(job).url.split('/').at(-1)
    expect((await one.get('jobs')).json.details[0].reason).toBe('missingRequiredArgument')
    const { id: userId } = (await one.get('users/self')).json
    expect((await one.get('jobs', { userId })).json.results).toMatchObject([{ id: job.id, state: 'success' }])
    expect((await one.get('jobs', { userId, state__in: 'failure' })).json.results).toEqual([])
    clock.advance(14 * 86_400_000)
    expect((await one.get(`downloads/${id}`)).json.status).toBe('expired')
    expect((await one.get(`downloads/${id}:download`)).status).toBe(404)
    one.cloud.set({ downloadExpired: '410' })
    expect((await one.get(`downloads/${id}:download`)).json.details[0].reason).toBe('purged')
    const { json: other } = await one.order()
    const drop = () => ask(one.url(`jobs/${other.id}`), { method: 'DELETE', headers: one.bearer() })
    expect([(await drop()).status, (await drop()).status]).toEqual([204, 404])
    clock.advance(14 * 86_400_000)
    expect((await one.get(`jobs/${job.id}`)).status).toBe(404)
    expect((await one.get(`downloads/${id}`, { include: 'url' })).status).toBe(400)
  })

  it('may be other bytes than they say, and break like any film', async () => {
    await using one = await exporting({ md5Wrong: true })
    const id = fileOf(await one.finish())
      .url.split('/')
      .at(-1)
    const { md5, size } = (await one.get(`downloads/${id}`, { include: 'md5,size' })).json
    const md5Of = ({ body }: { body: Buffer }) => createHash('md5').update(body).digest('hex')
    const wrong = await one.get(`downloads/${id}:download`)
    expect([wrong.body.length === size, md5Of(wrong) === md5]).toEqual([true, false])
    one.cloud.set({ md5Wrong: false, truncateAt: 1000, failN: 1 })
    expect((await one.get(`downloads/${id}:download`)).status).toBe(503)
    expect((await one.get(`downloads/${id}:download`)).broken).toBe(true)
    one.cloud.set({ truncateAt: undefined })
    expect(md5Of(await one.get(`downloads/${id}:download`))).toBe(md5)
  })
})
