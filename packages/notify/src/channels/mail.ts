import { rootCertificates } from 'node:tls'
import { RequestError, ServerError } from '@cam/download-core/source'
import { createTransport } from 'nodemailer'
import type { Message } from '../render/message.ts'
import type { MailTarget } from '../target.ts'
import { mailError, refusal } from './mail-error.ts'

/** Who a mail comes from, when, and under which id. */
export interface Posted {
  readonly cli: string
  readonly hostname: string
  /** Epoch milliseconds. */
  readonly at: number
  /** The same in each try, so that a mail that arrives twice is shown once. */
  readonly id: string
  /** Whom it has not reached yet; becomes smaller when a server takes it for some of them only. */
  readonly left: Set<string>
  readonly timeoutMs: number
}

/** One try to hand a mail over. Throws a CamError; the signal's abort closes the connection. */
export async function sendMail(target: MailTarget, message: Message, o: Posted, signal: AbortSignal): Promise<void> {
  const { login, tls } = target
  const host = hostPart(o.hostname)
  const from = target.from ?? (login?.user.includes('@') ? login.user : `${o.cli}@${host}`)
  // Longer than ours, which ends a try before them.
  const later = o.timeoutMs + 10_000
  const transport = createTransport({
    host: target.host,
    port: target.port,
    secure: target.implicitTls,
    // A password is not sent where anybody can read it, also not when somebody on the way hides that the server offers TLS.
    requireTLS: !target.implicitTls && login !== undefined && !target.plainLogin,
    name: host,
    ...(login ? { auth: { user: login.user, pass: login.password } } : {}),
    tls: {
      ...(tls.insecure ? { rejectUnauthorized: false } : {}),
      ...(tls.ca === undefined ? {} : { ca: [...rootCertificates, Buffer.from(tls.ca).toString('utf8')] }),
    },
    connectionTimeout: later,
    greetingTimeout: later,
    dnsTimeout: later,
    socketTimeout: later,
    socketCloseTimeout: 1000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const sent = await transport
    .sendMail({
      from: { name: o.cli, address: from },
      to: [...target.to],
      envelope: { from, to: [...o.left] },
      subject: message.subject,
      text: message.text,
      html: message.html,
      messageId: `<${o.id}@${host}>`,
      date: new Date(o.at),
      // Nobody's absence note should answer.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Cam-Event': message.notice.event },
      signal,
    })
    .catch((error: unknown) => {
      throw mailError(error, target)
    })
  for (const address of sent.accepted) o.left.delete(address)
  if (sent.rejected.length === 0) return
  const { words, again } = refusal(sent.rejectedErrors)
  const text = `${target.label}: taken for ${sent.accepted.join(', ')}, refused for ${sent.rejected.join(', ')}${words}`
  throw again ? new ServerError(text) : new RequestError(text)
}

/** What may stand behind an @, whatever the machine is called. */
function hostPart(hostname: string): string {
  return hostname.replace(/[^a-z\d.-]+/gi, '-').replace(/^[.-]+|[.-]+$/g, '') || 'localhost'
}
