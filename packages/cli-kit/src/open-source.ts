import { readFile } from 'node:fs/promises'
import type { Camera, FootageSource, TimeWindow } from '@cam/download-core'
import { commandTools } from './command-tools.ts'
import { findCredentials } from './credentials.ts'
import type { SourceContext } from './definition.ts'
import { credentialsFor } from './flags/credential-flags.ts'
import { askedWindow, zoneOf } from './flags/window.ts'
import { type Session, systemZone } from './session.ts'
import { userSessionStore } from './state/session-store.ts'
import { isFetching } from './unattended.ts'
import { UsageError } from './usage-error.ts'

/** A source that was made but not yet contacted, and the window to ask it for. */
export interface OpenSource extends AsyncDisposable {
  readonly source: FootageSource
  readonly context: SourceContext
  readonly retry: { readonly retries: number; readonly delayMs: number; readonly growth: 'fixed' | 'exponential' }
  readonly timeouts: { readonly firstByteMs: number; readonly idleMs: number }
  /** Asks the camera for its zone where only that tells what the user meant. Throws UsageError. */
  window(): Promise<TimeWindow | undefined>
}

/** Reads credentials and certificates, makes the source, and says what comes before a run. Throws UsageError. */
export async function openSource(session: Session): Promise<OpenSource> {
  const { definition, flags, clock, report, interruption } = session
  const asked = askedWindow(flags, clock.now())
  const context = await openContext(session)
  for (const remark of definition.remarks?.(flags) ?? []) report.info(remark)
  let source: FootageSource
  try {
    source = definition.makeSource(flags, context)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
  if (session.action !== 'cameras' && session.action !== 'list') {
    const dryRun = !isFetching(session.action, flags)
    const { stdin, stderr } = session.surroundings
    const interactive = Boolean(stdin.isTTY && stderr.isTTY)
    await definition.beforeRun?.({ ...commandTools(session, context), interactive, dryRun })
    report.begin(context.username)
  }
  return {
    source,
    context,
    retry: context.retry,
    timeouts: context.timeouts,
    async window() {
      if (!asked.needsCameraZone) return asked.resolve(asked.timeZone ?? 'UTC')
      const cameras: Camera[] = []
      for await (const camera of source.cameras({ signal: interruption.abort })) cameras.push(camera)
      return asked.resolve(zoneOf(cameras, systemZone(session)))
    },
    async [Symbol.asyncDispose]() {
      try {
        await source[Symbol.asyncDispose]()
      } catch (error) {
        // The footage is on the disk by now; a log-out that failed must not hide how the run ended.
        report.warning(`Logging out failed: ${error instanceof Error ? error.message : error}`)
      }
    },
  }
}

/** Reads credentials and certificates; contacts nothing. Throws UsageError. */
export async function openContext(session: Session): Promise<SourceContext> {
  const { definition, flags, surroundings, report, about, interruption } = session
  const tls = await tlsOptions(session)
  const kind = credentialsFor(definition, flags)
  const places = { ...surroundings, typed: session.typed }
  const found = await findCredentials(kind, flags, places, interruption.abort)
  const { username, password, secrets, warnings } = found
  about.account = username
  for (const warning of warnings) report.warning(warning)
  return ownContext(session, { username, password, secrets, tls })
}

/** The context of an account; contacts nothing. */
export function ownContext(
  session: Session,
  account: Pick<SourceContext, 'username' | 'password' | 'secrets' | 'tls'>,
): SourceContext {
  const { definition, flags, clock, surroundings, report } = session
  const keeps = !(definition.keepsSession && flags.on('forget-session'))
  return {
    command: session.command.name,
    ...account,
    timeouts: timeoutsOf(session),
    retry: {
      retries: flags.number('max-retries')!,
      delayMs: flags.number('retry-delay')! * 1000,
      growth: definition.defaults.retryGrowth,
    },
    ...(keeps ? { sessions: userSessionStore(surroundings.env, clock) } : {}),
    clock,
    env: surroundings.env,
    say: { info: report.info, warning: report.warning, item: (type, fields) => report.item(type, fields) },
  }
}

function timeoutsOf({ flags, definition }: Session) {
  const idleMs = flags.number('timeout')! * 1000
  // A camera that serves one request after the other begins late: unless the user says how late, it may take longer.
  const firstByteMs = flags.given('timeout')
    ? idleMs
    : Math.max(idleMs, (definition.defaults.firstByteSeconds ?? 0) * 1000)
  return { firstByteMs, idleMs }
}

async function tlsOptions({ flags, report }: Session) {
  const ways = ['insecure', 'fingerprint'].filter((name) => flags.given(name))
  if (ways.length > 1) throw new UsageError('--insecure and --fingerprint contradict each other; use one of them.')
  if (flags.on('insecure')) {
    report.warning('--insecure: whoever answers is believed, and can read the password and the footage.')
    return { insecure: true }
  }
  const fingerprint256 = flags.text('fingerprint')
  const path = flags.text('ca')
  if (path === undefined) return fingerprint256 === undefined ? {} : { fingerprint256 }
  try {
    const ca = await readFile(path, 'utf8')
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new UsageError(`--ca: "${path}" holds no PEM certificate.`)
    return fingerprint256 === undefined ? { ca } : { ca, fingerprint256 }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--ca: "${path}" cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}
