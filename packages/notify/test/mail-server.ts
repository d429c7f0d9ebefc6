import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** One mail as it came in. */
interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly secure: boolean
  readonly user: string | undefined
  /** As it came over the wire, up to the first empty line. */
  readonly head: string
  readonly mail: Email
}

/** A real SMTP server on loopback that keeps what it gets. */
export async function mailServer(options: SMTPServerOptions = {}) {
  const received: Received[] = []
  const logins: { readonly user: string; readonly password: string; readonly secure: boolean }[] = []
  let connections = 0
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    closeTimeout: 10,
    onConnect(_, done) {
      connections++
      done()
    },
    onAuth(auth, session, done) {
      const { username, password } = { username: auth.username ?? '', password: auth.password ?? '' }
      logins.push({ user: username, password, secure: session.secure })
      if (username === 'archiver@example.org' && password === 'p/ss wörd') done(null, { user: username })
      else done(Object.assign(new Error(`who is ${username} with ${password}?`), { responseCode: 535 }))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.once('end', async () => {
        const raw = Buffer.concat(chunks)
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: (session.user as string | false) || undefined,
          head: raw.toString('utf8').split('\r\n\r\n')[0]!,
          mail: await PostalMime.parse(raw),
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    received,
    logins,
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
