import { createHash } from 'node:crypto'

// Leaves room for the suffix of a name that is taken within the 255 bytes a component may have.
const longestBytes = 240
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))/i

/** The first eight hex digits of the text's SHA-256: enough to tell apart names that collide. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/** The part after the last dot, without it; empty where there is none. */
export function extensionOf(name: string): string {
  return /[^.]\.([\p{L}\p{N}]{1,16})$/u.exec(name)?.[1] ?? ''
}

/**
 * Makes any text one path component that Linux, macOS, Windows and SMB accept: never empty, hidden, reserved, or longer than
 * 240 bytes, and never one that leads out of its folder. A longer name keeps its extension and gets a hash of the whole.
 */
export function safeName(text: string): string {
  const clean = text
    .normalize('NFC')
    .replace(/\p{Cs}/gu, '_')
    .replace(invisible, '')
    .replace(/[<>:"/\\|?*]/g, '_')
    .trim()
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length))
    .replace(/[. ]+$/, '')
    .replace(reserved, '_$&')
  return shorten(clean === '' ? '_' : clean)
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= longestBytes) return name
  const extension = extensionOf(name)
  const tail = `~${shortHash(name)}${extension === '' ? '' : `.${extension}`}`
  const room = longestBytes - Buffer.byteLength(tail)
  let head = ''
  let bytes = 0
  for (const character of extension === '' ? name : name.slice(0, -extension.length - 1)) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    head += character
  }
  return head.replace(/[. ]+$/, '') + tail
}

/** `name.ext` with a suffix before its extension. */
export function withSuffix(path: string, suffix: string): string {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  const extension = extensionOf(name)
  const stem = extension === '' ? name : name.slice(0, -extension.length - 1)
  return `${path.slice(0, slash)}${stem}${suffix}${extension === '' ? '' : `.${extension}`}`
}

/** Two paths with the same fold are the same file on a disk that ignores case. */
export function foldPath(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
