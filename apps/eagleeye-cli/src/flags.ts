import { duration, type Flag, oneOf, UsageError } from '@cam/cli-kit'

const [account, what] = ['Account', 'What to fetch']
const hour = 3_600_000

/** Through which of the vendor's interfaces an account is reached, and where. */
export const connection: readonly Flag[] = [
  {
    name: 'api',
    value: 'NAME',
    byDefault: 'v3',
    read: oneOf('v3', 'classic'),
    group: account,
    help: 'v3: a consent given once in a browser, with eagleeye-cli login; classic: name and password',
  },
  {
    name: 'base-url',
    value: 'URL',
    read: origin,
    group: account,
    help: "where the interface answers, as https://HOST; default: the vendor's own host",
  },
  {
    name: 'api-key-header',
    value: 'NAME',
    byDefault: 'Authentication',
    read: oneOf('Authentication', 'Authentication:', 'Authorization'),
    group: account,
    help: 'classic: how --api-key is sent; "Authentication:" puts a colon behind the key',
  },
]

/** What is fetched, and what `login` needs besides. */
export const download: readonly Flag[] = [
  {
    name: 'format',
    value: 'NAME',
    read: oneOf('flv', 'mp4'),
    group: what,
    help: 'classic: flv as it is stored, or mp4, which is rendered first; default: flv; v3: mp4 only',
  },
  {
    name: 'settle',
    value: 'DURATION',
    read: duration(0, 24 * hour),
    group: what,
    help: 'what ended less than this ago may still grow, and is left for the next run; default: 5m',
  },
  { name: 'unattached', group: what, help: 'classic: look for footage of cameras that are not attached, too' },
  {
    name: 'redirect-uri',
    value: 'URI',
    byDefault: 'http://127.0.0.1:3333',
    read: redirectUri,
    group: account,
    help: 'login: the address registered with the vendor, letter by letter; one at http://127.0.0.1:PORT is listened on',
  },
]

/** Scheme, host and port and nothing else. */
function origin(text: string, flag: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#@]/.test(text)) return url.origin
  // Userinfo may hold a password.
  const shown = text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@')
  throw new UsageError(`--${flag}: "${shown}" is not https://HOST or https://HOST:PORT, without a path.`)
}

/** As it stands: the vendor compares it letter by letter, so nothing in it may be changed. */
function redirectUri(text: string, flag: string): string {
  const usable = URL.canParse(text) && /^https?:\/\/[^\s@?#&%"<>]+$/.test(text)
  if (usable) return text
  throw new UsageError(`--${flag}: "${text}" is not an address such as http://127.0.0.1:3333, without a query.`)
}
