import { type CommandTarget, discreet } from '../target.ts'
import type { TargetOptions } from './parse-target.ts'

/** Reads what stands behind `exec:`. */
export function parseCommand(text: string, options: TargetOptions): CommandTarget {
  const [file, ...args] = splitCommand(text)
  if (!file) throw new RangeError('exec: must be followed by a command, such as exec:/usr/local/bin/tell-me.')
  return discreet({
    channel: 'command',
    // Arguments may be anything, a token included.
    label: `command ${file.split(/[/\\]/).at(-1)}`,
    secrets: [],
    file,
    args,
    ...(options.events ? { events: options.events } : {}),
  })
}

/**
 * Splits at white space; '…' and "…" hold together what is between them. No other character means anything, the backslash
 * neither, so that paths of every system can be written. Throws a RangeError where a quote is not closed.
 */
function splitCommand(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (const character of text) {
    if (character === '\0') throw new RangeError('A command cannot hold the character NUL.')
    if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + character
    }
  }
  if (quote !== '') throw new RangeError(`exec: a ${quote} is not closed.`)
  return word === undefined ? words : [...words, word]
}
