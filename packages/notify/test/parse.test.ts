import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseEvents, parseTarget } from '../src/index.ts'

const env = { CAM_NOTIFY_SMTP_PASSWORD: 'from the environment' }

describe('mail URLs', () => {
  it('name server, login, sender and recipients', () => {
    expect(
      parseTarget(
        'smtp://me%40example.org@mail.example.org:2525/?from=a@example.org&to=b@example.org,%20c@example.org&to=d@example.org,b@example.org&subject=Site%204',
        env,
      ),
    ).toMatchObject({
      channel: 'mail',
      label: 'mail to b@example.org, c@example.org, d@example.org via mail.example.org:2525',
      host: 'mail.example.org',
      port: 2525,
      implicitTls: false,
      plainLogin: false,
      tls: {},
      login: { user: 'me@example.org', password: 'from the environment' },
      from: 'a@example.org',
      to: ['b@example.org', 'c@example.org', 'd@example.org'],
      subject: 'Site 4',
    })
  })

  it('have the usual ports, and take a password that is written in them first', () => {
    expect(parseTarget('smtp://relay?to=b@example.org', env)).toMatchObject({ host: 'relay', port: 587 })
    expect(parseTarget('smtp://relay?to=b@example.org', env)).not.toHaveProperty('login')
    expect(parseTarget('smtps://me:p%2Fw%3F%23@relay/?to=b@example.org&tls=insecure', env)).toMatchObject({
      port: 465,
      implicitTls: true,
      tls: { insecure: true },
      login: { user: 'me', password: 'p/w?#' },
    })
    expect(parseTarget('SMTP://[::1]:25/?to=b@example.org&tls=plain')).toMatchObject({
      host: '::1',
      port: 25,
      plainLogin: true,
    })
  })

  it.each([
    ['smtp://mail.example.org/', /whom to write to/],
    ['smtp://mail.example.org/?to=', /whom to write to/],
    ['smtp://mail.example.org/?to=nobody', /"nobody" in a mail URL is not an e-mail address/],
    ['smtp://mail.example.org/?to=a@b.c&from=x%0d%0aBcc:y@z.org', /is not an e-mail address/],
    ['smtp://?to=a@b.c', /must (look like|name a server)/],
    ['smtp://mail.example.org/?to=a@b.c&too=d@e.f', /takes the parameters from, to, subject, tls/],
    ['smtp://mail.example.org/?to=a@b.c&tls=off', /insecure or plain; received off/],
    ['smtp://me@mail.example.org/?to=a@b.c', /set CAM_NOTIFY_SMTP_PASSWORD/],
    ['smtp://:pw-Secret@mail.example.org/?to=a@b.c', /must name a user/],
    ['smtp://me:pw-Secret%zz@mail.example.org/?to=a@b.c', /percent sign/],
    // Passwords that were not encoded end up in any part of a URL.
    ['smtp://me:pw-Secret#x@mail.example.org/?to=a@b.c', /%23/],
    ['smtp://me:12#pw-Secret@mail.example.org/?to=a@b.c', /%23/],
    ['smtp://me:12/pw-Secret@mail.example.org/?to=a@b.c', /%2F/],
    ['smtp://me:12?pw-Secret@mail.example.org/?to=a@b.c', /%3F/],
    ['smtp://me:12?a&pw-Secret@mail.example.org/?to=a@b.c', /%3F/],
  ])('%s is refused with a reason, and without its password', (url, reason) => {
    const parse = () => parseTarget(url)
    expect(parse).toThrow(RangeError)
    expect(parse).toThrow(reason)
    expect(parse).not.toThrow(/pw-Secret/)
  })
})

describe('ping, webhook and command URLs', () => {
  it('are told apart', () => {
    const uuid = '5c1f9d0e-6a5b-4c3d-9e8f-7a6b5c4d3e2f'
    const channel = (url: string) => parseTarget(url).channel
    expect(channel(`https://hc-ping.com/${uuid}`)).toBe('ping')
    expect(channel(`healthchecks:http://10.0.0.5:8000/ping/${uuid}`)).toBe('ping')
    expect(channel(`ping+https://monitor.example.org/${uuid}`)).toBe('ping')
    expect(channel('https://hooks.example.org/x')).toBe('webhook')
    expect(channel('http://10.0.0.5/x')).toBe('webhook')
    expect(channel('exec:true')).toBe('command')
  })

  it('commands are split at white space outside of quotes, and nothing else means anything', () => {
    const split = (text: string) => {
      const target = parseTarget(text)
      return target.channel === 'command' ? [target.file, ...target.args] : []
    }
    expect(split('exec:  tell-me   now ')).toEqual(['tell-me', 'now'])
    expect(split(`exec:'/opt/my tools/x' "it's" a"b c"d '' $HOME | > %41 #x`)).toEqual([
      '/opt/my tools/x',
      "it's",
      'ab cd',
      '',
      '$HOME',
      '|',
      '>',
      '%41',
      '#x',
    ])
    expect(split('exec:C:\\tools\\x.exe \\\\nas\\y')).toEqual(['C:\\tools\\x.exe', '\\\\nas\\y'])
  })

  it.each([
    ['exec:', /must be followed by a command/],
    ["exec:tell 'me", /a ' is not closed/],
    ['https://hc-ping.com/', /UUID/],
    ['healthchecks:ftp://x/y', /http or https/],
    ['https://', /must be an http or https URL/],
    ['ping+https://me:pw-Secret@x.example/y', /take no user name/],
    ['https://me:pw-Secret%zz@x.example/y', /percent sign/],
    ['smpt://me:pw-Secret@x.example/?to=a@b.c', /received the scheme smpt:/],
    ['me@example.org', /received no scheme/],
  ])('%s is refused with a reason', (url, reason) => {
    const parse = () => parseTarget(url)
    expect(parse).toThrow(RangeError)
    expect(parse).toThrow(reason)
    expect(parse).not.toThrow(/pw-Secret/)
  })
})

it('a target prints and serialises as its label only', () => {
  for (const url of [
    'smtp://me:pw-Secret@mail.example.org/?to=a@example.org',
    'https://hooks.example.org/pw-Secret',
    'https://me:pw-Secret@hooks.example.org/',
    'https://hc-ping.com/pw-Secret',
    'exec:tell pw-Secret',
  ]) {
    const target = parseTarget(url)
    for (const text of [inspect(target), JSON.stringify({ target }), `${inspect({ list: [target] }, { depth: 9 })}`]) {
      expect(text).toContain(target.label)
      expect(text).not.toContain('pw-Secret')
    }
  }
})

it('events are read from a list, and a wrong one is named', () => {
  expect(parseEvents('partial, fail,digest,fail')).toEqual(['partial', 'fail', 'digest'])
  expect(() => parseEvents('partial,failed')).toThrow(/received failed/)
  expect(() => parseEvents(' , ')).toThrow(/received none/)
})
