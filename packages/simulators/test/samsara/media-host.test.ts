import { describe, expect, it } from 'vitest'
import type { SamsaraSwitches } from '../../src/samsara/index.ts'
import { ask, minute, samsara, sha256, truck12, truck13 } from './client.ts'

/** A cloud, one film of it, and what it should be. */
async function stored(switches: Partial<SamsaraSwitches> = {}) {
  const one = await samsara({ switches: { pendingPolls: 0, ...switches } })
  const [film] = await one.delivered(truck12, minute(0), ['dashcamRoadFacing'])
  const right = one.cloud.film({ vehicle: truck12, angle: 'road', start: minute(0) })!
  const { url } = film!.urlInfo!
  const get = (headers: Record<string, string> = {}, method = 'GET') => ask(url, { method, headers })
  return { ...one, url, right, get, [Symbol.asyncDispose]: () => one.cloud.close() }
}

const code = (body: Buffer) => /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1]

describe('the media host', () => {
  it('serves whole films and parts of them, under an ETag that stays', async () => {
    await using one = await stored()
    const whole = await one.get()
    const etag = whole.headers.get('etag')!
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      ...{ 'content-type': 'video/mp4', 'accept-ranges': 'bytes', 'content-length': String(one.right.bytes) },
    })
    const part = await one.get({ Range: 'bytes=1000-', 'If-Range': etag })
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000-${one.right.bytes - 1}/${one.right.bytes}`,
    ])
    expect(sha256(Buffer.concat([whole.body.subarray(0, 1000), part.body]))).toBe(one.right.sha256)
    expect((await one.get({ Range: 'bytes=0-0' })).body.length).toBe(1)
    const beyond = await one.get({ Range: `bytes=${one.right.bytes}-` })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${one.right.bytes}`])
    expect((await one.get({ Range: 'bytes=5-', 'If-Range': '"other"' })).status).toBe(200)
    expect((await one.get({ 'If-Match': '"other"' })).status).toBe(412)
    expect((await one.get({}, 'HEAD')).status).toBe(403)
    expect(one.cloud.violations).toEqual([])
    expect(one.cloud.log.counts().nodes).toMatchObject({ order: 1, poll: 1, media: 7 })
  })

  it('refuses our token, and it is a violation', async () => {
    await using one = await stored()
    const refused = await one.get(one.bearer)
    expect([refused.status, code(refused.body)]).toEqual([400, 'InvalidArgument'])
    expect(one.cloud.violations).toEqual([expect.stringMatching(/^credentials sent to the media host: \/4001234\//)])
  })

  it('refuses what it did not sign, and what is used up', async () => {
    await using one = await stored({ urlUses: 1 })
    const other = await ask(one.url.replace(/Signature=\w{4}/, 'Signature=0000'))
    expect([other.status, code(other.body)]).toEqual([403, 'SignatureDoesNotMatch'])
    expect((await ask(one.url.replace('/4001234/', '/4001235/'))).status).toBe(403)
    expect((await one.get()).status).toBe(200)
    expect(code((await one.get()).body)).toBe('AccessDenied')
    one.cloud.set({ urlExpired: '400-token' })
    const expired = await one.get()
    expect([expired.status, code(expired.body)]).toEqual([400, 'ExpiredToken'])
  })

  it('expires between two parts of a film, which a new URL goes on with', async () => {
    await using one = await stored({ urlUses: 1, truncateAt: 3000, faultTimes: 1 })
    const first = await one.get()
    expect([first.broken, first.body.length]).toEqual([true, 3000])
    expect((await one.get({ Range: 'bytes=3000-' })).status).toBe(403)
    const [order] = one.cloud.orders
    const [again] = await one.poll(order!.retrievalId)
    const rest = await ask(again!.urlInfo!.url, { headers: { Range: 'bytes=3000-' } })
    expect(rest.status).toBe(206)
    expect(sha256(Buffer.concat([first.body, rest.body]))).toBe(one.right.sha256)
  })

  it('may serve other bytes later', async () => {
    await using one = await stored({ replaceAfter: 1 })
    const [before, after] = [await one.get(), await one.get()]
    expect(before.headers.get('etag')).not.toBe(after.headers.get('etag'))
    const replaced = one.cloud.film({ vehicle: truck12, angle: 'road', start: minute(0), replaced: true })
    expect([sha256(before.body), sha256(after.body)]).toEqual([one.right.sha256, replaced!.sha256])
  })

  it('fails and breaks in every way', async () => {
    await using one = await stored({ mediaFailN: 1 })
    const slow = await one.get()
    expect([slow.status, code(slow.body), slow.headers.get('retry-after')]).toEqual([503, 'SlowDown', '0.40235'])
    expect((await one.get()).status).toBe(200)
    one.cloud.set({ mediaFailN: 99, mediaFailStatus: '200-html' })
    expect((await one.get()).headers.get('content-type')).toBe('text/html')
    one.cloud.set({ mediaFailStatus: 'reset' })
    await expect(one.get()).rejects.toThrow()
    one.cloud.set({ only: `${truck13} ${truck12}/driver ${truck12}@2025-04-16T18:31:00Z` })
    expect((await one.get()).status).toBe(200)
    one.cloud.set({ only: `${truck12}/road@2025-04-16T18:30:00Z`, mediaFailN: 0, truncateAt: 100, truncate: 'short' })
    const short = await one.get()
    expect([short.broken, short.body.length]).toEqual([false, 100])
    one.cloud.set({ truncateAt: undefined, contentLength: 'wrong' })
    const wrong = await one.get()
    expect([wrong.broken, wrong.headers.get('content-length')]).toEqual([true, String(one.right.bytes + 1000)])
    one.cloud.set({ contentLength: 'none', etag: 'multipart', ranges: 'ignore' })
    const plain = await one.get({ Range: 'bytes=5-' })
    expect([plain.status, plain.headers.has('content-length')]).toEqual([200, false])
    expect(plain.headers.get('etag')).toMatch(/-2"$/)
    one.cloud.set({ redirectMedia: 'http://127.0.0.1:1/' })
    expect((await one.get()).headers.get('location')).toBe('http://127.0.0.1:1/')
  })
})
