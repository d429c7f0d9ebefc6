import { type CommandTools, UsageError } from '@cam/cli-kit'
import { codeOf, pastedAnswer, tooLate } from './answer.ts'
import { type Listener, listenAt, placeOf } from './listen.ts'

/** What the browser is sent to ask, and how its answer is known. */
export interface Question {
  readonly url: string
  readonly redirectUri: string
  readonly state: string
}

const lastsMinutes = 10
/** Lines that are no answer, until nobody is believed to read what is said about them. */
const mostLines = 5

/**
 * Says where to go, and waits for the code, which the browser brings or the user pastes. Throws AuthenticationError where the answer is
 * no, is not ours or does not come, UsageError where it cannot come, and the signal's reason.
 */
export async function consentFor(question: Question, tools: CommandTools): Promise<string> {
  const { report, signal, context } = tools
  await using listener = await listenerFor(question, tools)
  report.info('A consent is given once, in a browser, by a user who may see the footage. Open this address there:')
  const { url, redirectUri } = question
  report.item('consent-asked', { url, redirectUri, listening: listener !== undefined }, `\n${url}\n`)
  report.info(
    listener
      ? `It leads back to ${redirectUri}. With a browser on another machine, paste the address that it ends at, or the code in it.`
      : 'The page it ends at may not load. Paste its address here, or the code in it.',
  )
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  try {
    return await Promise.race([
      ...(listener ? [listener.answer.then((answer) => codeOf(answer, { state: question.state, pasted: false }))] : []),
      pasted(question, tools, either, listener !== undefined),
      late(context.clock.wait(lastsMinutes * 60_000, either)),
    ])
  } finally {
    over.abort()
  }
}

/** Undefined where only pasting is left. */
async function listenerFor({ redirectUri }: Question, { report }: CommandTools): Promise<Listener | undefined> {
  const place = placeOf(redirectUri)
  if (!place) {
    report.info(`Only http://127.0.0.1:PORT can be listened on, so ${redirectUri} is not.`)
    return undefined
  }
  try {
    return await listenAt(place)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'another program listens there' : `it cannot be listened on (${code})`
    report.warning(`127.0.0.1:${place.port}: ${why}. The code has to be pasted.`)
    return undefined
  }
}

/** Where nothing can be typed and somebody listens, never ends by itself. */
async function pasted(
  { state }: Question,
  { ask, report }: CommandTools,
  signal: AbortSignal,
  isListening: boolean,
): Promise<string> {
  for (let lines = 0; lines < mostLines; lines++) {
    let line: string
    try {
      line = await ask('Code or address: ', signal)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      if (!isListening) {
        throw new UsageError(
          'The consent cannot come back: nobody listens, and standard input has no code. Run login on a terminal.',
        )
      }
      return new Promise<never>(() => {})
    }
    const answer = pastedAnswer(line)
    if (answer) return codeOf(answer, { state, pasted: true })
    report.warning('That is neither a code nor an address with one in it. Paste all of the address, from http on.')
  }
  throw new UsageError('None of what was pasted has a code in it.')
}

async function late(waited: Promise<void>): Promise<never> {
  await waited
  throw tooLate(lastsMinutes)
}
