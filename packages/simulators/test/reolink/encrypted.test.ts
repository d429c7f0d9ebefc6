import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Cipher, digestResponse } from '../../src/reolink/cipher.ts'
import { TestClock } from '../test-clock.ts'
import { ask, local, reolink, sha256 } from './client.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

describe('the cipher', () => {
  it('is the one that was published', () => {
    const login = {
      ...{ user: 'sim', password: 'sim-Pass.1', realm: 'ReolinkSim', nonce: '0011223344556677', nc: '00000001' },
      ...{ cnonce: '00112233445566778899aabbccddeeff0011223344556677', qop: 'auth', uri: 'cgi-bin/api.cgi?cmd=Login' },
    }
    expect(digestResponse(login)).toBe('6aca94edb8d05f75a0993f529995cb66')
    const cipher = new Cipher(login, { checkBasic: 1000, countTotal: 8 })
    expect([cipher.key, cipher.iv]).toEqual(['76E952C88B014652', '8BC6025F05F193B0'])
    const body = '[{"cmd":"GetDevInfo","action":0,"param":{}}]'
    expect(cipher.encrypt(body)).toBe('AkrgtsfiFXN8j6JdcXEp3HULmFniLlcnVQYpbEBO9AtEjAvHjT7HkFvRwm+PSnT5')
    expect(cipher.encrypt('countId=3&checkNum=1001&cmd=Search')).toBe(
      'Ol63u97PU3Rt7qRBUHc02/cPG+V3crLzFbbVgHzMNBWFSRlwk/fGTuOXhoYl2lnX',
    )
    expect(cipher.decrypt(cipher.encrypt(body))).toBe(body)
    expect(cipher.decrypt('no base64!')).toBeUndefined()
  })

  it('takes each number of each counter once, in order, and none of the vendor’s own', () => {
    const cipher = new Cipher({ user: '', password: '', nonce: '', cnonce: '' }, { checkBasic: 1000, countTotal: 5 })
    const spend = (id: number, number: number) => cipher.spend(`countId=${id}&checkNum=${number}&cmd=Search`)
    expect([spend(3, 1000), spend(3, 1000), spend(3, 1001), spend(3, 1003)]).toEqual([
      ...['Search', undefined, 'Search', undefined],
    ])
    expect([spend(4, 1000), spend(5, 1000), spend(2, 1000)]).toEqual(['Search', undefined, undefined])
  })
})

/** What a client does, from the page about the wire alone. */
async function encrypted(options: Parameters<typeof reolink>[0] = {}) {
  const one = await reolink({ ...options, switches: { profile: 'hub', ...options.switches } })
  const { username, password } = one.device
  const post = (query: string, body: string) => ask(`${one.api}?${query}`, { method: 'POST', body })
  const start = () => post('cmd=Login', JSON.stringify([{ cmd: 'Login', action: 0, param: { Version: 1 } }]))
  const finish = async (challenge: string, word = password) => {
    const of = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(challenge)![1]!
    const [Realm, Nonce, Nc, Qop] = [of('realm'), of('nonce'), of('nc'), of('qop')]
    const [Uri, Cnonce] = ['cgi-bin/api.cgi?cmd=Login', randomBytes(24).toString('hex')]
    const Response = md5(`${md5(`${username}:${Realm}:${word}`)}:${Nonce}:${Nc}:${Cnonce}:${Qop}:${md5(`POST:${Uri}`)}`)
    const Digest = { UserName: username, Realm, Method: 'POST', Uri, Nonce, Nc, Cnonce, Qop, Response }
    const reply = await post('cmd=Login', JSON.stringify([{ cmd: 'Login', action: 0, param: { Version: 1, Digest } }]))
    const key = md5(`${Nonce}-${word}-${Cnonce}`).toUpperCase().slice(0, 16)
    const iv = md5(`webapp-${Cnonce}-${word}-${Nonce}-${username}`).toUpperCase().slice(0, 16)
    return { reply, key, iv }
  }
  const session = async () => {
    const { reply, key, iv } = await finish((await start()).headers.get('www-authenticate')!)
    const encrypt = (text: string) => {
      const cipher = createCipheriv('aes-128-cfb', key, iv)
      const padded = Buffer.concat([Buffer.from(text), Buffer.alloc((16 - (Buffer.byteLength(text) % 16)) % 16)])
      return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64')
    }
    const decrypt = (text: string) => {
      const cipher = createDecipheriv('aes-128-cfb', key, iv)
      return Buffer.concat([cipher.update(Buffer.from(text, 'base64')), cipher.final()])
        .toString()
        .replace(/\0+$/, '')
    }
    const plain = reply.body.toString().startsWith('[')
    const { Token } = JSON.parse(plain ? reply.body.toString() : decrypt(reply.body.toString()))[0].value
    let number = Token.checkBasic
    const counter = (cmd: string, at = number++) => encrypt(`countId=3&checkNum=${at}&cmd=${cmd}`)
    const send = (cmd: string, param: unknown = {}, encryptedCounter = counter(cmd)) =>
      post(`token=${Token.name}&encrypt=${encryptedCounter}`, encrypt(JSON.stringify([{ cmd, action: 0, param }])))
    const command = async (cmd: string, param: unknown = {}) =>
      JSON.parse(decrypt((await send(cmd, param)).body.toString()))[0]
    return { Token, counter, send, command }
  }
  return { ...one, post, start, finish, session, [Symbol.asyncDispose]: () => one.device.close() }
}

describe('the login of version 1', () => {
  it('encrypts commands and their answers', async () => {
    await using hub = await encrypted()
    const { Token, command, send } = await hub.session()
    expect(Token).toMatchObject({ leaseTime: 3600, countTotal: 8, checkBasic: 1000 })
    expect((await command('GetDevInfo')).value.DevInfo.exactType).toBe('HOMEHUB')
    expect((await send('GetTime')).body.toString()).toMatch(/^[A-Za-z0-9+/=]+$/)
    const [StartTime, EndTime] = [local(2026, 3, 2), local(2026, 3, 2, 23, 59, 59)]
    const Search = { channel: 1, onlyStatus: 0, streamType: 'main', StartTime, EndTime }
    expect((await command('Search', { Search })).value.SearchResult.File.length).toBeGreaterThan(10)
    expect((await command('Logout')).value.rspCode).toBe(200)
    expect(hub.device.truth().sessions).toMatchObject({ open: 0, closed: 1 })
    expect(hub.device.violations).toEqual([])
  })

  it('takes each number once, and nothing by the token alone', async () => {
    await using hub = await encrypted({ switches: { encryptedLoginReply: false } })
    const { Token, command, send, counter } = await hub.session()
    const same = counter('GetTime')
    expect((await send('GetTime', {}, same)).body.toString()).not.toContain('"code"')
    expect((await send('GetTime', {}, same)).json[0].error).toEqual({ detail: 'digest nonce error', rspCode: -301 })
    expect((await command('GetTime')).code).toBe(0)
    expect((await hub.command(Token.name, 'GetTime')).error.rspCode).toBe(-6)
    const garbage = await hub.post(`token=${Token.name}&encrypt=${counter('GetTime')}`, 'AAAA')
    expect(garbage.json[0].error.rspCode).toBe(-310)
    const other = await send('GetTime', {}, counter('GetDevInfo'))
    expect(other.json[0].error.rspCode).toBe(-310)
  })

  it('gives films and pictures plain', async () => {
    await using hub = await encrypted()
    const { Token, command, counter } = await hub.session()
    const row = hub.device.truth({ stream: 'main' }).recordings[0]!
    expect((await command('CheckDownload', { filename: row.name })).value.fileName).toBe('')
    const get = (cmd: string, more: string, used = counter(cmd)) =>
      hub.get(`cmd=${cmd}${more}&token=${Token.name}&encrypt=${used}`)
    const source = `&source=${encodeURI(row.name!)}`
    expect(sha256((await get('download', source)).body)).toBe(row.sha256)
    expect((await get('Snap', '&channel=1')).headers.get('content-type')).toBe('image/jpeg')
    const escaped = encodeURIComponent(counter('download'))
    expect((await get('download', source, escaped)).body.length).toBe(row.bytes)
    expect((await get('download', source, escaped)).json[0].error.rspCode).toBe(-301)
    expect((await hub.get(`cmd=download${source}&token=${Token.name}`)).json[0].error.rspCode).toBe(-6)
  })

  it('locks as the other does, and uses up its nonce', async () => {
    const clock = new TestClock()
    await using hub = await encrypted({ clock })
    const challenge = (await hub.start()).headers.get('www-authenticate')!
    expect(challenge).toMatch(/^Digest qop="auth", realm="[^"]+", nonce="[0-9a-f]+", nc=00000001$/)
    const error = (await hub.finish(challenge, 'wrong')).reply.json[0].error
    expect(error).toMatchObject({ rspCode: -502, auth_warning_info: { remain_times: 9 } })
    expect((await hub.finish(challenge)).reply.json[0].error.rspCode).toBe(-301)
    const late = (await hub.start()).headers.get('www-authenticate')!
    clock.advance(60_000)
    expect((await hub.finish(late)).reply.json[0].error.rspCode).toBe(-301)
  })

  it('is unknown to older devices, and all that others know', async () => {
    await using camera = await encrypted({ switches: { profile: 'camera' } })
    const answer = await camera.start()
    expect([answer.headers.get('www-authenticate'), answer.json[0].error.rspCode]).toEqual([null, -4])
    await using hub = await encrypted({ switches: { encryptedLogin: 'required' } })
    expect((await hub.tryLogin()).json[0].error).toEqual({ detail: 'digest authentication failed', rspCode: -46 })
    expect((await (await hub.session()).command('GetTime')).code).toBe(0)
  })
})
