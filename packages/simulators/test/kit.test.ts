import { describe, expect, it } from 'vitest'
import { digestResponse, parseDigest } from '../src/kit/digest.ts'
import { RequestLog } from '../src/kit/request-log.ts'
import { Serial } from '../src/kit/serial.ts'
import { startServer } from '../src/kit/server.ts'
import { amount, choice, flag, initialValues, optionalAmount, parseSwitches, withChanges } from '../src/kit/switches.ts'
import { ask, headerOf } from './raw-client.ts'

describe('digest', () => {
  const rfc = {
    realm: 'http-auth@example.org',
    user: 'Mufasa',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    qop: 'auth',
  }

  it('computes what RFC 7616 §3.9.1 prints', () => {
    expect(digestResponse({ ...rfc, algorithm: 'MD5' })).toBe('8ca523f5e9506fed4657c9700eebdbec')
    expect(digestResponse({ ...rfc, algorithm: 'SHA-256' })).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    )
  })

  it('computes the style of RFC 2069', () => {
    const old = { realm: 'testrealm@host.com', password: 'CircleOfLife', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093' }
    const none = { nc: undefined, cnonce: undefined, qop: undefined }
    expect(digestResponse({ ...rfc, ...old, ...none, algorithm: 'MD5' })).toBe('1949323746fe6a43ef61f9606e7febea')
  })

  it('computes what an Axis camera expects', () => {
    const axis = {
      ...{ realm: 'AXIS_ACCC8E000001', user: 'root', password: 'pass', uri: '/local/timelapse2/archive' },
      ...{ nonce: 'rxz8Cb5gBgA=e9bacee06b4bc132462cc773ca3c474af3f8d31a', cnonce: '0123456789abcdef' },
    }
    expect(digestResponse({ ...rfc, ...axis, algorithm: 'MD5' })).toBe('9362a757899f87dd7e7c4bb45308d7e9')
  })

  it('reads quoted commas, escapes and equals signs, and refuses what is not a list', () => {
    const read = parseDigest('Digest username="a\\"b, c", nonce="x=y==", qop=auth ,nc=00000001')
    expect(Object.fromEntries(read!)).toEqual({ username: 'a"b, c', nonce: 'x=y==', qop: 'auth', nc: '00000001' })
    for (const bad of ['Basic abc', 'Digest username="a', 'Digest a=1 b=2', 'Digest a=1, a=2'])
      expect(parseDigest(bad)).toBeUndefined()
  })
})

describe('switches', () => {
  const switches = {
    version: choice('1.0', ['2.0'], 'which'),
    truncateAt: optionalAmount('bytes', 'where'),
    nonceTtl: amount(300_000, 'ms', 'how long'),
    serial: flag(true, 'one at a time'),
  }

  it('reads keys in any spelling and values with units', () => {
    const read = parseSwitches(switches, ['TRUNCATE_AT=2MiB', 'nonce-ttl=2s', 'serial=off', 'version=2.0'])
    expect(read).toEqual({ truncateAt: 2_097_152, nonceTtl: 2000, serial: false, version: '2.0' })
    expect(parseSwitches(switches, ['truncateAt=off', 'nonceTtl=always'])).toEqual({
      truncateAt: undefined,
      nonceTtl: Number.POSITIVE_INFINITY,
    })
  })

  it('says what is wrong with a key or a value', () => {
    const reading = (text: string) => () => parseSwitches(switches, [text])
    expect(reading('truncat=1')).toThrow(/no switch "truncat"; there are version, truncateAt, nonceTtl, serial/)
    expect(reading('version=3.0')).toThrow('switch version takes one of 1.0|2.0, not "3.0"')
    expect(reading('nonceTtl=-1')).toThrow(/nonceTtl takes milliseconds.*not "-1"/)
    expect(reading('nonceTtl=5MiB')).toThrow(/nonceTtl/)
    expect(reading('serial=maybe')).toThrow('switch serial takes true or false, not "maybe"')
    expect(reading('serial')).toThrow(/key=value/)
    expect(() => parseSwitches(switches, ['__proto__=1'])).toThrow(/no switch/)
  })

  it('refuses wrong values from programs too', () => {
    const initial = initialValues(switches)
    expect(initial).toEqual({ version: '1.0', truncateAt: undefined, nonceTtl: 300_000, serial: true })
    expect(withChanges(switches, initial, { serial: false }).serial).toBe(false)
    expect(() => withChanges(switches, initial, { nonceTtl: -5 })).toThrow(/nonceTtl/)
    expect(() => withChanges(switches, initial, { nothing: 1 } as never)).toThrow(/no switch "nothing"/)
  })
})

describe('server', () => {
  it('tells raw bytes in a target from encoded ones, on a connection that stays', async () => {
    const seen: string[] = []
    await using server = await startServer({ rawTargets: true }, async (exchange) => {
      seen.push(exchange.target)
      await exchange.reply(200, { body: 'x' })
    })
    const raw = Buffer.from('/Straße?日本', 'utf8').toString('latin1')
    expect((await ask(server.url, raw)).status).toBe(200)
    expect((await ask(server.url, encodeURI('/Straße'))).status).toBe(200)
    const more = [`GET / HTTP/1.1\r\nHost: a\r\n`, `GET ${raw} HTTP/1.1\r\nHost: a`].join('\r\n')
    await ask(server.url, '/first', {
      headers: { Connection: `keep-alive\r\n\r\n${more}`, 'X-Last': 'yes\r\nConnection: close' },
    })
    expect(seen).toEqual([raw, '/Stra%C3%9Fe', '/first', '/', raw])
  })

  it('answers over TLS with a certificate for 127.0.0.1', async () => {
    await using server = await startServer({ tls: true }, (exchange) => exchange.reply(200, { body: 'safe' }))
    expect(server.url).toMatch(/^https:/)
    expect(server.certificate?.fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    const body = await new Promise<string>((resolve, reject) => {
      import('node:https').then(({ get }) => {
        get(`${server.url}/`, { ca: server.certificate!.certificatePem }, (reply) => {
          reply.setEncoding('utf8').on('data', resolve)
        }).on('error', reject)
      }, reject)
    })
    expect(body).toBe('safe')
  })

  it('closes at once while somebody waits for an answer', async () => {
    let arrived: () => void = () => {}
    const here = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const server = await startServer({}, async (exchange) => {
      arrived()
      await exchange.clock.wait(3_600_000, exchange.gone)
    })
    const reply = ask(server.url, '/')
    await here
    await server.close()
    expect((await reply).status).toBe(0)
    expect(server.log.entries[0]).toMatchObject({ ended: 'cut', status: 0 })
  })

  it('closes at once while a connection is kept for later', async () => {
    for (const rawTargets of [true, false]) {
      const server = await startServer({ rawTargets }, (exchange) => exchange.reply(200, { body: 'x' }))
      const reply = ask(server.url, '/', { headers: { Connection: 'keep-alive' } })
      await expect.poll(() => server.log.entries[0]?.ended).toBe('complete')
      await server.close()
      expect((await reply).body.toString()).toBe('x')
    }
  })

  it('turns what the answer throws into a 500', async () => {
    await using server = await startServer({}, () => Promise.reject(new Error('no such thing')))
    const reply = await ask(server.url, '/')
    expect([reply.status, reply.body.toString(), headerOf(reply, 'content-type')]).toEqual([
      500,
      'simulator: no such thing',
      'text/plain',
    ])
  })
})

describe('request log', () => {
  it('counts by node and by login, and the most bodies at once', () => {
    const log = new RequestLog()
    const ends = [log.mediaBody(), log.mediaBody()]
    ends[0]!()
    ends[0]!()
    log.mediaBody()
    for (const [node, authenticated] of [
      ['list', true],
      ['media', true],
      ['list', false],
    ] as const)
      Object.assign(log.open({ method: 'GET', target: '/', headers: {}, startedAt: 0 }), {
        node,
        authenticated,
        bodyBytes: 5,
      })
    expect(log.counts()).toEqual({
      total: 3,
      nodes: { list: 2, media: 1 },
      authenticated: 2,
      unauthenticated: 1,
      bytes: 15,
      maximumMediaBodies: 2,
    })
  })
})

describe('serial', () => {
  it('goes on after a failure, in order', async () => {
    const serial = new Serial()
    const seen: number[] = []
    const first = serial.run(() => Promise.reject(new Error('first')))
    const second = serial.run(async () => seen.push(2))
    const third = serial.run(async () => seen.push(3))
    await expect(first).rejects.toThrow('first')
    await Promise.all([second, third])
    expect([seen, serial.length]).toEqual([[2, 3], 0])
  })
})
