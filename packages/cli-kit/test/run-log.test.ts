import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthenticationError, memoryLedger } from '@cam/download-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CliDefinition } from '../src/definition.ts'
import { writeFailedList } from '../src/report/failed-list.ts'
import { cloudCli, day, hour, PretendCloud, runCloud } from './pretend-cloud.ts'

let folder: string
let cloud: PretendCloud
let made: CliDefinition
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-run-log-'))
  cloud = new PretendCloud()
  made = { ...cloudCli(cloud), logFolder: 'logs' }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const run = (...argv: string[]) => runCloud(cloud, folder, argv, made)
const logs = (...path: string[]) => join(folder, 'archive', 'logs', ...path)
const read = (name: string) => readFile(logs(name), 'utf8')
const parsed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const refused = { identify: () => Promise.reject(new AuthenticationError('401 Unauthorized.')) }

describe('the log of a run', () => {
  it('is all that was said, with times, and what became of each recording, for the owner alone', async () => {
    cloud.clip('c1', cloud.now - 2 * hour)
    const broken = cloud.clip('c2', cloud.now - 3 * hour)
    cloud.broken.set(broken, 'for ever')
    const { code, stdout } = await run('--json')
    expect(code).toBe(1)
    expect((await readdir(logs())).sort()).toEqual([
      'failed.csv',
      'pretend-cli_2026-03-02_12-00-00.log',
      'pretend-cli_2026-03-02_12-00-00.ndjson',
    ])
    const text = await read('pretend-cli_2026-03-02_12-00-00.log')
    expect(text).toMatch(/^2026-03-02T12:00:00\.000Z Fetching from 192\.0\.2\.1\.\.\.\n/)
    expect(text).toMatch(/Z INFO {2}The first run here fetches the last 24 hours/)
    expect(text).toMatch(/Z FAIL {2}c2-/)
    expect(text).toMatch(/Z Done\. downloaded=1 skipped=0 failed=1\n/)
    const lines = await read('pretend-cli_2026-03-02_12-00-00.ndjson')
    expect(lines.split('\n')).toEqual(stdout.split('\n').filter((line) => !line.includes('"type":"progress"')))
    expect(
      parsed(lines).find(({ type, camera }) => type === 'recording-ended' && (camera as { id: string }).id === 'c2'),
    ).toMatchObject({
      outcome: { outcome: 'failed', code: 'NOT_FOUND', httpStatus: 404, attempts: 1, message: 'It is not there.' },
    })
    expect(parsed(lines).at(-1)).toMatchObject({ type: 'archive-ended', planned: 2, kept: 1, failed: 1 })
    expect(text + lines).not.toContain('sesame')
    for (const name of await readdir(logs())) expect((await stat(logs(name))).mode & 0o777).toBe(0o600)
  })

  it('has a name of its own, in the zone that was asked for', async () => {
    await run('--timezone', 'Asia/Tokyo')
    await run('--timezone', 'Asia/Tokyo')
    await writeFile(logs('pretend-cli_2026-03-02_21-00-00-3.ndjson'), 'somebody else’s')
    await run('retry', '--timezone', 'Asia/Tokyo')
    expect((await readdir(logs())).filter((name) => name.endsWith('.log')).sort()).toEqual([
      'pretend-cli_2026-03-02_21-00-00-2.log',
      'pretend-cli_2026-03-02_21-00-00-4.log',
      'pretend-cli_2026-03-02_21-00-00.log',
    ])
    expect(await read('pretend-cli_2026-03-02_21-00-00-3.ndjson')).toBe('somebody else’s')
  })

  it('holds a login that was refused, also in an archive that is new', async () => {
    made = { ...made, makeSource: () => ({ ...cloud.source(), ...refused }) }
    expect((await run()).code).toBe(2)
    expect((await run()).code).toBe(2)
    for (const name of ['pretend-cli_2026-03-02_12-00-00', 'pretend-cli_2026-03-02_12-00-00-2']) {
      expect(await read(`${name}.log`)).toMatch(/Z Fetching from[\s\S]*Z ERROR: .*refused the account "root"/)
      expect(parsed(await read(`${name}.ndjson`)).map(({ type }) => type)).toEqual(['error', 'archive-ended'])
    }
    expect(await read('failed.csv')).toMatch(/^\uFEFFsource,camera id,[^\n]*\r\n$/)
  })

  it('is there while the source is asked', async () => {
    await run()
    cloud.now += day
    let seen: string | undefined
    const source = cloud.source()
    const identify: typeof source.identify = async (call) => {
      seen ??= await read('pretend-cli_2026-03-03_12-00-00.log').catch(() => undefined)
      return source.identify(call)
    }
    made = { ...made, makeSource: () => ({ ...source, identify }) }
    expect((await run()).code).toBe(0)
    expect(seen).toMatch(/^2026-03-03T12:00:00\.000Z Fetching/)
  })

  it('goes where --log-dir says, or nowhere; by default only where the vendor has a folder for it', async () => {
    const elsewhere = join(folder, 'elsewhere', 'logs')
    await run('--log-dir', elsewhere)
    expect((await readdir(elsewhere)).length).toBe(3)
    await run('--log-dir', 'none')
    made = cloudCli(cloud)
    await run()
    expect((await readdir(join(folder, 'archive'))).sort()).toEqual(['.cam'])
  })

  it('is left by no plan, no dry run, and nothing that fetches nothing', async () => {
    for (const argv of [['plan'], ['--dry-run'], ['cameras']]) expect((await run(...argv)).code).toBe(0)
    expect(await readdir(folder)).toEqual([])
    await run('--log-dir', 'none')
    for (const argv of [['plan'], ['verify'], ['coverage']]) expect((await run(...argv)).code).toBe(0)
    expect(await readdir(join(folder, 'archive'))).toEqual(['.cam'])
  })

  it('is nothing that verify wonders about', async () => {
    await run()
    await writeFile(logs('notes.txt'), '')
    const { code, stdout } = await run('verify', '--verbose')
    expect([code, stdout.match(/INFO {2}(\S+)/g)]).toEqual([0, ['INFO  logs/notes.txt']])
    expect(stdout).toContain(' untracked=1 ')
  })

  it('is not made below an archive whose disk is not mounted', async () => {
    await run()
    await rm(join(folder, 'archive'), { recursive: true })
    await mkdir(join(folder, 'archive'))
    const { code, stderr } = await run()
    expect([code, stderr]).toEqual([2, expect.stringMatching(/not mounted/)])
    expect(await readdir(join(folder, 'archive'))).toEqual([])
  })

  it('that cannot be written is one warning, and no failed run', async () => {
    await writeFile(join(folder, 'file'), '')
    cloud.clip('c1', cloud.now - 2 * hour)
    const { code, stderr, stdout } = await run('--log-dir', join(folder, 'file'))
    expect([code, stdout]).toEqual([0, expect.stringContaining('downloaded=1')])
    expect(stderr.match(/No log of this run can be written/g)).toHaveLength(1)
    expect(stderr.match(/The list of what failed cannot be written/g)).toHaveLength(1)
    expect(stderr.trim().split('\n')).toHaveLength(2)
  })
})

/** The table, without its mark. Throws where a line is not ended as the format wants it. */
async function table(): Promise<string[]> {
  const text = await read('failed.csv')
  expect(text.startsWith('\uFEFF')).toBe(true)
  const lines = text.slice(1).split('\r\n')
  expect([lines.pop(), lines.some((line) => line.includes('\n'))]).toEqual(['', false])
  return lines
}

describe('failed.csv', () => {
  it('is what the ledger says of all runs and sources, oldest first, and shrinks as that is fetched', async () => {
    cloud.cameras = [
      { id: 'c1', name: '=1+1, "Gate"' },
      { id: 'c2', name: 'Höfe\n-x' },
    ]
    const old = cloud.clip('c2', cloud.now - 20 * hour)
    cloud.broken.set(old, 'for ever')
    await run()
    cloud.now += day
    const young = cloud.clip('c1', cloud.now - 2 * hour)
    cloud.broken.set(young, 'for a while')
    expect((await run()).code).toBe(1)
    cloud.id = '@other'
    cloud.unlisted.add('c1')
    cloud.now += hour
    expect((await run()).code).toBe(1)
    expect(await table()).toEqual([
      'source,camera id,camera name,recording,view,start,end,code,http status,reason,attempts,may be retried,last tried',
      'account-1,c2,Höfe -x,c2-2026-03-01T16:00:00.000Z,,2026-03-01T16:00:00.000Z,2026-03-01T17:00:00.000Z,NOT_FOUND,404,It is not there.,1,no,2026-03-03T12:00:00.000Z',
      `'@other,c1,"'=1+1, ""Gate""",(the list),,2026-03-02T13:00:00.000Z,2026-03-03T13:00:00.000Z,SERVER,503,The list is not to be had.,1,yes,2026-03-03T13:00:00.000Z`,
      `account-1,c1,"'=1+1, ""Gate""",c1-2026-03-03T10:00:00.000Z,,2026-03-03T10:00:00.000Z,2026-03-03T11:00:00.000Z,INCOMPLETE,,"It broke off, ""really"".",1,yes,2026-03-03T12:00:00.000Z`,
    ])
    cloud.id = 'account-1'
    cloud.unlisted.clear()
    cloud.broken.delete(young)
    expect((await run('retry')).code).toBe(0)
    expect((await table()).map((line) => line.slice(0, 12))).toEqual(['source,camer', 'account-1,c2', '\'@other,c1,"'])
  })

  it('names what is lost', async () => {
    cloud.clip('c1', cloud.now - 2 * hour)
    await run()
    expect(await table()).toHaveLength(1)
    await rm(join(folder, 'archive', 'Gate'), { recursive: true })
    expect((await run('verify')).code).toBe(1)
    cloud.now += 3 * day
    await run('--start', '-1h')
    const [, lost] = await table()
    expect(lost).toMatch(/^account-1,c1,Gate,[^,]+,,[^,]+,[^,]+,LOST,,[^,]+is gone\.,,yes,/)
  })

  it('lists every failure, however many there are', async () => {
    await using ledger = memoryLedger()
    const camera = { id: 'c1', name: 'Gate' }
    const rows = Array.from({ length: 2500 }, (_, number) => {
      const start = cloud.now - number * hour
      const key = { sourceId: 's', cameraId: 'c1', view: '', recordingId: new Date(start).toISOString() }
      return { key, kind: 'recording', camera, window: { start, end: start + hour } } as const
    })
    const outcome = { outcome: 'failed', code: 'SERVER', message: 'Busy.', retryable: true, attempts: 4 } as const
    await ledger.plan('run', cloud.now, rows)
    await ledger.record(
      'run',
      cloud.now,
      rows.map(({ key }) => ({ key, outcome })),
    )
    await mkdir(join(folder, 'archive', '.cam'), { recursive: true })
    await writeFailedList({ ledger, folder: logs(), root: join(folder, 'archive'), clock: cloud.clock() })
    const [, ...lines] = await table()
    expect(lines).toHaveLength(2500)
    expect(lines).toEqual([...lines].sort())
  })
})
