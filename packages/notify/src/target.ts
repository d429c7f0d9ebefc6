import type { TlsOptions } from '@cam/download-core/source'
import type { NotifyEvent } from './notice.ts'

interface AnyTarget {
  /** For people and logs: says where, without anything that gives access. */
  readonly label: string
  /** What must never be shown: the password, the path of a webhook. */
  readonly secrets: readonly string[]
  /** Only these events. Default: those of the notifier. */
  readonly events?: readonly NotifyEvent[]
}

/** E-mail through an SMTP server. */
export interface MailTarget extends AnyTarget {
  readonly channel: 'mail'
  readonly host: string
  readonly port: number
  /** TLS from the first byte. Otherwise STARTTLS, where the server offers it. */
  readonly implicitTls: boolean
  readonly login?: { readonly user: string; readonly password: string }
  /** Send the password even where the server offers no TLS. */
  readonly plainLogin: boolean
  readonly tls: Pick<TlsOptions, 'insecure' | 'ca'>
  /** Default: the user, where it is an address, else the program at this machine. */
  readonly from?: string
  readonly to: readonly string[]
  /** In place of `[vendor]` at the beginning of the subject. */
  readonly subject?: string
}

/** A healthchecks-style monitor. */
export interface PingTarget extends AnyTarget {
  readonly channel: 'ping'
  /** Without `/start`, `/fail` … */
  readonly url: string
  readonly tls: TlsOptions
}

/** Gets every notice as JSON. */
export interface WebhookTarget extends AnyTarget {
  readonly channel: 'webhook'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsOptions
}

/** A program to run. */
export interface CommandTarget extends AnyTarget {
  readonly channel: 'command'
  readonly file: string
  readonly args: readonly string[]
}

/** Where notices go. Plain data that holds passwords, so it prints and serialises as its label only. */
export type NotifyTarget = MailTarget | PingTarget | WebhookTarget | CommandTarget

/** Makes an object that may end in a log print as its label. Copies of it, by spreading, no longer do. */
export function discreet<T extends NotifyTarget>(target: T): T {
  const said = () => ({ channel: target.channel, label: target.label })
  return Object.defineProperties(target, {
    toJSON: { value: said },
    [Symbol.for('nodejs.util.inspect.custom')]: { value: said },
  })
}
