import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Camera, Clock, PlanOptions, TimeWindow } from '@cam/download-core'
import { createNotifier, type DigestNotice, type RunNotice } from '@cam/notify'
import type { CliDefinition, SourceContext } from '../definition.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Flags } from '../flags/flag.ts'
import type { Interruption } from '../interruption.ts'
import { type NoticeFacts, noticeFacts } from '../report/notice-facts.ts'
import type { Report } from '../report/report.ts'
import { createDeliveries } from './deliveries.ts'
import { withDeadline } from './end-in-time.ts'
import { expiringLogin, tellExpiring } from './expiring-login.ts'
import { tellInterrupted } from './interrupted-runs.ts'
import { aboutRun, endNotice, type HowItEnded } from './run-notice.ts'
import type { NoticeTargets } from './targets.ts'
import { recordUnbegun } from './unbegun-run.ts'
import { tellDigest } from './weekly-digest.ts'

/** What one run tells people and monitors. Commands hand in what only they know; the rest is seen in the events. */
export interface RunNotices {
  /** Sees what is reported; says nothing itself. */
  readonly report: Report
  readonly facts: NoticeFacts
  /** Once the source is made. */
  reaches(vendor: string, context: SourceContext): void
  /** The same window or windows, which notices now know. */
  asks<Asked extends Pick<PlanOptions, 'window' | 'windowFor'>>(asked: Asked): Asked
  /** Tells how it ended, and waits for what is under way; bounded in time. Never throws. */
  end(how: HowItEnded): Promise<void>
}

/** Where a run's notices come from and go to. */
export interface NoticesOptions {
  readonly definition: CliDefinition
  readonly flags: Flags
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly address: string
  /** IANA zone in which people read moments. */
  readonly timeZone: string
  readonly targets: NoticeTargets
  readonly interruption: Interruption
  /** For what people have to know of the notices themselves. */
  readonly say: Pick<Report, 'info' | 'warning'>
}

/** Contacts nobody before the run begins. Without targets nobody is told, but lines and history are the same. */
export function openNotices(o: NoticesOptions): RunNotices {
  const { definition, flags, clock, timeZone, say, targets } = o
  const { facts, report } = noticeFacts(definition.words)
  const secrets = [...targets.secrets]
  const notifier = createNotifier({
    targets: targets.targets,
    ...(targets.on ? { on: targets.on } : {}),
    // A command that is told of a run need not know the addresses of all others who are.
    env: Object.fromEntries(Object.entries(o.env).filter(([name]) => !targets.names.includes(name))),
    ...{ cli: definition.name, hostname: hostname(), timeZone, secrets, clock },
  })
  const info = (text: string) => (flags.on('verbose') ? say.info(text) : undefined)
  const deliveries = createDeliveries(notifier, info, (text) => say.warning(text))
  const { vendor } = definition
  const startedAt = clock.now()
  const during = new AbortController()
  let window: TimeWindow | undefined
  let source: { vendor: string; context: SourceContext } | undefined
  const root = () => facts.started?.into ?? resolve(flags.text('dest')!)
  const context = () => ({ vendor, address: o.address, startedAt, ...(window ? { window } : {}) })
  const widen = (more: TimeWindow | undefined) => {
    if (more) {
      window = { start: Math.min(window?.start ?? more.start, more.start), end: Math.max(window?.end ?? 0, more.end) }
    }
    return more
  }

  function begin({ source: { id: sourceId } }: NonNullable<NoticeFacts['started']>): void {
    const { signal } = during
    const send = (notice: RunNotice) => deliveries.send(notice, signal)
    const place = { root: root(), clock, signal }
    void deliveries.next(() => tellInterrupted({ ...place, sourceId, vendor, found: [...facts.dead], startedAt }, send))
    const notice: RunNotice = { event: 'start', ...aboutRun(facts, context()) }
    void deliveries.next(async () => void (await send(notice)))
  }

  async function lapsing(signal: AbortSignal): Promise<void> {
    const soon = source && (await expiringLogin(definition, flags, source.context, clock.now(), timeZone))
    if (!soon) return
    say.warning([soon.text, soon.nextAction].filter(Boolean).join(' '))
    if (targets.targets.length === 0 || !notifier.wants('auth-expiring')) return
    const { runId: _, window: __, ...about } = aboutRun(facts, context())
    const next = soon.nextAction ? { nextAction: soon.nextAction } : {}
    const notice: RunNotice = { event: 'auth-expiring', ...about, error: { message: soon.text }, ...next }
    await tellExpiring({ root: root(), clock, signal }, notice, (told) => deliveries.send(told, signal))
  }

  /** The vendor as people write it, as in all other notices: mail is sorted by what stands in front of its subject. */
  function inWords(digest: DigestNotice): DigestNotice {
    const sources = digest.sources.map((one) => (one.vendor === source?.vendor ? { ...one, vendor } : one))
    return { ...digest, sources }
  }

  async function recordIfUnbegun({ code, interrupted }: HowItEnded): Promise<{ runId?: string }> {
    if (facts.started || !source || interrupted || code === exitCodes.locked || code === exitCodes.done) return {}
    const runId = await recordUnbegun(flags.text('dest')!, source.vendor, startedAt, clock.now())
    return runId === undefined ? {} : { runId }
  }

  return {
    facts,
    report: {
      ...report,
      event(event) {
        report.event(event)
        if (event.type === 'archive-started' && targets.targets.length > 0) begin(event)
      },
    },
    reaches(vendor, context) {
      source = { vendor, context }
      secrets.push(...[context.password, ...Object.values(context.secrets)].filter((secret) => secret.length > 2))
    },
    asks(asked) {
      widen(asked.window)
      const { windowFor } = asked
      return windowFor ? { ...asked, windowFor: async (camera: Camera) => widen(await windowFor(camera)) } : asked
    },
    async end(how) {
      const recorded = await recordIfUnbegun(how)
      const notice = endNotice(facts, context(), how, clock.now())
      await withDeadline({ ...o, how, during, isIdle: targets.targets.length === 0 }, async (signal) => {
        if (!how.interrupted) await deliveries.next(() => lapsing(signal))
        if (targets.targets.length === 0) return
        await deliveries.next(async () => void (notice && (await deliveries.send({ ...recorded, ...notice }, signal))))
        if (!notice || how.interrupted || !notifier.wants('digest')) return
        const place = { root: root(), clock, signal, timeZone }
        await deliveries.next(() => tellDigest(place, (digest) => deliveries.send(inWords(digest), signal)))
      })
    },
  }
}
