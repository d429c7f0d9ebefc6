import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get as httpsGet, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ReolinkWorld, reolinkSwitches, startReolink } from '../../src/reolink/index.ts'
import { vendors } from '../../src/vendors.ts'
import { ask, reolink } from './client.ts'

const start = Date.UTC(2026, 2, 2)
const channel = { channel: 3, name: 'Barn', recordings: [{ start, end: start + 10_000 }] }
const world = (...channels: ReolinkWorld['channels']): ReolinkWorld => ({
  name: 'One',
  zone: { timeZone: 0 },
  channels,
})

describe('a world of one’s own', () => {
  it('is what a program hands in', async () => {
    await using one = await reolink({ world: world({ ...channel, width: 320, height: 240 }) })
    expect(one.device.truth().recordings).toMatchObject([
      { id: '3 main 2026-03-02T00:00:00.000Z', channel: 3, stream: 'main', start, end: start + 10_000, growing: false },
      { stream: 'sub' },
    ])
    expect((await one.get(`cmd=Snap&channel=3&token=${await one.login()}`)).body.readUInt16BE(0)).toBe(0xffd8)
    expect(() => one.device.set({ profile: 'hub' })).toThrow(/can only be set at the start/)
    one.device.set({ profile: 'camera' })
    expect(one.device.film({ channel: 3, start: start - 60_000, end: start })).toBeUndefined()
  })

  it('is refused where it makes no sense', async () => {
    const [{ start: from, end }] = channel.recordings as [{ start: number; end: number }]
    const wrong: ReolinkWorld[] = [
      world(channel, channel),
      world({ ...channel, recordings: [{ start: end, end: from }] }),
      world({ ...channel, recordings: [{ start: from + 1, end }] }),
      world({ ...channel, recordings: [{ start: end, end: end + 1000 }, ...channel.recordings] }),
      world({ ...channel, recordings: [{ start: from, end, bytes: 100 }] }),
    ]
    for (const one of wrong) await expect(startReolink({ world: one })).rejects.toThrow(TypeError)
    await expect(startReolink({ switches: { world: 'custom' } })).rejects.toThrow(TypeError)
  })

  it('is written to a file, for whoever is another process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reolink-'))
    try {
      const truthFile = join(folder, 'truth.json')
      await using one = await startReolink({ world: world(channel), switches: { truthFile } })
      const rows = JSON.parse(readFileSync(truthFile, 'utf8'))
      expect(rows).toEqual(JSON.parse(JSON.stringify(one.truth().recordings)))
      expect(rows[0].sha256).toMatch(/^[0-9a-f]{64}$/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a recorder', () => {
  it('has channels that do not follow each other, and one that is offline', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-classic' } })
    const { count, status } = (await one.command(await one.login(), 'GetChannelstatus')).value
    expect(count).toBe(4)
    expect(
      status.map((row: { channel: number; name: string; online: number }) => [row.channel, row.name, row.online]),
    ).toEqual([
      [0, 'Gate', 1],
      [1, '', 0],
      [2, 'Hall', 1],
      [5, 'Roof', 1],
    ])
  })

  it('tells what it is', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-365' } })
    const token = await one.login()
    const value = async (cmd: string, param = {}) => (await one.command(token, cmd, param)).value
    const { DevInfo } = await value('GetDevInfo')
    expect(DevInfo).toMatchObject({ exactType: 'NVR', model: 'RLN8-410', firmVer: 'v3.6.5.562_26042215' })
    expect((await value('GetP2p')).P2p.uid).toBe(DevInfo.uid)
    expect((await value('GetLocalLink')).LocalLink.mac).toMatch(/^ec:71:db(:[0-9a-f]{2}){3}$/)
    expect((await value('GetAbility', { User: { userName: 'admin' } })).Ability.abilityChn[0].snap).toEqual({
      ...{ permit: 6, ver: 1 },
    })
    expect((await value('GetHddInfo')).HddInfo).toMatchObject([{ format: 1, mount: 1, storageType: 1 }])
    expect((await value('GetNetPort')).NetPort.httpsPort).toBe(443)
    expect((await value('GetChnTypeInfo', { channel: 5 })).typeInfo).toBe('D800')
    expect((await value('GetSysCfg')).SysCfg).toEqual({ LockTime: 300, allowedTimes: 10, loginLock: 1 })
    expect((await value('GetRecV20', { channel: 2 })).Rec.schedule.channel).toBe(2)
    expect(one.device.violations).toEqual([])
  })
})

/** One GET that trusts the certificate alone. */
function getTrusted(url: string, options: RequestOptions): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    httpsGet(url, options, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }))
    }).on('error', reject)
  })
}

describe('TLS', () => {
  it('has a certificate made for this run, and a plain port that redirects', async () => {
    await using one = await startReolink({ tls: true, switches: { plainHttp: '302' } })
    const { certificatePem, fingerprint256 } = one.certificate!
    expect(one.args).toEqual(['--host', one.url, '--fingerprint', fingerprint256])
    const reply = await getTrusted(`${one.url}/api.cgi?cmd=GetDevInfo`, { ca: certificatePem })
    expect([reply.status, JSON.parse(reply.text)[0].error.rspCode]).toEqual([200, -6])
    const plain = await ask(`${one.plainUrl}/api.cgi?cmd=Login`, { method: 'POST', body: '[]' })
    expect([plain.status, plain.headers.get('location')]).toEqual([302, `${one.url}/api.cgi?cmd=Login`])
  })

  it('may be of a time that clients of today do not speak', async () => {
    await using one = await startReolink({ tls: true, switches: { legacyTls: true } })
    const url = `${one.url}/api.cgi?cmd=GetDevInfo`
    const ca = one.certificate!.certificatePem
    await expect(getTrusted(url, { ca })).rejects.toThrow()
    const old = { ca, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    expect((await getTrusted(url, old)).status).toBe(200)
  })

  it('may be what a login over the plain port is told to use, or beside it', async () => {
    await using one = await startReolink({ tls: true, switches: { plainHttp: '300' } })
    expect((await ask(`${one.plainUrl}/api.cgi?cmd=Login`, { method: 'POST', body: '[]' })).status).toBe(300)
    await using both = await startReolink({ tls: true, switches: { plainHttp: 'serves' } })
    expect((await ask(`${both.plainUrl}/cgi-bin/api.cgi?cmd=GetTime`)).json[0].error.rspCode).toBe(-6)
    expect((await ask(`${both.plainUrl}/elsewhere`)).status).toBe(404)
  })
})

describe('the switches', () => {
  it('have a row each in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const part = readme.slice(readme.indexOf('## reolink'))
    const rows = [...part.slice(0, part.indexOf('\n## ', 5)).matchAll(/^\| `(\w+)`\s*\| ([^|]*[^|\s])?\s*\|/gm)]
    const found = rows.filter(([, name]) => Object.hasOwn(reolinkSwitches, name!))
    expect(found.map(([, name]) => name)).toEqual(Object.keys(reolinkSwitches))
    const initials = Object.values(reolinkSwitches).map(({ initial }) =>
      String(initial ?? 'off').replace('Infinity', 'always'),
    )
    expect(found.map(([, , initial]) => initial ?? '')).toEqual(initials)
  })

  it('are read from the command line, which is told how to reach it', async () => {
    const prepared = (...written: string[]) => vendors.reolink!.prepare(written, { port: 0, tls: false })
    const running = await prepared('profile=hub', 'skew=-5000', 'vodLimit=2')()
    try {
      expect(running.args).toEqual(['--host', running.url.slice('http://'.length)])
      expect(Object.keys(running.env)).toEqual(['CAM_REOLINK_USERNAME', 'CAM_REOLINK_PASSWORD'])
    } finally {
      await running.close()
    }
    for (const wrong of ['world=custom', 'profile=doorbell', 'skew=soon', 'vodLimit=0', 'snapLatency=-1'])
      expect(() => prepared(wrong)).toThrow(TypeError)
  })
})
