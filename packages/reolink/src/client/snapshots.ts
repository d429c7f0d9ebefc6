import { createHash, randomBytes } from 'node:crypto'
import { bytesSource, readJpeg, type Snapshot } from '@cam/download-core/source'
import { frozen, notAPicture, notUpYet, refused, unreadable } from '../failures.ts'
import type { Heard } from '../session/line.ts'
import { notLetIn } from '../session/log-in.ts'
import { readAnswers } from '../wire/envelope.ts'
import { kindOfCode } from '../wire/error-table.ts'
import type { Parameter } from '../wire/query.ts'
import {
  isLost,
  lostForGood,
  type Parts,
  type Pass,
  passParameters,
  plainText,
  type Verdict,
  withLogin,
} from './exchange.ts'

/** Smaller ones are no pictures of a camera. */
const leastSide = 16

/** Takes pictures and remembers the last of each channel, to tell a frozen camera from one that looks at a wall. */
export type TakeSnapshot = (channel: number, signal: AbortSignal) => Promise<Snapshot>

/** One try for each call, with a new session where the device wants one: when to try again is for whoever keeps the time. */
export function createSnapshots(parts: Parts): TakeSnapshot {
  const { settings, asked } = parts
  const last = new Map<number, { readonly digest: string; readonly repeats: number }>()

  return async (channel, signal) => {
    const what = `The picture of channel ${channel} of ${asked.address}`
    const attempt = (pass: Pass) => take(parts, pass, channel, what, signal)
    const heard = await withLogin(parts, attempt, signal, lostForGood(asked, what))
    await checkPicture(heard.bytes, what)
    const digest = createHash('sha256').update(heard.bytes).digest('hex')
    const before = last.get(channel)
    const repeats = before?.digest === digest ? before.repeats + 1 : 0
    last.set(channel, { digest, repeats })
    if (repeats >= settings.identicalPictures) throw frozen(what, repeats)
    return { bytes: heard.bytes, takenAt: heard.at, extension: 'jpg' }
  }
}

async function take(
  parts: Parts,
  pass: Pass,
  channel: number,
  what: string,
  signal: AbortSignal,
): Promise<Verdict<Heard>> {
  const { line, settings, asked, session } = parts
  const { stream, pictureSize: size } = settings
  const seals = pass === 'short' ? undefined : pass.seals
  const parameters: Parameter[] = [
    ['cmd', 'Snap'],
    ['channel', String(channel)],
    // Keeps whatever lies between from answering with an older one.
    ['rs', randomBytes(8).toString('hex')],
    ...(stream === 'sub' ? [['snapType', 'sub'] as const] : []),
    ...(size ? [['width', String(size.width)] as const, ['height', String(size.height)] as const] : []),
    ...passParameters(settings, pass),
    ...(seals ? [['encrypt', seals.stamp('Snap')] as const] : []),
  ]
  const heard = await line.ask({ parameters, signal, what: 'Snap' })
  const { bytes, status } = heard
  if (status >= 400) return { lost: notUpYet(asked, what, status) }
  if (isJpeg(bytes)) return { value: heard }
  // Nothing at all comes from devices that have forgotten the session.
  if (bytes.length === 0) return { lost: notAPicture(what, 'nothing came', 0, true) }
  const text = plainText(heard, pass, true) ?? ''
  const answer = readAnswers(text)?.[0]
  if (!answer?.refusal) throw unreadable(asked, what, line.redact(text))
  if (isLost(answer.refusal, pass)) return { lost: answer.refusal }
  const kind = kindOfCode(answer.refusal.code)
  if (pass !== 'short' || (kind !== 'credentials' && kind !== 'locked')) throw refused(asked, what, answer.refusal)
  const error = notLetIn(asked, answer.refusal)
  session.bar(error, 'retryAfterMs' in error ? Number(error.retryAfterMs) : Number.POSITIVE_INFINITY)
  throw error
}

/** Whole from its first to its last mark, and of a size a camera could have. PROTOCOL.md §2. */
async function checkPicture(bytes: Uint8Array, what: string): Promise<void> {
  const { complete, missing, problem, facts } = await readJpeg(bytesSource(bytes))
  if (!complete) throw notAPicture(what, problem ?? 'it is damaged', bytes.length, missing)
  const { width = 0, height = 0 } = facts
  if (width < leastSide || height < leastSide) throw notAPicture(what, `it is ${width}x${height}`, bytes.length, false)
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8
}
