import { discreet, type MailTarget } from '../target.ts'
import { decoded, longestFirst } from './http.ts'
import type { TargetOptions } from './parse-target.ts'

const parameters = ['from', 'to', 'subject', 'tls']
const address = /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/
const form = 'smtp://user@host:port/?from=me@example.org&to=you@example.org,them@example.org'
const encoding = 'A user name or password is percent-encoded (/ is %2F, # is %23, ? is %3F)'

/** Reads `smtp(s)://user@host:port/?from=&to=a,b&subject=&tls=`. Parts that may belong to a password are never quoted. */
export function parseMail(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  o: TargetOptions,
): MailTarget {
  if (!URL.canParse(text)) throw new RangeError(`A mail URL must look like ${form}. ${encoding}.`)
  const url = new URL(text)
  if (url.hostname === '') throw new RangeError(`A mail URL must name a server: ${form}.`)
  if (!/^\/?$/.test(url.pathname) || url.hash !== '') {
    throw new RangeError(`A mail URL has nothing but ? and parameters behind its server. ${encoding}.`)
  }
  const { searchParams: given } = url
  if ([...given.keys()].some((name) => !parameters.includes(name))) {
    throw new RangeError(`A mail URL takes the parameters ${parameters.join(', ')}; this one has another. ${encoding}.`)
  }

  const to = [...new Set(given.getAll('to').flatMap(list))]
  const from = given.get('from')?.trim()
  if (to.length === 0) throw new RangeError(`A mail URL must say whom to write to: ?to=you@example.org.`)
  for (const one of [...to, ...(from ? [from] : [])]) {
    if (!address.test(one)) throw new RangeError(`${JSON.stringify(one)} in a mail URL is not an e-mail address.`)
  }

  const login = loginOf(url, env)
  const modes = given.getAll('tls').flatMap(list)
  const unknown = modes.find((mode) => mode !== 'insecure' && mode !== 'plain')
  if (unknown !== undefined) throw new RangeError(`tls in a mail URL must be insecure or plain; received ${unknown}.`)

  const implicitTls = url.protocol === 'smtps:'
  const host = decoded(url.hostname, 'mail').replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port)
  const subject = given.get('subject')?.trim()
  return discreet({
    channel: 'mail',
    label: `mail to ${to.join(', ')} via ${host}:${port}`,
    secrets: login ? forms(login) : [],
    host,
    port,
    implicitTls,
    plainLogin: modes.includes('plain'),
    tls: {
      ...(modes.includes('insecure') || o.tls?.insecure ? { insecure: true } : {}),
      ...(o.tls?.ca === undefined ? {} : { ca: o.tls.ca }),
    },
    to,
    ...(login ? { login } : {}),
    ...(from ? { from } : {}),
    ...(subject ? { subject } : {}),
    ...(o.events ? { events: o.events } : {}),
  })
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function loginOf(url: URL, env: Readonly<Record<string, string | undefined>>): MailTarget['login'] {
  const user = decoded(url.username, 'mail')
  const password = decoded(url.password, 'mail') || (user ? env.CAM_NOTIFY_SMTP_PASSWORD : undefined)
  if (user === '' && !password) return undefined
  if (user === '') throw new RangeError('A mail URL with a password must name a user, too.')
  if (!password) {
    throw new RangeError(
      'A mail URL with a user needs a password: set CAM_NOTIFY_SMTP_PASSWORD, or write it behind the user name.',
    )
  }
  return { user, password }
}

/** The password as it stands in the URL and as it goes on the wire: a server may quote what it did not understand. */
function forms({ user, password }: { user: string; password: string }): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return longestFirst([password, base64(password), base64(`\0${user}\0${password}`)])
}
