import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '@cam/download-core/source'
import { runCommand } from './channels/command.ts'
import { ping } from './channels/ping.ts'
import { type Post, post } from './channels/post.ts'
import { type Trying, tryDelivery, withinTime } from './channels/try.ts'
import { callWebhook } from './channels/webhook.ts'
import type { Notice, NotifyEvent } from './notice.ts'
import { cleanText } from './render/clean.ts'
import { renderMessage, type Sender } from './render/message.ts'
import type { CommandTarget, MailTarget, NotifyTarget } from './target.ts'

/** How long one try may take, in milliseconds. */
export interface NotifyTimeouts {
  /** Default 30,000: many mail servers let strangers wait before they greet. */
  readonly mailMs: number
  /** Pings and webhooks. Default 10,000. */
  readonly httpMs: number
  /** Default 60,000; then the command is ended. */
  readonly commandMs: number
}

/** Who tells whom about what. */
export interface NotifierOptions extends Sender {
  readonly targets: readonly NotifyTarget[]
  /**
   * Events for targets that name none themselves. Default partial, fail, interrupted, auth-expiring and digest. Pings always
   * get start, finish, partial, fail and interrupted too: a monitor that hears of failures only cannot miss a run.
   */
  readonly on?: readonly NotifyEvent[]
  readonly clock?: Clock
  /** What commands inherit, and where proxy variables are looked up. Default: commands inherit nothing. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly timeouts?: Partial<NotifyTimeouts>
  /** Sends nothing, ever. */
  readonly dryRun?: boolean
}

/** What became of one notice at one target. */
export interface Delivery {
  /** The target's label: without secrets. */
  readonly target: string
  readonly channel: NotifyTarget['channel']
  readonly ok: boolean
  /** Not all of it arrived, but somebody was reached: sending it again would tell them twice. Only where `ok` is false. */
  readonly reachedSome?: true
  /** Why not, in words, without secrets. Only where `ok` is false. */
  readonly reason?: string
}

/** Tells all targets, and never fails. */
export interface Notifier {
  /** Whether any target wants to hear of it. */
  wants(event: NotifyEvent): boolean
  /**
   * Sends to every target that wants the event, all at once, each up to three times (commands once). Never throws: a delivery
   * that failed says so, and an abort ends what is under way.
   */
  send(notice: Notice, o: { readonly signal: AbortSignal }): Promise<readonly Delivery[]>
}

const usual: readonly NotifyEvent[] = ['partial', 'fail', 'interrupted', 'auth-expiring', 'digest']
const heartbeat: readonly NotifyEvent[] = ['start', 'finish', 'partial', 'fail', 'interrupted']

/** Makes a notifier. Nothing is contacted before the first `send`. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { targets, dryRun = false, on = usual } = options
  const wanted = (target: NotifyTarget): readonly NotifyEvent[] =>
    target.events ?? (target.channel === 'ping' ? [...heartbeat, ...(options.on ?? [])] : on)
  return {
    wants: (event) => !dryRun && targets.some((target) => wanted(target).includes(event)),
    async send(notice, { signal }) {
      if (dryRun) return []
      const chosen = targets.filter((target) => wanted(target).includes(notice.event))
      return Promise.all(chosen.map((target) => deliver(target, notice, options, signal)))
    },
  }
}

async function deliver(
  target: NotifyTarget,
  notice: Notice,
  options: NotifierOptions,
  signal: AbortSignal,
): Promise<Delivery> {
  const about = { target: target.label, channel: target.channel }
  const left = new Set(target.channel === 'mail' ? target.to : [])
  try {
    await handOver(target, notice, options, signal, left)
    return { ...about, ok: true }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const clean = cleanText(words, [...target.secrets, ...(options.secrets ?? [])])
    const some = target.channel === 'mail' && left.size < target.to.length
    const failed = { ...about, ok: false, ...(some ? ({ reachedSome: true } as const) : {}) }
    if (signal.aborted) return { ...failed, reason: `${target.label}: given up, ${clean}` }
    return { ...failed, reason: clean.startsWith(target.label) ? clean : `${target.label}: ${clean}` }
  }
}

/** `left`: whom a mail has not reached yet; becomes smaller. */
async function handOver(
  target: NotifyTarget,
  notice: Notice,
  o: NotifierOptions,
  signal: AbortSignal,
  left: Set<string>,
): Promise<void> {
  const message = renderMessage(notice, o, target.channel === 'mail' ? target.subject : undefined)
  const { clock = systemClock, hostname, cli } = o
  const id = randomUUID()
  const trying = (timeoutMs: number): Trying => ({ clock, signal, timeoutMs, what: target.label })

  switch (target.channel) {
    case 'mail': {
      const timeoutMs = o.timeouts?.mailMs ?? 30_000
      const posted = { cli, hostname, at: clock.now(), id, left, timeoutMs }
      // Loaded only where it is wanted.
      const { sendMail } = await import('./channels/mail.ts')
      await tryDelivery((now) => sendMail(target satisfies MailTarget, message, posted, now), trying(timeoutMs))
      return
    }
    case 'command': {
      const running = (now: AbortSignal) => ({ signal: now, clock, env: o.env ?? {} })
      // Once: nobody knows what a command has done before it failed.
      const once = (now: AbortSignal) => runCommand(target satisfies CommandTarget, message, id, running(now))
      return withinTime(once, trying(o.timeouts?.commandMs ?? 60_000))
    }
    default: {
      const send = (now: AbortSignal): Promise<void> => {
        const { label: what, secrets: hidden, tls } = target
        const env = o.env ? { env: o.env } : {}
        const through: Post = (request) => post({ ...request, ...env, tls, clock, signal: now, what, secrets: hidden })
        return target.channel === 'ping'
          ? ping(target, message, through)
          : callWebhook(target, { ...message.json, sentAt: new Date(clock.now()).toISOString() }, id, through)
      }
      await tryDelivery(send, trying(o.timeouts?.httpMs ?? 10_000))
    }
  }
}
