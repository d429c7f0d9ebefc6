import { type Flags, UsageError } from '@cam/cli-kit'
import { readSettings } from './seed-settings.ts'

/** One device as the user named it. */
export interface Host {
  /** What its pictures are called; absent: what it calls itself. */
  readonly name?: string
  readonly address: string
}

/** `ADDRESS`, or `NAME=ADDRESS`. Throws UsageError. */
export function hostOf(text: string): Host {
  // An address has no `=`; a name may hold anything else.
  const at = text.indexOf('=')
  const [name, address] = at < 0 ? [undefined, text.trim()] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (address === '')
    throw new UsageError(`--host: "${shown(text)}" has no address; ADDRESS or NAME=ADDRESS is wanted.`)
  if (address.includes('@')) {
    throw new UsageError(`--host: "${shown(text)}" has an account in it; --username and --password-file are for that.`)
  }
  if (name === '') throw new UsageError(`--host: "${shown(text)}" has no name before its "=".`)
  return name === undefined ? { address } : { name, address }
}

/** All of them, no name and no address twice. Throws UsageError. */
export function hostsOf(texts: readonly string[]): readonly Host[] {
  const hosts = texts.map(hostOf)
  for (const key of ['name', 'address'] as const) {
    const seen = new Set<string>()
    for (const host of hosts) {
      const value = host[key]?.toLowerCase()
      if (value === undefined) continue
      if (seen.has(value)) throw new UsageError(`--host: the ${key} "${shown(host[key]!)}" is there twice.`)
      seen.add(value)
    }
  }
  return hosts
}

/** Without the account that somebody may have written into it. */
export function shown(address: string): string {
  return address.replace(/^([^=]*=)?([a-z]+:\/\/)?.*@/is, '$1$2***@')
}

/** The devices of a command line: `--host`, else the one of the settings file. Throws UsageError. */
export function hostsIn(flags: Flags): readonly Host[] {
  const given = flags.list('host')
  if (given.length > 0) return hostsOf(given)
  const { name, address } = readSettings(flags)
  if (address === undefined) {
    throw new UsageError('No device is named: --host ADDRESS, or CAMERA_IP in the file of --env-file.')
  }
  return [{ address, ...(name === undefined ? {} : { name }) }]
}

/** The only device. Throws UsageError. */
export function hostIn(flags: Flags, command: string): Host {
  const [host, ...others] = hostsIn(flags)
  if (others.length > 0) {
    throw new UsageError(`${command} speaks to one device; several --host are for capture. Run it once for each.`)
  }
  return host!
}
