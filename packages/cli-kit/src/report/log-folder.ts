import { stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { CliDefinition } from '../definition.ts'
import type { Flags } from '../flags/flag.ts'

/** Where the logs of runs go. */
export interface LogFolder {
  readonly path: string
  /** Whether it may be made now: a folder below an archive whose disk is not mounted would land on the wrong disk. */
  isThere(): Promise<boolean>
}

/** `undefined`: no logs are wanted. */
export function logFolder({ logFolder: usual }: Pick<CliDefinition, 'logFolder'>, flags: Flags): LogFolder | undefined {
  const dest = resolve(flags.text('dest')!)
  const asked = flags.text('log-dir')
  if (asked === 'none' || (asked === undefined && usual === undefined)) return undefined
  const path = asked === undefined ? join(dest, typeof usual === 'string' ? usual : usual!(flags)) : resolve(asked)
  const below = relative(dest, path)
  const isBelow = below !== '..' && !below.startsWith(`..${sep}`) && resolve(dest, below) === path
  return { path, isThere: async () => !isBelow || exists(join(dest, '.cam', 'archive.json')) }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
