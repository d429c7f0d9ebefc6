import { randomBytes } from 'node:crypto'
import {
  type CommandTools,
  type ExitCode,
  exitCodes,
  type Flags,
  stateFolder,
  UsageError,
  type VendorProgram,
} from '@cam/cli-kit'
import type { EpochMs } from '@cam/download-core'
import { authorizeUrl, eagleEye, exchangeCode, loginExpiresAt, loginKey } from '@cam/eagleeye'
import { accountOf, authOriginOf, isClassic } from '../account.ts'
import { consentFor } from './consent.ts'

/** Asks for the consent that API v3 wants, once, and keeps what comes of it. */
export const login: VendorProgram = { check, run }

function check(flags: Flags): void {
  if (isClassic(flags)) {
    throw new UsageError('login belongs to --api v3; --api classic logs in by itself, with --username and a password.')
  }
}

async function run(tools: CommandTools): Promise<ExitCode> {
  const { flags, context, report, signal } = tools
  const { env, username: clientId } = context
  const sessions = context.sessions!
  const redirectUri = flags.text('redirect-uri')!
  const auth = authOriginOf(flags, env)
  const state = randomBytes(16).toString('hex')
  const url = authorizeUrl({ clientId, redirectUri, authOrigin: auth, state })
  const account = accountOf(flags, context)
  const code = await consentFor({ url, redirectUri, state }, tools)

  await exchangeCode(account, { code, redirectUri }, { signal })
  const expires = await loginExpiresAt(sessions, loginKey({ auth, clientId }))
  report.info(`The login is stored in ${stateFolder(env)}, in a file that only you can read.`)
  await using source = eagleEye(account)
  const { id, name } = await source.identify({ signal })
  report.item(
    'login-ended',
    { account: id, name, ...(expires !== undefined && { expires: new Date(expires).toISOString() }) },
    `Logged in as ${name} (${id}). ${lastsText(expires, context.clock.now())}`,
  )
  return exitCodes.done
}

const day = 86_400_000

function lastsText(expires: EpochMs | undefined, now: EpochMs): string {
  if (expires === undefined) return ''
  const until = `${new Date(expires).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (expires - now < day) return `It lasts until ${until} and cannot be renewed: then a new consent is needed.`
  return `It lasts until ${until} if nothing runs before; each run moves that on, for 90 days in all.`
}
