import { type Flags, type SourceContext, UsageError } from '@cam/cli-kit'
import type { EagleEyeOptions } from '@cam/eagleeye'

type Hosts = NonNullable<EagleEyeOptions['hosts']>
type Env = SourceContext['env']

const usual = { classic: 'https://login.eagleeyenetworks.com', v3: 'https://api.eagleeyenetworks.com' }

/** Whether the flags choose the classic interface. */
export function isClassic(flags: Flags): boolean {
  return flags.text('api') === 'classic'
}

/** Host, and port where it is not the usual one, of whoever is asked first. */
export function addressOf(flags: Flags): string {
  return new URL(flags.text('base-url') ?? usual[isClassic(flags) ? 'classic' : 'v3']).host
}

/** The account that flags and environment describe. Contacts nothing. Throws UsageError. */
export function accountOf(flags: Flags, context: SourceContext): EagleEyeOptions {
  const { username, password, secrets, tls, timeouts, retry, sessions, clock, env } = context
  const hosts = hostsOf(flags, env)
  const how = { hosts, tls, timeouts, retry, sessions, clock, env }
  if (!isClassic(flags)) {
    return { api: 'v3', v3: { clientId: username, ...(password !== '' && { clientSecret: password }) }, ...how }
  }
  return {
    api: 'classic',
    classic: {
      ...{ username, password, apiKey: secrets['api-key'], tfaKey: secrets['tfa-key'] },
      apiKeyHeader: flags.text('api-key-header') as 'Authentication' | 'Authentication:' | 'Authorization',
      unattached: flags.on('unattached'),
    },
    ...how,
  }
}

/** The vendor's own hosts, unless the user named another one, or a pretend cloud its own. */
function hostsOf(flags: Flags, env: Env): Hosts {
  const base = flags.text('base-url')
  const asked = base === undefined ? {} : isClassic(flags) ? { classic: base } : { api: base }
  return { ...pretendHosts(env.CAM_EAGLEEYE_ORIGINS), ...asked }
}

/** Where the vendor asks for the consent. */
export function authOriginOf(flags: Flags, env: Env): string | undefined {
  return hostsOf(flags, env).auth
}

/** Of a pretend cloud every host is a port of its own, and nothing in its replies could be believed otherwise. */
function pretendHosts(written: string | undefined): Hosts {
  if (!written) return {}
  let named: Readonly<Record<string, string>>
  try {
    named = Object(JSON.parse(written))
  } catch {
    throw new UsageError('CAM_EAGLEEYE_ORIGINS is no JSON; it is meant for pretend clouds, and best left unset.')
  }
  const { classicLogin, classicBranded, auth, api, ...others } = named
  return { classic: classicLogin, branded: classicBranded, auth, api, trusted: Object.values(others) }
}
