import { UsageError } from '../usage-error.ts'

/** One word of a command line as systemd reads it: its specifiers and variables are taken literally. Throws UsageError. */
export function quoted(word: string): string {
  if (/[\u0000-\u001f\u007f]/.test(word)) {
    throw new UsageError('A value of this line holds a line break or another control character; a unit cannot.')
  }
  const literal = word.replace(/%/g, '%%').replace(/\$/g, '$$$$')
  return /^[\w@%+=:,./-]+$/.test(literal) ? literal : `"${literal.replace(/[\\"]/g, '\\$&')}"`
}

/** A path as a setting of its own, such as `RequiresMountsFor=`. */
export function quotedPath(path: string): string {
  return quoted(path).replace(/\$\$/g, '$')
}
