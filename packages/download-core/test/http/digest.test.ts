import { createHash } from 'node:crypto'
import DigestFetch from 'digest-fetch'
import { describe, expect, it } from 'vitest'
import { parseChallenges, parseParameters } from '../../src/http/challenges.ts'
import { chooseDigest, type DigestChallenge, digestHeader } from '../../src/http/digest.ts'

function challenge(header: string): DigestChallenge {
  const found = chooseDigest(parseChallenges([header]))
  if (!found) throw new Error(`no usable challenge in ${header}`)
  return found
}

/** The parameters of the header we would send. */
function answer(
  header: string,
  credentials: { username: string; password: string },
  request: { method?: string; uri: string; nc?: number; cnonce?: string },
) {
  return parseParameters(
    digestHeader(challenge(header), credentials, { method: 'GET', nc: 1, cnonce: '', ...request }).slice(7),
  )
}

describe('the answer to a challenge', () => {
  const rfc2617 =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
  const rfc7616 = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
  const mufasa7616 = { uri: '/dir/index.html', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' }

  it('is that of RFC 2617', () => {
    const sent = answer(
      rfc2617,
      { username: 'Mufasa', password: 'Circle Of Life' },
      { uri: '/dir/index.html', cnonce: '0a4f113b' },
    )
    expect(sent).toMatchObject({
      response: '6629fae49393a05397450978507c4ef1',
      nc: '00000001',
      qop: 'auth',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
      username: 'Mufasa',
      uri: '/dir/index.html',
    })
    expect(sent.algorithm).toBeUndefined()
  })

  it('is that of RFC 2069, without qop', () => {
    const sent = answer(
      rfc2617.replace('qop="auth,auth-int", ', ''),
      { username: 'Mufasa', password: 'CircleOfLife' },
      { uri: '/dir/index.html' },
    )
    expect(sent.response).toBe('1949323746fe6a43ef61f9606e7febea')
    expect(sent).not.toHaveProperty('qop')
    expect(sent).not.toHaveProperty('nc')
    expect(sent).not.toHaveProperty('cnonce')
  })

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('is that of RFC 7616 3.9.1 with %s', (algorithm, response) => {
    const sent = answer(rfc7616(algorithm), { username: 'Mufasa', password: 'Circle of Life' }, mufasa7616)
    expect(sent).toMatchObject({ response, algorithm })
  })

  it('is the corrected one of RFC 7616 3.9.2: SHA-512/256, a hashed user name, UTF-8', () => {
    // The numbers printed in the RFC are of SHA-512 cut short (erratum 4897).
    const sent = answer(
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
      { username: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?' },
      { uri: '/doe.json', cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm' },
    )
    expect(sent).toMatchObject({
      username: '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
      response: '7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c',
      userhash: 'true',
    })
  })

  it('is that of a camera, whose nonce has an equals sign in the middle', () => {
    const sent = answer(
      'Digest realm="AXIS_ACCC8E000001", nonce="rxz8Cb5gBgA=e9bacee06b4bc132462cc773ca3c474af3f8d31a", algorithm=MD5, qop="auth"',
      { username: 'root', password: 'pass' },
      { uri: '/local/timelapse2/archive', cnonce: '0123456789abcdef' },
    )
    expect(sent.response).toBe('9362a757899f87dd7e7c4bb45308d7e9')
    expect(sent.nonce).toBe('rxz8Cb5gBgA=e9bacee06b4bc132462cc773ca3c474af3f8d31a')
  })

  it('hashes twice for -sess', () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex')
    const sent = answer(
      'Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"',
      { username: 'u', password: 'p' },
      { uri: '/x', cnonce: 'c', nc: 17 },
    )
    const a1 = md5(`${md5('u:r:p')}:n:c`)
    expect(sent).toMatchObject({ nc: '00000011', response: md5(`${a1}:n:00000011:c:auth:${md5('GET:/x')}`) })
    expect(sent.algorithm).toBe('MD5-sess')
  })

  it('escapes names, keeps foreign bytes of the realm, and spells names in UTF-8', () => {
    const header = (username: string, charset = '') =>
      digestHeader(
        challenge(`Digest realm="caf\u00e9 \\"x\\"", nonce="n", qop="auth"${charset}`),
        { username, password: 'p' },
        { method: 'GET', uri: '/', nc: 1, cnonce: 'c' },
      )
    expect(header('a"b\\c')).toContain('username="a\\"b\\\\c", realm="caf\u00e9 \\"x\\""')
    expect(header('\u00e9')).toContain('username="\u00c3\u00a9"')
    expect(header('\u00e9', ', charset=UTF-8')).toContain("username*=UTF-8''%C3%A9")
  })

  it('agrees with an independent implementation', async () => {
    const client = new DigestFetch('user', 'secret', { algorithm: 'MD5' })
    client.parseAuth('Digest realm="some realm", qop="auth", nonce="abc=def", opaque="op", algorithm=MD5')
    const theirs = parseParameters(
      client.addAuth('http://127.0.0.1/a/b?c=d', { method: 'PUT' }).headers.Authorization.slice(7),
    )
    const ours = answer(
      'Digest realm="some realm", qop="auth", nonce="abc=def", opaque="op", algorithm=MD5',
      { username: 'user', password: 'secret' },
      { method: 'PUT', uri: '/a/b?c=d', nc: Number.parseInt(theirs.nc!, 16), cnonce: theirs.cnonce! },
    )
    expect(theirs.response).toMatch(/^[\da-f]{32}$/)
    expect(ours.response).toBe(theirs.response)
  })
})

describe('reading challenges', () => {
  it('tells several in one header apart', () => {
    expect(
      parseChallenges(['Basic realm="a, b", Digest realm="c", nonce="x=,y", qop="auth,auth-int", Negotiate']),
    ).toEqual([
      { scheme: 'basic', params: { realm: 'a, b' } },
      { scheme: 'digest', params: { realm: 'c', nonce: 'x=,y', qop: 'auth,auth-int' } },
      { scheme: 'negotiate', params: {} },
    ])
  })

  it('takes the strongest it knows, with all fields from the same challenge', () => {
    const headers = [
      'Digest realm="md5", nonce="1", algorithm=MD5, qop="auth", opaque="o"',
      'Digest realm="future", nonce="2", algorithm=SHA3-512, qop="auth"',
      'DIGEST Realm="sha", Nonce="3", Algorithm=sha-256, Qop="auth", charset="UTF-8"',
      'Digest realm="int", nonce="4", algorithm=SHA-512-256, qop="auth-int"',
    ]
    const chosen = chooseDigest(parseChallenges(headers))
    expect(chosen).toMatchObject({ realm: 'sha', nonce: '3', algorithm: 'sha-256', utf8: true })
    expect(chosen).not.toHaveProperty('opaque')
  })

  it.each([
    '',
    ',,, ',
    'Digest',
    'Digest realm="x',
    'Digest =,=',
    'Digest realm="r"',
    '"',
    `Digest ${'a=b, '.repeat(5000)}`,
  ])('survives %j', (header) => {
    expect(chooseDigest(parseChallenges([header]))).toBeUndefined()
  })

  it('reads stale, whatever its case', () => {
    expect(challenge('Digest realm="r", nonce="n", stale=TRUE').stale).toBe(true)
    expect(challenge('Digest realm="r", nonce="n", stale="false"').stale).toBe(false)
  })
})
