import { createHash } from 'node:crypto'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ApacheDigest,
  account,
  type LighttpdDigest,
  missing,
  startApacheDigest,
  startLighttpdDigest,
} from '../../../../tools/real-servers/index.ts'
import { AuthenticationError } from '../../src/footage/errors.ts'
import type { Http } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { openBody } from '../../src/http/open-body.ts'

const signal = new AbortController().signal
const clip = Buffer.concat(Array.from({ length: 8192 }, (_, i) => createHash('sha256').update(`block ${i}`).digest()))
const offer = { representation: 'file', resume: 'validated' } as const
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-www-'))
  await writeFile(join(folder, 'clip.avi'), clip)
  // Apache calls the ETag of a file weak as long as the file is new.
  await utimes(join(folder, 'clip.avi'), 1_700_000_000, 1_700_000_000)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const client = (origin: string, password: string = account.password, connectionsPerHost = 4): Http =>
  createHttp({
    origins: [origin],
    credentials: { username: account.username, password },
    connectionsPerHost,
    retry: { retries: 0 },
    env: {},
  })

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const statuses = (lines: readonly string[], base: string) =>
  lines.filter((line) => line.startsWith(`${new URL(base).port} `)).map((line) => line.split(' ')[3])

const noApache = missing('apache2')
if (noApache) console.log(noApache)
describe.skipIf(noApache)('Apache', () => {
  let apache: ApacheDigest
  beforeAll(async () => {
    apache = await startApacheDigest(folder)
  })
  afterAll(() => apache[Symbol.asyncDispose]())

  it('lets us in with one challenge for any number of requests', async () => {
    await using http = client(apache.plain)
    for (let i = 0; i < 3; i++) {
      expect(clip.equals((await http.ask({ url: '/clip.avi?x=%2F', signal })).bytes)).toBe(true)
    }
    expect(statuses(await apache.accessLog(), apache.plain)).toEqual(['401', '200', '200', '200'])
  })

  it('refuses a wrong password at the price of exactly one authenticated request', async () => {
    await using http = client(apache.plain, 'wrong', 8)
    const before = statuses(await apache.accessLog(), apache.plain).length
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => http.ask({ url: '/clip.avi', signal })))
    for (const result of asked) {
      expect(result.status === 'rejected' && result.reason).toBeInstanceOf(AuthenticationError)
    }
    await expect(http.ask({ url: '/clip.avi', signal })).rejects.toBeInstanceOf(AuthenticationError)
    // Eight requests learn the challenge; one of them tries the password; the ninth is not sent at all.
    expect(statuses(await apache.accessLog(), apache.plain).length - before).toBe(9)
  })

  it('starts anew when a nonce has become stale', async () => {
    await using http = client(apache.shortLived)
    await http.ask({ url: '/clip.avi', signal })
    await pause(3100)
    const opened = await openBody(http, { url: '/clip.avi', signal }, { byte: 0 }, offer)
    expect((await bytesOf(opened.body)).equals(clip)).toBe(true)
    expect(statuses(await apache.accessLog(), apache.shortLived)).toEqual(['401', '200', '401', '200'])
  })

  it('uses the next nonce that a one-time server hands out', async () => {
    await using http = client(apache.oneTime)
    for (let i = 0; i < 4; i++) await http.ask({ url: '/clip.avi', signal })
    expect(statuses(await apache.accessLog(), apache.oneTime)).toEqual(['401', '200', '200', '200', '200'])
  })

  it('gets all of eight parallel requests past a checked nonce count', async () => {
    // Which of them overtakes which is chance, so that once proves little.
    for (let round = 0; round < 60; round++) {
      await using http = client(apache.countChecked, account.password, 8)
      await http.ask({ url: '/clip.avi', signal })
      const answers = await Promise.all(Array.from({ length: 8 }, () => http.ask({ url: '/clip.avi', signal })))
      expect(answers.every((answer) => clip.equals(answer.bytes))).toBe(true)
    }
  })

  it('continues a file, and notices that it changed', async () => {
    await using http = client(apache.plain)
    const whole = await openBody(http, { url: '/clip.avi', signal }, { byte: 0 }, offer)
    expect(whole.totalBytes).toBe(clip.length)
    await bytesOf(whole.body)
    const from = { byte: 100_000, validator: whole.validator!, totalBytes: clip.length, representation: 'file' }
    const rest = await openBody(http, { url: '/clip.avi', signal }, from, offer)
    expect(rest).toMatchObject({ startsAtByte: 100_000, totalBytes: clip.length })
    expect((await bytesOf(rest.body)).equals(clip.subarray(100_000))).toBe(true)
    const stale = { ...from, validator: { ...from.validator, etag: '"another"' } }
    const again = await openBody(http, { url: '/clip.avi', signal }, stale, offer)
    expect(again.startsAtByte).toBe(0)
    expect((await bytesOf(again.body)).equals(clip)).toBe(true)
    // This Apache's 416 states no total, which proves nothing: the file is fetched again rather than believed.
    const past = await openBody(http, { url: '/clip.avi', signal }, { ...from, byte: clip.length }, offer)
    expect(past.startsAtByte).toBe(0)
    expect((await bytesOf(past.body)).equals(clip)).toBe(true)
  })
})

const noLighttpd = missing('lighttpd')
if (noLighttpd) console.log(noLighttpd)
describe.skipIf(noLighttpd)('lighttpd', () => {
  let lighttpd: LighttpdDigest
  beforeAll(async () => {
    lighttpd = await startLighttpdDigest(folder)
  })
  afterAll(() => lighttpd[Symbol.asyncDispose]())

  it.each(['both', 'sha256Only'] as const)('lets us in (%s), and continues a file', async (kind) => {
    await using http = client(lighttpd[kind])
    const whole = await openBody(http, { url: '/clip.avi', signal }, { byte: 0 }, offer)
    expect((await bytesOf(whole.body)).equals(clip)).toBe(true)
    const from = { byte: 7, validator: whole.validator!, totalBytes: clip.length, representation: 'file' }
    const rest = await openBody(http, { url: '/clip.avi', signal }, from, offer)
    expect(rest.startsAtByte).toBe(7)
    expect((await bytesOf(rest.body)).equals(clip.subarray(7))).toBe(true)
  })

  it('refuses a wrong password', async () => {
    await using http = client(lighttpd.sha256Only, 'wrong')
    await expect(http.ask({ url: '/clip.avi', signal })).rejects.toBeInstanceOf(AuthenticationError)
  })
})
