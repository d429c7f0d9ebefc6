import { isJsonObject } from '@cam/download-core/source'

/** What the `app` node tells. PROTOCOL.md §2.1. */
export interface AppPage {
  readonly version?: string
  readonly friendlyName?: string
  /** As printed on the camera, upper case. */
  readonly serial?: string
  readonly model?: string
  readonly firmware?: string
  readonly hostname?: string
}

/** Reads the reply of `app`; undefined where it is not the page of a timelapse app. */
export function readApp(json: unknown): AppPage | undefined {
  const setup = inside(json, 'manifest', 'acapPackageConf', 'setup')
  const device = inside(json, 'device')
  if (!setup && !device) return undefined
  const serial = word(device?.serial)?.replace(/[^0-9a-z]/gi, '')
  return present({
    version: word(setup?.version),
    friendlyName: word(setup?.friendlyName),
    serial: serial ? serial.toUpperCase() : undefined,
    model: word(device?.model),
    firmware: word(device?.firmware),
    hostname: word(device?.hostname),
  })
}

/** The serial in the realm of a login challenge: `AXIS_ACCC8E000001`, `AXIS_WS_…` on some paths. PROTOCOL.md §1.6. */
export function serialFromChallenge(header: string | undefined): string | undefined {
  return /\brealm\s*=\s*"?AXIS_(?:WS_)?([0-9A-F]{12})\b/i.exec(header ?? '')?.[1]?.toUpperCase()
}

/** What `status` says of the card; undefined where it says nothing. PROTOCOL.md §2.4. */
export function readCard(status: unknown): { readonly present: boolean; readonly message?: string } | undefined {
  const card = inside(status, 'sdcard')
  if (typeof card?.present !== 'boolean') return undefined
  const message = word(card.message)
  return { present: card.present, ...(message && { message }) }
}

/** What `migration` says of the conversion of AVI archives. PROTOCOL.md §2.4. */
export function readMigration(
  json: unknown,
): { readonly status: string; readonly done?: number; readonly of?: number } | undefined {
  const page = inside(json)
  const status = word(page?.status)
  if (!page || !status) return undefined
  return {
    status,
    ...(typeof page.completed === 'number' && { done: page.completed }),
    ...(typeof page.total === 'number' && { of: page.total }),
  }
}

/** Compares dotted numbers; a part that is no number counts as 0. */
export function atLeast(version: string, floor: string): boolean {
  const parts = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0)
  const [have, want] = [parts(version), parts(floor)]
  for (let i = 0; i < Math.max(have.length, want.length); i++) {
    const difference = (have[i] ?? 0) - (want[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

function inside(value: unknown, ...path: string[]): Record<string, unknown> | undefined {
  let current = value
  for (const name of path) current = isJsonObject(current) ? current[name] : undefined
  return isJsonObject(current) ? current : undefined
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : undefined
}

/** Without the members that are undefined. */
export function present<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never
}
