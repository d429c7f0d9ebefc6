import { at } from './fields.ts'

/** Where the account's API is, as a reply names it. */
export interface BaseUrl {
  readonly hostname: string
  readonly port: number
}

/** The `httpsBaseUrl` of a reply. PROTOCOL.md §2.2. */
export function readBaseUrl(json: unknown): BaseUrl | undefined {
  const hostname = at(json, 'httpsBaseUrl', 'hostname')
  const port = at(json, 'httpsBaseUrl', 'port') ?? 443
  if (typeof hostname !== 'string' || hostname.length > 253 || !/^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(hostname)) {
    return undefined
  }
  if (!Number.isInteger(port) || (port as number) < 1 || (port as number) > 65_535) return undefined
  return { hostname: hostname.toLowerCase(), port: port as number }
}
