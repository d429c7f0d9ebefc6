/** The nodes this client may ask. `reset` wipes the card on any request, so whatever is not here is refused. PROTOCOL.md §1.4. */
const allowed = new Set(['app', 'status', 'migration', 'archive', 'archives', 'download'])

/** The path of a node. Throws for one that is not on the list: a bug, not a fault of the camera. */
export function nodePath(app: 'timelapse2' | 'timelapseme', node: string): string {
  if (!allowed.has(node)) throw new Error(`This client does not ask for ${JSON.stringify(node)}.`)
  return `/local/${app}/${node}`
}

/** A request target in one of the two ways the apps read names. */
export interface Target {
  /** For the URL. */
  readonly url: string
  /** One character per byte, for the wire, where it differs from `url`. */
  readonly raw?: string
}

/** One query parameter. */
export type Parameter = readonly [name: string, value: string]

/** Percent-encoded, for apps that decode. */
export function encodedTarget(path: string, parameters: readonly Parameter[]): Target {
  return { url: `${path}?${parameters.map(([name, value]) => `${name}=${encoded(value)}`).join('&')}` }
}

/** As raw bytes, for apps that look for the bytes as sent; what HTTP cannot carry stays encoded. PROTOCOL.md §5. */
export function rawTarget(path: string, parameters: readonly Parameter[]): Target {
  const raw = `${path}?${parameters.map(([name, value]) => `${name}=${rawBytes(value)}`).join('&')}`
  return { ...encodedTarget(path, parameters), raw }
}

/** True where both ways write the same, so that there is only one way to ask. */
export function isPlain(value: string): boolean {
  return /^[\w.\-~]*$/.test(value)
}

/** True where an app that does not decode can never be asked for this name. PROTOCOL.md §5.2. */
export function needsDecoding(value: string): boolean {
  return [...bytesOf(value)].some((byte) => !goesRaw(byte))
}

const ampersand = 0x26

function goesRaw(byte: number): boolean {
  return byte > 0x20 && byte !== 0x7f && byte !== 0x23 && byte !== ampersand
}

/** Percent-encoded: nothing but letters, digits and `_.-~` stays as it is. */
export function encoded(value: string): string {
  return write(value, (_, character) => /[\w.\-~]/.test(character))
}

function rawBytes(value: string): string {
  return write(value, (byte) => goesRaw(byte))
}

/** By bytes, because encodeURIComponent throws on half a surrogate pair and leaves `'` to the mercy of URL. */
function write(value: string, asItIs: (byte: number, character: string) => boolean): string {
  let written = ''
  for (const byte of bytesOf(value)) {
    const character = String.fromCharCode(byte)
    written += asItIs(byte, character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return written
}

function bytesOf(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

/** The name a reply says it carries, as text; undefined where it says none. PROTOCOL.md §5.5. */
export function servedName(disposition: string | undefined): string | undefined {
  if (!disposition) return undefined
  // C writes the name twice, the second time without quotes and to the end of the line.
  const found = /filename\*=UTF-8''(.*)$/is.exec(disposition) ?? /filename=(.*)$/is.exec(disposition)
  const value = found?.[1]?.trim().replace(/^"(.*)"$/s, '$1')
  // Header text has one character per byte.
  return value ? new TextDecoder().decode(Uint8Array.from(value, (c) => c.charCodeAt(0) & 0xff)) : undefined
}
