import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createNotifier, type Notice, parseTarget } from '../src/index.ts'
import { selfSigned } from './certificate.ts'
import { testClock, until } from './clock.ts'
import { mailServer } from './mail-server.ts'
import { partial } from './notices.ts'

const signal = new AbortController().signal
const password = 'p/ss wörd'
const env = { CAM_NOTIFY_SMTP_PASSWORD: password }
const certificate = selfSigned()
const to = 'to=ops@example.org,night@example.org'

function notifier(url: string, o: { ca?: string; clock?: ReturnType<typeof testClock> } = {}) {
  const targets = [parseTarget(url, env, o.ca ? { tls: { ca: o.ca } } : {})]
  return createNotifier({
    targets,
    cli: 'eagleeye-cli',
    hostname: 'archive box',
    clock: o.clock ?? testClock({ leaps: 5000 }),
  })
}

describe('a mail', () => {
  it('reaches all recipients with counts in its subject, as text and as HTML', async () => {
    await using server = await mailServer()
    const url = `smtp://127.0.0.1:${server.port}/?from=archive@example.org&${to}`
    const deliveries = await notifier(url).send(partial(), { signal })
    expect(deliveries).toEqual([
      { target: `mail to ops@example.org, night@example.org via 127.0.0.1:${server.port}`, channel: 'mail', ok: true },
    ])
    const [{ mail, ...envelope }] = server.received as [(typeof server.received)[number]]
    expect(envelope).toMatchObject({ from: 'archive@example.org', to: ['ops@example.org', 'night@example.org'] })
    expect(envelope).toMatchObject({ secure: false, user: undefined })
    expect(mail.subject).toBe('[eagleeye] PARTIAL 118/120 kept (10 new), 2 failed, 31.2 GB — archive box')
    expect(mail.from).toMatchObject({ address: 'archive@example.org', name: 'eagleeye-cli' })
    expect(mail.to?.map((one) => one.address)).toEqual(['ops@example.org', 'night@example.org'])
    expect(new Date(mail.date!).getTime()).toBe(Date.UTC(2026, 4, 4, 10, 0, 7))
    expect(mail.messageId).toMatch(/^<[\w-]{36}@archive-box>$/)
    const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
    expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'x-cam-event': 'partial' })
    expect(mail.text).toContain('Footage:')
    expect(mail.text).toContain('2026-05-03 10:00 UTC to 2026-05-04 10:00 UTC')
    expect(mail.text).toContain('120 planned: 10 fetched now, 108 already kept, 2 failed')
    expect(mail.text).toContain('The next run tries them again.')
    expect(mail.text).toMatch(/Gate & <Door> +10:15 +HTTP 503 \(SERVER, HTTP 503\)/)
    // What failed stands first.
    expect(mail.text!.indexOf('Gate & <Door>  ')).toBeLessThan(mail.text!.indexOf('Yard  '))
    expect(mail.html).toContain('Gate &amp; &lt;Door&gt;')
    expect(mail.html).not.toContain('<Door>')
  })

  it('cannot be given headers, lines or recipients by a camera, a source or a machine', async () => {
    await using server = await mailServer()
    const evil = 'Gate\r\nBcc: eve@example.net\r\n\r\n<script>alert(1)</script>\u202e'
    const notice = partial({
      vendor: evil,
      source: evil,
      perCamera: [{ camera: evil, planned: 1, kept: 0, failed: 1, bytes: 0 }],
      failures: [{ camera: evil, recording: evil, code: evil, message: evil }],
      error: { message: evil },
    })
    const { summary: _, ...withoutCounts } = notice
    const targets = [
      parseTarget(`smtp://127.0.0.1:${server.port}/?to=ops@example.org&subject=Site%0d%0aBcc:%20eve@example.net`),
    ]
    const evilNotifier = createNotifier({ targets, cli: 'eagleeye-cli', hostname: evil, clock: testClock() })
    for (const one of [notice, withoutCounts])
      expect(await evilNotifier.send(one, { signal })).toMatchObject([{ ok: true }])
    expect(server.received).toHaveLength(2)
    for (const { mail, to: recipients, head } of server.received) {
      expect(recipients).toEqual(['ops@example.org'])
      expect(mail.headers.map(({ key }) => key)).not.toContain('bcc')
      expect(head).not.toMatch(/^Bcc:/im)
      expect(mail.html).not.toContain('<script>')
      expect(mail.text).not.toMatch(/^Bcc:/m)
      expect(`${mail.subject}${mail.text}${mail.html}`).not.toContain('\u202e')
    }
  })

  it('holds no secret that an error brought along', async () => {
    await using server = await mailServer()
    const targets = [parseTarget(`smtp://127.0.0.1:${server.port}/?to=ops@example.org`)]
    const withSecrets = createNotifier({
      targets,
      cli: 'x',
      hostname: 'h',
      clock: testClock(),
      secrets: ['hunter2-hunter2'],
    })
    const message = 'GET https://u:geheim@media.example/clip?token=abc123 with hunter2-hunter2'
    await withSecrets.send(partial({ event: 'fail', error: { message } }), { signal })
    const [{ mail }] = server.received as [(typeof server.received)[number]]
    for (const text of [mail.subject, mail.text, mail.html]) expect(text).not.toMatch(/geheim|abc123|hunter2/)
    expect(mail.text).toContain('https://***@media.example/clip?token=***')
  })

  it('says who it is from where the URL does not', async () => {
    await using server = await mailServer()
    await notifier(`smtp://127.0.0.1:${server.port}/?to=ops@example.org`).send(partial(), { signal })
    expect(server.received[0]?.from).toBe('eagleeye-cli@archive-box')
  })
})

describe('TLS and login', () => {
  const login = (scheme: string, port: number, more = '') =>
    `${scheme}://archiver%40example.org@127.0.0.1:${port}/?to=ops@example.org${more}`

  it('upgrades to TLS where the server offers it, and logs in only then', async () => {
    await using server = await mailServer({ ...certificate, disabledCommands: [] })
    const deliveries = await notifier(login('smtp', server.port), { ca: certificate.cert }).send(partial(), { signal })
    expect(deliveries).toMatchObject([{ ok: true }])
    expect(server.logins).toEqual([{ user: 'archiver@example.org', password, secure: true }])
    expect(server.received[0]).toMatchObject({
      secure: true,
      user: 'archiver@example.org',
      from: 'archiver@example.org',
    })
  })

  it('upgrades without a login, too', async () => {
    await using server = await mailServer({ ...certificate, disabledCommands: ['AUTH'] })
    const url = `smtp://127.0.0.1:${server.port}/?to=ops@example.org`
    expect(await notifier(url, { ca: certificate.cert }).send(partial(), { signal })).toMatchObject([{ ok: true }])
    expect(server.received[0]).toMatchObject({ secure: true, user: undefined })
  })

  it('speaks TLS from the first byte with smtps', async () => {
    await using server = await mailServer({ ...certificate, secure: true, disabledCommands: [] })
    const deliveries = await notifier(login('smtps', server.port), { ca: certificate.cert }).send(partial(), { signal })
    expect(deliveries).toMatchObject([{ ok: true }])
    expect(server.received[0]).toMatchObject({ secure: true, user: 'archiver@example.org' })
  })

  it.each(['smtp', 'smtps'])(
    '%s: refuses a certificate nobody vouches for, once, unless told not to',
    async (scheme) => {
      await using server = await mailServer({ ...certificate, secure: scheme === 'smtps', disabledCommands: [] })
      const [refused] = await notifier(login(scheme, server.port)).send(partial(), { signal })
      expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('certificate is not trusted') })
      expect(server.connections()).toBeLessThanOrEqual(1)
      expect(server.logins).toEqual([])
      const accepted = await notifier(login(scheme, server.port, '&tls=insecure')).send(partial(), { signal })
      expect(accepted).toMatchObject([{ ok: true }])
      expect(server.received).toHaveLength(1)
    },
  )

  it('sends no password in the clear, unless told to', async () => {
    await using server = await mailServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    const [refused] = await notifier(login('smtp', server.port)).send(partial(), { signal })
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('offers no TLS') })
    expect(server.logins).toEqual([])
    expect(await notifier(login('smtp', server.port, '&tls=plain')).send(partial(), { signal })).toMatchObject([
      { ok: true },
    ])
    expect(server.logins).toEqual([{ user: 'archiver@example.org', password, secure: false }])
  })

  it('does not try a refused password again, and does not repeat it', async () => {
    await using server = await mailServer({ ...certificate, disabledCommands: [] })
    const url = `smtp://archiver%40example.org:wrong%20secret@127.0.0.1:${server.port}/?to=ops@example.org`
    const [refused] = await notifier(url, { ca: certificate.cert }).send(partial(), { signal })
    expect(refused?.reason).toContain('user name or password refused (535 who is archiver@example.org with ***?)')
    expect(server.logins).toHaveLength(1)
  })
})

describe('a mail server in trouble', () => {
  const refuse = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

  it('that says "later" is asked three times in all, and takes the mail under one id', async () => {
    let tries = 0
    await using server = await mailServer({
      onMailFrom: (_, __, done) => done(++tries < 3 ? refuse(451, 'greylisted, try again later') : null),
    })
    const clock = testClock({ leaps: 5000 })
    const url = `smtp://127.0.0.1:${server.port}/?to=ops@example.org`
    expect(await notifier(url, { clock }).send(partial(), { signal })).toMatchObject([{ ok: true }])
    expect(tries).toBe(3)
    expect(clock.waited).toHaveLength(2)
    tries = -100
    const [failed] = await notifier(url).send(partial(), { signal })
    expect(failed).toMatchObject({ ok: false, reason: expect.stringContaining('greylisted') })
    expect(tries).toBe(-97)
  })

  it('that says "never" is asked once', async () => {
    let tries = 0
    await using server = await mailServer({
      onMailFrom(_, __, done) {
        tries++
        done(refuse(550, 'we do not know you'))
      },
    })
    const [failed] = await notifier(`smtp://127.0.0.1:${server.port}/?to=ops@example.org`).send(partial(), { signal })
    expect(failed).toMatchObject({ ok: false, reason: expect.stringContaining('we do not know you') })
    expect(failed?.reachedSome).toBeUndefined()
    expect(tries).toBe(1)
  })

  it('that takes some recipients only: the others are tried again alone, and named in the end', async () => {
    let later = 1
    await using server = await mailServer({
      onRcptTo({ address }, _, done) {
        if (address.startsWith('gone')) return done(refuse(550, 'no such user'))
        done(address.startsWith('busy') && later-- > 0 ? refuse(450, 'mailbox busy') : null)
      },
    })
    const url = (addresses: string) => `smtp://127.0.0.1:${server.port}/?to=${addresses}`
    const busy = await notifier(url('ops@example.org,busy@example.org')).send(partial(), { signal })
    expect(busy).toMatchObject([{ ok: true }])
    expect(server.received.map((one) => one.to)).toEqual([['ops@example.org'], ['busy@example.org']])
    expect(server.received[0]?.mail.messageId).toBe(server.received[1]?.mail.messageId)
    const [gone] = await notifier(url('ops@example.org,gone@example.org')).send(partial(), { signal })
    expect(gone).toMatchObject({ ok: false, reachedSome: true })
    expect(gone?.reason).toMatch(/taken for ops@example.org, refused for gone@example.org \(550 no such user\)/)
    expect(server.received).toHaveLength(3)
  })

  it('that says nothing is given up after 30 seconds, three times', async () => {
    let connections = 0
    const silent = createServer((socket) => {
      connections++
      socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    const clock = testClock({ leaps: 5000 })
    const sending = notifier(`smtp://127.0.0.1:${port}/?to=ops@example.org`, { clock }).send(partial(), { signal })
    for (let round = 1; round <= 3; round++) {
      await until(() => connections === round)
      clock.advance(30_000)
    }
    expect(await sending).toMatchObject([{ ok: false, reason: expect.stringContaining('not done within 30 s') }])
    expect(connections).toBe(3)
    await new Promise((resolve) => silent.close(resolve))
  })

  it('that is not there, or hangs up, is said in words', async () => {
    const closing = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await new Promise((resolve) => closing.once('listening', resolve))
    const { port } = closing.address() as { port: number }
    const url = `smtp://127.0.0.1:${port}/?to=ops@example.org`
    expect((await notifier(url).send(partial(), { signal }))[0]?.reason).toContain('no connection')
    await new Promise((resolve) => closing.close(resolve))
    expect((await notifier(url).send(partial(), { signal }))[0]?.reason).toMatch(/no connection.*ECONNREFUSED/)
  })

  it('is left alone once the run is told to end', async () => {
    let connections = 0
    const silent = createServer((socket) => {
      connections++
      socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    const stop = new AbortController()
    const notice: Notice = partial()
    const sending = notifier(`smtp://127.0.0.1:${port}/?to=ops@example.org`).send(notice, { signal: stop.signal })
    await until(() => connections === 1)
    stop.abort(new Error('enough'))
    expect(await sending).toMatchObject([{ ok: false, reason: expect.stringContaining('given up, enough') }])
    await new Promise((resolve) => silent.close(resolve))
  })
})
