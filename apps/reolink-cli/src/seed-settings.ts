import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { type Flags, UsageError } from '@cam/cli-kit'

/** What a settings file says besides the account of all devices. */
export interface Settings {
  /** `CAMERA_NAME` */
  readonly name?: string
  /** `CAMERA_IP` */
  readonly address?: string
  /** `formatExpected`: `hourly` or `minutely` */
  readonly interval?: string
  /** Any other line of it. */
  readonly values: NodeJS.Dict<string>
}

/** Reads `--env-file`; nothing where there is none. Throws UsageError. */
export function readSettings(flags: Flags): Settings {
  const path = flags.text('env-file')
  const values = path === undefined ? {} : parseEnv(textOf(path))
  const word = (name: string) => values[name]?.trim() || undefined
  const [name, address, interval] = [word('CAMERA_NAME'), word('CAMERA_IP'), word('formatExpected')]
  return { values, ...(name ? { name } : {}), ...(address ? { address } : {}), ...(interval ? { interval } : {}) }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code
    throw new UsageError(`--env-file: "${path}" cannot be read (${reason}).`, 'CREDENTIALS')
  }
}
