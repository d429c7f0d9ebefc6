import { type Flags, type SourceContext, UsageError } from '@cam/cli-kit'
import type { Camera } from '@cam/download-core'
import { regions, type SamsaraSource, samsara } from '@cam/samsara'
import { mediaOf, viewsOf } from './flags.ts'
import { tellingOf } from './while-waiting.ts'

/** The organisation that flags and environment describe. Contacts nothing. Throws UsageError. */
export function sourceOf(flags: Flags, context: SourceContext): SamsaraSource {
  const { password: token, tls, timeouts, retry, clock, env } = context
  const vehicles = flags.list('vehicle')
  const source = samsara({
    ...{ token, tls, timeouts, retry, clock, env },
    baseUrl: originOf(flags, env),
    ...(vehicles.length > 0 && { vehicles }),
    views: viewsOf(flags),
    media: mediaOf(flags),
    askAgain: flags.on('ask-again'),
    maxQuotaSeconds: flags.number('max-quota-seconds'),
  })
  const timeZone = flags.text('timezone')
  return tellingOf(
    timeZone === undefined ? source : inZone(source, timeZone),
    context,
    flags.number('max-quota-seconds'),
  )
}

/** Host, and port where it is not the usual one. */
export function addressOf(flags: Flags): string {
  return new URL(flags.text('base-url') ?? regions[regionOf(flags)]).host
}

/** Vehicles keep no zone; people read their times in their own. */
function inZone(source: SamsaraSource, timeZone: string): SamsaraSource {
  return {
    ...source,
    async *cameras(call) {
      for await (const camera of source.cameras(call)) yield { ...camera, timeZone } satisfies Camera
    },
  }
}

/** The vendor's own host, unless the user named another one, or a pretend cloud its own. */
function originOf(flags: Flags, env: SourceContext['env']): string {
  const asked = flags.text('base-url')
  if (asked !== undefined) return asked
  const region = regionOf(flags)
  return pretendOrigins(env.CAM_SAMSARA_ORIGINS)[region] ?? regions[region]
}

function regionOf(flags: Flags): keyof typeof regions {
  return flags.text('region') as keyof typeof regions
}

/** Of a pretend cloud every host is a port of its own. */
function pretendOrigins(written: string | undefined): Readonly<Record<string, string>> {
  if (!written) return {}
  try {
    return Object(JSON.parse(written))
  } catch {
    throw new UsageError('CAM_SAMSARA_ORIGINS is no JSON; it is meant for pretend clouds, and best left unset.')
  }
}
