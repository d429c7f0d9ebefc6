import { type CamError, isCamError, retry } from '@cam/download-core/source'
import { notUpYet, refused, unreadable } from '../failures.ts'
import type { Heard } from '../session/line.ts'
import { notLetIn } from '../session/log-in.ts'
import { type Answer, type Command, type Refusal, readAnswers } from '../wire/envelope.ts'
import { kindOfCode } from '../wire/error-table.ts'
import type { CommandReply } from './device.ts'
import {
  isLost,
  lostForGood,
  type Parts,
  type Pass,
  plainText,
  putCommands,
  type Verdict,
  withLogin,
} from './exchange.ts'

/** One more gets -16 for all of them. PROTOCOL.md §1.1. */
const mostOfBatch = 35
/** What services of the device answer while they wake up; asked once more, as the vendor's other clients do. */
const askedAgain = new Set([-12, -13, -17])
const askAgainMs = 1000

/** The replies to commands, one for each; see `Device.call`. */
export async function callCommands(
  parts: Parts,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<CommandReply[]> {
  const replies: CommandReply[] = []
  for (let at = 0; at < commands.length; at += mostOfBatch) {
    replies.push(...(await askChunk(parts, commands.slice(at, at + mostOfBatch), signal)))
  }
  const again = replies.flatMap(({ error }, index) =>
    askedAgain.has(Number(error?.vendorCode)) && error?.retryable ? [index] : [],
  )
  if (again.length === 0) return replies
  await parts.settings.clock.wait(askAgainMs, signal)
  for (const index of again) replies[index] = (await askChunk(parts, [commands[index]!], signal))[0]!
  return replies
}

async function askChunk(parts: Parts, commands: readonly Command[], signal: AbortSignal): Promise<CommandReply[]> {
  if (commands.length === 1) return [await askPatiently(parts, commands[0]!, signal)]
  // What is known of encrypted sessions is one command at a time.
  const alone = parts.session.current?.seals !== undefined || parts.settings.login === 'encrypted'
  const together = alone ? 'collapsed' : await tryAgain(parts, signal, () => askTogether(parts, commands, signal))
  if (together !== 'collapsed') return together
  const replies: CommandReply[] = []
  for (const command of commands) replies.push(await askPatiently(parts, command, signal))
  return replies
}

function askPatiently(parts: Parts, command: Command, signal: AbortSignal): Promise<CommandReply> {
  return tryAgain(parts, signal, () => askAlone(parts, command, signal))
}

/** Errors that would be the same for everything are not asked for again: a locked account stays locked. */
async function tryAgain<T>({ settings }: Parts, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const result = await retry<{ value: T } | { error: unknown }>(
    async () => {
      try {
        return { value: await work() }
      } catch (error) {
        if (isCamError(error) && error.stops === 'run') return { error }
        throw error
      }
    },
    { ...settings.retry, clock: settings.clock, signal },
  )
  if ('error' in result) throw result.error
  return result.value
}

/** One command spoils the others in a way that says nothing of which: then they are asked one by one. PROTOCOL.md §1.1. */
function askTogether(
  parts: Parts,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<CommandReply[] | 'collapsed'> {
  const what = `${commands[0]!.cmd} and ${commands.length - 1} more`
  const attempt = async (pass: Pass): Promise<Verdict<CommandReply[] | 'collapsed'>> => {
    const heard = await putCommands(parts, pass, commands, signal)
    const answers = readHeard(parts, heard, pass, what, false)
    if (!Array.isArray(answers)) return answers
    const lost = answers.find(({ refusal }) => refusal && isLost(refusal, pass))?.refusal
    if (lost) return { lost }
    checkCredentials(parts, answers)
    const fits = answers.length === commands.length && answers.every((each, at) => belongs(each, commands[at]!))
    if (!fits) return { value: 'collapsed' }
    return { value: answers.map((answer, at) => replyOf(parts, commands[at]!, answer, heard.at)) }
  }
  // A batch that cannot be read may be readable in parts.
  return withLogin(parts, attempt, signal, lostForGood(parts.asked, what)).catch((error: unknown) => {
    if (isCamError(error) && (error.code === 'INCOMPLETE' || error.code === 'PROTOCOL') && !error.vendorCode) {
      return 'collapsed' as const
    }
    throw error
  })
}

function askAlone(parts: Parts, command: Command, signal: AbortSignal): Promise<CommandReply> {
  let tries = 0
  const attempt = async (pass: Pass): Promise<Verdict<CommandReply>> => {
    const heard = await putCommands(parts, pass, [command], signal)
    // A name the device never writes in UTF-8 must not hide everything else it says.
    const answers = readHeard(parts, heard, pass, command.cmd, tries++ > 0)
    if (!Array.isArray(answers)) return answers
    const [answer] = answers
    if (!answer || answers.length > 1 || !belongs(answer, command)) {
      return { lost: unreadable(parts.asked, command.cmd, JSON.stringify(answers.map(({ cmd }) => ({ cmd })))) }
    }
    if (answer.refusal && isLost(answer.refusal, pass)) return { lost: answer.refusal }
    checkCredentials(parts, answers)
    return { value: replyOf(parts, command, answer, heard.at) }
  }
  return withLogin(parts, attempt, signal, lostForGood(parts.asked, command.cmd))
}

/** The answers, or that what came is none: then the session is made anew, once, as for one that is not known. */
function readHeard(
  { asked, line }: Parts,
  heard: Heard,
  pass: Pass,
  what: string,
  lenient: boolean,
): Answer[] | { readonly lost: CamError } {
  if (heard.status >= 400) return { lost: notUpYet(asked, what, heard.status) }
  const text = plainText(heard, pass, lenient)
  const answers = text === undefined ? undefined : readAnswers(text)
  return answers ?? { lost: unreadable(asked, what, line.redact(text ?? heard.text())) }
}

/** What is unknown comes back under the name Unknown. */
function belongs({ cmd, refusal }: Answer, command: Command): boolean {
  return cmd === command.cmd || cmd === undefined || (refusal !== undefined && cmd === 'Unknown')
}

/** In short mode every request is a login, and a wrong one counts. */
function checkCredentials({ session, asked, settings }: Parts, answers: readonly Answer[]): void {
  if (settings.login !== 'short') return
  const wrong = answers.find(({ refusal }) => refusal && isAboutLogin(refusal))?.refusal
  if (!wrong) return
  const error = notLetIn(asked, wrong)
  if (!error.retryable) session.bar(error, Number.POSITIVE_INFINITY)
  else if ('retryAfterMs' in error) session.bar(error, Number(error.retryAfterMs))
  throw error
}

function isAboutLogin({ code }: Refusal): boolean {
  return ['credentials', 'locked'].includes(kindOfCode(code) ?? '')
}

function replyOf({ asked }: Parts, { cmd }: Command, { value, refusal }: Answer, at: number): CommandReply {
  return refusal ? { cmd, at, error: refused(asked, cmd, refusal) } : { cmd, at, value }
}
