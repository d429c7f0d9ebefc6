import { type Flags, type SourceContext, UsageError } from '@cam/cli-kit'
import type { Camera } from '@cam/download-core'
import { type Reolink, reolink, type Trigger } from '@cam/reolink'
import { type Host, hostIn, hostsIn, shown } from './hosts.ts'
import { readSettings } from './seed-settings.ts'

/** The only device of the command line. Contacts nothing. Throws UsageError. */
export function sourceOf(flags: Flags, context: SourceContext): Reolink {
  return deviceAt(hostIn(flags, context.command), flags, context)
}

/** One device. Contacts nothing. Throws TypeError and RangeError that name an option. */
export function deviceAt(host: Host, flags: Flags, context: SourceContext): Reolink {
  const { tls, timeouts, retry, clock, env } = context
  const trusts = Object.keys(tls).length > 0
  const [width, height] = textOf(flags, 'picture-size')?.split('x').map(Number) ?? []
  const triggers = flags.list('triggers') as readonly Trigger[]
  const source = reolink({
    ...{ host: host.address, timeouts, retry, clock, env, ...accountOf(host, flags, context) },
    ...(trusts ? { tls } : {}),
    login: flags.text('login') as 'auto',
    legacyTls: flags.on('legacy-tls'),
    timeZone: flags.text('device-timezone'),
    stream: flags.text('stream') as 'main' | 'sub',
    ...(triggers.length > 0 ? { triggers } : {}),
    ...(flags.on('allow-identical') ? { identicalPictures: 'allowed' as const } : {}),
    ...(width && height ? { pictureSize: { width, height } } : {}),
  })
  return host.name === undefined ? source : named(source, host.name)
}

/** As the user knows it, without an account; '' where no device is named, which is said when one is needed. */
export function addressOf(flags: Flags): string {
  try {
    return hostsIn(flags)
      .map(({ address }) => shown(address))
      .join(', ')
  } catch (error) {
    if (error instanceof UsageError) return ''
    throw error
  }
}

/** `CAM_REOLINK_PASSWORD_NORTH_GATE` of the device "North gate"; else the account of all of them. */
function accountOf({ name }: Host, flags: Flags, { username, password, env }: SourceContext) {
  const suffix = name?.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  if (!suffix) return { username, password }
  const { values } = readSettings(flags)
  const own = (variable: string) => values[`${variable}_${suffix}`] || env[`${variable}_${suffix}`]
  return { username: own('CAM_REOLINK_USERNAME') ?? username, password: own('CAM_REOLINK_PASSWORD') ?? password }
}

/** A device of one camera has the user's name; the cameras of a recorder have it before their own. */
function named(source: Reolink, name: string): Reolink {
  return {
    ...source,
    async *cameras(call) {
      const cameras: Camera[] = []
      for await (const camera of source.cameras(call)) cameras.push(camera)
      const alone = cameras.length === 1
      for (const camera of cameras) yield { ...camera, name: alone ? name : `${name} ${camera.name || camera.id}` }
    },
  }
}

function textOf(flags: Flags, name: string): string | undefined {
  return flags.knows(name) ? flags.text(name) : undefined
}
