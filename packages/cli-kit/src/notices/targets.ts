import { parseEnv } from 'node:util'
import { type NotifyEvent, type NotifyTarget, parseEvents, parseTarget } from '@cam/notify'
import { cutByComment, readSecretFile } from '../credentials.ts'
import type { Flags } from '../flags/flag.ts'
import { UsageError } from '../usage-error.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Whom `--notify` names, and about what they are told. */
export interface NoticeTargets {
  readonly targets: readonly NotifyTarget[]
  /** Absent: what @cam/notify tells unless it is told otherwise. */
  readonly on?: readonly NotifyEvent[]
  /** Variables that hold a URL. */
  readonly names: readonly string[]
  /** What must appear nowhere. */
  readonly secrets: readonly string[]
  readonly warnings: readonly string[]
}

const mailPassword = 'CAM_NOTIFY_SMTP_PASSWORD'
const fromEnv = /^env:(.*)$/s

/** Reads `--notify` and `--notify-on`; contacts nothing. Throws UsageError, which shows nothing of a URL. */
export async function readTargets(flags: Flags, env: Env): Promise<NoticeTargets> {
  const given = flags.list('notify')
  if (given.length === 0) return { targets: [], names: [], secrets: [], warnings: [] }
  const names = given.flatMap((text) => fromEnv.exec(text)?.[1] ?? [])
  const warnings: string[] = []
  const settings = await readSettings(flags.text('env-file'), [mailPassword, ...names], warnings)
  const urls = given.map((text) => urlOf(text, { ...env, ...settings }))
  const password = settings[mailPassword] ?? env[mailPassword]
  const targets = urls.map((url) => asUsage('notify', () => parseTarget(url, { [mailPassword]: password })))
  for (const [index, target] of targets.entries()) {
    if (fromEnv.test(given[index]!) || !hasPassword(urls[index]!)) continue
    warnings.push(
      `--notify shows the password of "${target.label}" to everybody who can list processes on this machine; ` +
        `${target.channel === 'mail' ? `${mailPassword} and ` : ''}env:NAME do${target.channel === 'mail' ? '' : 'es'} not.`,
    )
  }
  const listed = flags.list('notify-on')
  const on = listed.length > 0 ? asUsage('notify-on', () => parseEvents(listed.join(','))) : undefined
  if (on?.includes('expiring')) {
    warnings.push('--notify-on expiring: no source tells when its footage will be gone, so nothing is sent for it.')
  }
  const secrets = [...targets.flatMap((target) => target.secrets), ...(password ? [password] : [])]
  return { targets, ...(on ? { on } : {}), names, secrets, warnings }
}

/** Other warnings about the file are given where the credentials are read from it. */
async function readSettings(path: string | undefined, looked: readonly string[], warnings: string[]): Promise<Env> {
  if (path === undefined) return {}
  const text = await readSecretFile(path, 'env-file', [])
  warnings.push(...cutByComment(path, text, looked))
  return parseEnv(text)
}

function urlOf(text: string, env: Env): string {
  const name = fromEnv.exec(text)?.[1]
  if (name === undefined) return text
  // Not repeated: whoever wrote env: before a URL meant to keep it secret.
  if (!/^[a-z_]\w*$/i.test(name)) throw new UsageError('--notify: env: must be followed by the name of a variable.')
  const found = env[name]?.trim()
  if (!found) throw new UsageError(`--notify: env:${name} is neither in the environment nor in --env-file.`)
  return found
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== ''
}

function asUsage<T>(flag: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--${flag}: ${error.message}`)
    throw error
  }
}
