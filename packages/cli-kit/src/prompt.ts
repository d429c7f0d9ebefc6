import { addAbortSignal, type Readable } from 'node:stream'
import type { InputStream, OutputStream } from './surroundings.ts'
import { UsageError } from './usage-error.ts'

/** The user pressed Ctrl-C at a question. */
export class PromptInterrupted extends Error {}

const longest = 4096
/** What a terminal sends for arrows, Home, Delete … */
const cursorKey = /\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])/g

/** Asks on a terminal without showing what is typed. Throws PromptInterrupted on Ctrl-C, UsageError on Ctrl-D and for nothing, the signal's reason. */
export function askSecret(
  question: string,
  input: InputStream,
  output: OutputStream,
  signal: AbortSignal,
  what = 'password',
): Promise<string> {
  return new Promise((resolve, reject) => {
    // Before the question: whoever answers at once must not see the answer.
    input.setRawMode?.(true)
    output.write(question)
    input.setEncoding('utf8')
    let typed: string[] = []
    const finish = (settle: () => void) => {
      input.off('data', onData)
      input.off('end', onEnd)
      signal.removeEventListener('abort', onAbort)
      input.setRawMode?.(false)
      // A paused input lets the process end by itself.
      input.pause()
      output.write('\n')
      settle()
    }
    const onAbort = () => finish(() => reject(signal.reason))
    const onEnd = () => finish(() => reject(new UsageError(`No ${what} was typed.`, 'CREDENTIALS')))
    const onData = (chunk: string | Buffer) => {
      const characters = [...String(chunk).replace(cursorKey, '')]
      for (const [index, character] of characters.entries()) {
        if (character === '\r' || character === '\n') {
          if (typed.length === 0) return onEnd()
          finish(() => resolve(typed.join('')))
          // Whoever pastes several answers at once has given the next ones, too.
          const rest = characters.slice(index + (characters[index + 1] === '\n' && character === '\r' ? 2 : 1)).join('')
          if (rest !== '') input.unshift(rest)
          return
        }
        if (character === '\u0003') return finish(() => reject(new PromptInterrupted('interrupted')))
        if (character === '\u0004') return onEnd()
        if (character === '\u0015') typed = []
        else if (character === '\u007f' || character === '\b') typed.pop()
        else if (typed.length < longest) typed.push(character)
      }
    }
    input.on('data', onData)
    input.once('end', onEnd)
    signal.addEventListener('abort', onAbort, { once: true })
    input.resume()
  })
}

/**
 * One line that may be seen: the terminal shows it, and takes care of Ctrl-C. What follows the line stays in the stream. Throws
 * UsageError where nothing comes, and the signal's reason.
 */
export function askLine(
  question: string,
  input: InputStream,
  output: OutputStream,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let text = ''
    const finish = (endsLine: boolean, settle: () => void) => {
      input.off('data', onData)
      input.off('end', onEnd)
      signal.removeEventListener('abort', onAbort)
      input.pause()
      if (!endsLine) output.write('\n')
      settle()
    }
    const onAbort = () => finish(false, () => reject(signal.reason))
    const onEnd = () => {
      const last = lineOf(text).trim()
      const nothing = () => reject(new UsageError('Nothing was typed.', 'CREDENTIALS'))
      finish(false, last === '' ? nothing : () => resolve(last))
    }
    const onData = (chunk: string | Buffer) => {
      text += String(chunk)
      const end = /\r?\n|\r/.exec(text)
      if (end === null && text.length <= longest) return
      if (end === null) {
        const error = new UsageError(`More than ${longest} characters came before the end of the line.`, 'CREDENTIALS')
        return finish(false, () => reject(error))
      }
      const rest = text.slice(end.index + end[0].length)
      finish(Boolean(input.isTTY), () => resolve(lineOf(text.slice(0, end.index)).trim()))
      if (rest !== '') input.unshift(rest)
    }
    output.write(question)
    if ((input as Readable).readableEnded || (input as Readable).destroyed) return onEnd()
    input.setEncoding('utf8')
    input.on('data', onData)
    input.once('end', onEnd)
    signal.addEventListener('abort', onAbort, { once: true })
    input.resume()
  })
}

/** The first line of a stream that is not a terminal, without its line end. Throws the signal's reason. */
export async function firstLine(input: InputStream, signal: AbortSignal): Promise<string> {
  let text = ''
  addAbortSignal(signal, input as Readable)
  try {
    for await (const chunk of input) {
      text += String(chunk)
      if (/[\r\n]/.test(text) || text.length > longest) break
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
  return lineOf(text)
}

/** The first line of a text: editors put a line end after a password, and some put a byte order mark before it. */
export function lineOf(text: string): string {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0]!
}
