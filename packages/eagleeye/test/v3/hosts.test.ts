import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { call, cameraOf, collect, keyOf, openAtLast, pair, recordingsOf } from './pretend-cloud.ts'

describe('hosts', () => {
  it('that nobody declared never see the token: neither the API nor the media', async () => {
    const seen: unknown[] = []
    const stranger = createServer(({ headers, url }, reply) => {
      seen.push({ headers, url })
      reply.end('{}')
    })
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    try {
      await using it = await pair({ switches: { mediaOrigin: origin } })
      const [recording] = await recordingsOf(it.source)
      const { answer } = await openAtLast(it.source, recording!)
      expect('body' in answer && answer.representation).toMatch(/^export /)
      it.cloud.set({ mediaOrigin: '', redirectMedia: `${origin}/media` })
      const [next] = (await recordingsOf(it.source)).slice(1)
      await expect(openAtLast(it.source, next!)).rejects.toMatchObject({
        code: 'PROTOCOL',
        vendorCode: 'untrusted-host',
      })
      // What a store holds may have been written by anybody.
      const key = keyOf(it.cloud)
      const stored = JSON.parse(it.sessions.values.get(key)!)
      it.sessions.values.set(key, JSON.stringify({ ...stored, base: origin }))
      expect(await collect(it.again().cameras(call))).toHaveLength(2)
      expect(JSON.parse(it.sessions.values.get(key)!).base).toBe(it.cloud.hosts.apiCluster)
      expect(seen).toEqual([])
    } finally {
      stranger.close()
    }
  })

  it('of an account whose cluster is not declared are refused by name', async () => {
    await using it = await pair()
    const source = it.again({ hosts: { auth: it.cloud.hosts.auth, api: it.cloud.hosts.api, trusted: [] } })
    const error = await source.identify(call).catch((caught) => caught)
    expect(error).toMatchObject({ code: 'PROTOCOL', vendorCode: 'untrusted-host' })
    expect(error.message).toContain(new URL(it.cloud.hosts.apiCluster).host)
    expect(it.asked('user')).toBe(0)
  })

  it.each(['403', '401'] as const)('that the account has left (%s) are looked up anew', async (wrongCluster) => {
    await using it = await pair({ switches: { wrongCluster } })
    const camera = await cameraOf(it.source)
    it.cloud.moveAccount()
    expect(await collect(it.source.recordings(camera, undefined, call))).not.toEqual([])
    expect(JSON.parse(it.sessions.values.get(keyOf(it.cloud))!).base).toBe(it.cloud.hosts.apiOther)
  })
})

describe('a list', () => {
  const answers = async (pages: (asked: number) => unknown) => {
    let asked = 0
    const server = createServer((_, reply) => {
      reply.setHeader('content-type', 'application/json')
      reply.end(JSON.stringify(pages(++asked)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const it = await pair()
    const key = keyOf(it.cloud)
    it.sessions.values.set(key, JSON.stringify({ ...JSON.parse(it.sessions.values.get(key)!), base: origin }))
    const { auth, api } = it.cloud.hosts
    const source = it.again({ hosts: { auth, api, trusted: [origin] } })
    return {
      ...{ source, asked: () => asked },
      async [Symbol.asyncDispose]() {
        await it[Symbol.asyncDispose]()
        server.close()
      },
    }
  }

  it('whose pages go in a circle is none', async () => {
    await using server = await answers((asked) => ({ results: [], nextPageToken: `page-${asked % 3}` }))
    const error = await collect(server.source.cameras(call)).catch((caught) => caught)
    expect(error).toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('circle') })
    expect(server.asked()).toBe(4)
  })

  it.each([
    ['no results', {}],
    ['a list alone', []],
    ['a token that is no text', { results: [], nextPageToken: 7 }],
    ['nothing', null],
  ])('that is no list (%s) is not an empty one', async (_, reply) => {
    await using server = await answers(() => reply)
    await expect(collect(server.source.cameras(call))).rejects.toMatchObject({ code: 'PROTOCOL' })
    await expect(
      collect(server.source.recordings({ id: '1002a0b1', name: '' }, undefined, call)),
    ).rejects.toMatchObject({ code: 'PROTOCOL' })
  })

  it('goes on where a page is empty but names another', async () => {
    await using server = await answers((asked) =>
      asked === 1
        ? { results: [], nextPageToken: 'more' }
        : { results: [{ id: '1002a0b1', name: 'Gate', bridgeId: 'b' }], nextPageToken: '' },
    )
    expect((await collect(server.source.cameras(call))).map(({ id }) => id)).toEqual(['1002a0b1'])
  })

  it('shows a camera that cannot be read, and refuses its recordings', async () => {
    await using server = await answers(() => ({ results: [{ name: 'Gate' }, { id: '../../x' }, { id: '1002a0b1' }] }))
    const cameras = await collect(server.source.cameras(call))
    expect(cameras.map(({ id }) => id)).toEqual(['unreadable-1', 'unreadable-2', '1002a0b1'])
    await expect(collect(server.source.recordings(cameras[0]!, undefined, call))).rejects.toMatchObject({
      ...{ code: 'PROTOCOL', message: expect.stringContaining('Entry 1') },
    })
    expect(server.asked()).toBe(1)
  })
})
