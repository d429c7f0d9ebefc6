import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArchiveMissingError, DiskError, type Ledger } from '@cam/download-core'
import { DatabaseSync } from '@photostructure/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundled } from '../../../tools/bundle.ts'
import { ledgerSuite } from '../../download-core/test/archive/ledger-suite.ts'
import { bind } from '../src/database.ts'
import { openLedger } from '../src/index.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function opened(into: string, options?: { readOnly?: boolean }): Promise<Ledger> {
  const ledger = await openLedger(into, options)
  onTestFinished(() => ledger[Symbol.asyncDispose]())
  return ledger
}

const camera = { id: 'c', name: 'C' }
const key = (recordingId: string) => ({ sourceId: 's', cameraId: 'c', view: '', recordingId })
const row = (recordingId: string) => ({ key: key(recordingId), kind: 'recording', camera }) as const
const run = { id: 'r', sourceId: 's', sourceName: 'S', vendor: 'toy', startedAt: 1 }

describe('the ledger in SQLite', () => ledgerSuite(async () => opened(await temporaryFolder())))

it('finds everything again after it was closed', async () => {
  const into = await temporaryFolder()
  const first = await openLedger(into)
  await first.beginRun(run)
  await first.plan('r', 1, [row('a')])
  await first[Symbol.asyncDispose]()
  const again = await opened(into)
  expect(await again.find(key('a'))).toMatchObject({ key: key('a'), runId: 'r' })
  expect(await again.runs()).toEqual([run])
})

it('writes ahead, and flushes before it answers', async () => {
  const into = await temporaryFolder()
  await opened(into)
  const database = new DatabaseSync(join(into, '.cam', 'ledger.sqlite'))
  onTestFinished(() => database.close())
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(database.prepare('SELECT version FROM migrations').all()).toEqual([{ version: 1 }])
})

it('may be read by others while one writes, but not written', async () => {
  const into = await temporaryFolder()
  const writer = await opened(into)
  await writer.plan('r', 1, [row('a')])
  const reader = await opened(into, { readOnly: true })
  await writer.plan('r', 1, [row('b')])
  const seen: string[] = []
  for await (const each of reader.rows()) seen.push(each.key.recordingId)
  expect(seen).toEqual(['a', 'b'])
  await expect(reader.plan('r', 1, [row('c')])).rejects.toMatchObject({ code: 'DISK_READ_ONLY' })
})

it('says that there is none when it may only read', async () => {
  const into = await temporaryFolder()
  await expect(openLedger(into, { readOnly: true })).rejects.toBeInstanceOf(ArchiveMissingError)
})

it('says what to do about a file that is no ledger', async () => {
  const into = await temporaryFolder()
  await mkdir(join(into, '.cam'))
  await writeFile(join(into, '.cam', 'ledger.sqlite'), 'x'.repeat(9000))
  const opening = openLedger(into)
  await expect(opening).rejects.toBeInstanceOf(DiskError)
  await expect(opening).rejects.toThrow(/is damaged.*backup.*adopted/s)
})

it('says what to do about a ledger that was overwritten in places', async () => {
  const into = await temporaryFolder()
  const ledger = await openLedger(into)
  const many = Array.from({ length: 2000 }, (_, index) => row(`r${index}`))
  await ledger.plan('r', 1, many)
  await ledger[Symbol.asyncDispose]()
  const path = join(into, '.cam', 'ledger.sqlite')
  const { length } = await readFile(path)
  expect(length).toBeGreaterThan(100_000)
  const file = await open(path, 'r+')
  await file.write(Buffer.alloc(length - 8192, 0x5a), 0, length - 8192, 8192)
  await file.close()
  const reading = (async () => {
    const damaged = await opened(into)
    for await (const _ of damaged.rows()) void _
  })()
  await expect(reading).rejects.toThrow(/is damaged/)
})

it('leaves a ledger of a newer version alone', async () => {
  const into = await temporaryFolder()
  const ledger = await openLedger(into)
  await ledger[Symbol.asyncDispose]()
  const database = new DatabaseSync(join(into, '.cam', 'ledger.sqlite'))
  database.exec("INSERT INTO migrations VALUES (99, 'later')")
  database.close()
  await expect(openLedger(into)).rejects.toThrow(/newer version.*99/s)
})

it.each([[undefined], [Number.NaN], [Number.POSITIVE_INFINITY], [true], [new Date(0)], [1n], [{}]])(
  'refuses to store %s',
  (value) => {
    expect(() => bind(['fine', null, 1.5, value])).toThrow(/Parameter 4/)
  },
)

it('refuses a row without its parts instead of storing NULL', async () => {
  const ledger = await opened(await temporaryFolder())
  const broken = { ...row('a'), key: { ...key('a'), view: undefined as unknown as string } }
  await expect(ledger.plan('r', 1, [broken])).rejects.toBeInstanceOf(TypeError)
  await expect(ledger.plan('r', Number.NaN, [row('a')])).rejects.toBeInstanceOf(TypeError)
})

it('loses no acknowledged row when its process is killed', async () => {
  const into = await temporaryFolder()
  const script = await bundled(new URL('./writer.ts', import.meta.url))
  const child = spawn(process.execPath, [script, into], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
    if (said.split('\n').length > 40) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const acknowledged = said.split('\n').slice(0, -1)
  expect(acknowledged.length).toBeGreaterThan(30)
  const ledger = await opened(into)
  const there = new Set<string>()
  for await (const each of ledger.rows()) there.add(each.key.recordingId)
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
})
