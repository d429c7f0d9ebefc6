import type { TlsOptions } from '@cam/download-core/source'
import type { NotifyEvent } from '../notice.ts'
import type { NotifyTarget } from '../target.ts'
import { parseCommand } from './command.ts'
import { parsePing, parseWebhook } from './http.ts'
import { parseMail } from './mail.ts'

/** What a URL does not say. */
export interface TargetOptions {
  /** Only these events go there. Default: those of the notifier. */
  readonly events?: readonly NotifyEvent[]
  /** Whom to trust over TLS; of mail servers, `insecure` and `ca`. */
  readonly tls?: TlsOptions
  /** For webhooks, such as an API key. Never shown. */
  readonly headers?: Readonly<Record<string, string>>
}

type Env = Readonly<Record<string, string | undefined>>

const forms =
  'smtp://user@host/?to=you@example.org, smtps://…, https://hc-ping.com/UUID, healthchecks:https://…, https://… (a webhook), exec:COMMAND'

/**
 * Reads one notification URL; the README has the grammar. `env` is where CAM_NOTIFY_SMTP_PASSWORD is looked up. Nothing is
 * contacted. Throws a RangeError that says what is wrong, and shows nothing that may be a password.
 */
export function parseTarget(text: string, env: Env = {}, options: TargetOptions = {}): NotifyTarget {
  const given = text.trim()
  const scheme = /^([a-z][a-z\d+.-]{0,20}):/i.exec(given)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'smtp':
    case 'smtps':
      return parseMail(given, env, options)
    case 'exec':
      return parseCommand(given.slice('exec:'.length), options)
    case 'healthchecks':
      return parsePing(given.slice('healthchecks:'.length), options)
    case 'ping+http':
    case 'ping+https':
      return parsePing(given.slice('ping+'.length), options)
    case 'http':
    case 'https':
      return isHealthchecks(given) ? parsePing(given, options) : parseWebhook(given, options)
    default:
      throw new RangeError(
        `A notification URL must be one of ${forms}; received ${scheme ? `the scheme ${scheme}:` : 'no scheme'}.`,
      )
  }
}

/** The hosted service is known by name; any other needs `healthchecks:` in front. */
function isHealthchecks(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname === 'hc-ping.com'
}
