import type { ResumePolicy } from '../footage/recording.ts'
import type { OpenedRecording } from '../footage/source.ts'
import type { PartFacts } from './part-file.ts'
import { isStrong, sameVersion } from './validator.ts'

/** What to do with a reply, given the bytes already held. */
export type Decision =
  /** It begins at byte 0: it replaces what is held. `changed`: it is another version of the recording. */
  | { readonly do: 'replace'; readonly changed: boolean; readonly reason: string }
  /** It begins within what is held: compare the overlap, then go on. */
  | { readonly do: 'continue' }
  /** It is of no use: another version, or bytes we did not ask for. Ask again from the start. */
  | { readonly do: 'ask-again'; readonly changed: boolean; readonly reason: string }

/** Whether bytes held under this policy may be continued by a later reply. */
export function resumable(policy: ResumePolicy, facts: PartFacts | undefined): boolean {
  return facts !== undefined && (policy === 'overlap' || (policy === 'validated' && isStrong(facts.validator)))
}

/** `held` is 0 where nothing held may be continued. */
export function reconcile(
  policy: ResumePolicy,
  facts: PartFacts | undefined,
  held: number,
  reply: OpenedRecording,
): Decision {
  const difference = policy === 'never' ? undefined : whatChanged(facts, reply)
  if (reply.startsAtByte === 0) {
    const why = policy === 'never' ? 'this source renders anew for each request' : 'the server sent everything again'
    return { do: 'replace', changed: difference !== undefined, reason: difference ?? why }
  }
  if (!Number.isSafeInteger(reply.startsAtByte) || reply.startsAtByte < 0 || reply.startsAtByte > held) {
    return {
      do: 'ask-again',
      changed: false,
      reason: `the server sent bytes from ${reply.startsAtByte} on where at most ${held} was asked for`,
    }
  }
  if (difference !== undefined) return { do: 'ask-again', changed: true, reason: difference }
  const etagGone = facts?.validator?.etag !== undefined && reply.validator?.etag === undefined
  if (policy === 'validated' && etagGone) {
    return { do: 'ask-again', changed: false, reason: 'the server no longer states which version it sends' }
  }
  return { do: 'continue' }
}

function whatChanged(facts: PartFacts | undefined, reply: OpenedRecording): string | undefined {
  if (!facts) return undefined
  if (facts.representation !== reply.representation) return 'the source offers another rendering of it'
  if (sameVersion(facts.validator, reply.validator) === 'changed') return 'the recording changed at its source'
  if (facts.total !== undefined && reply.totalBytes !== undefined && facts.total !== reply.totalBytes) {
    return `its size changed at its source from ${facts.total} to ${reply.totalBytes} bytes`
  }
  return undefined
}
