import { join } from 'node:path'
import type { Clock, EpochMs } from '@cam/download-core'
import { isErrno, readIfThere, reasonOf, writeDurably } from '../state/durable-file.ts'
import { lockFile } from '../state/file-lock.ts'

/** What an archive's people have been told already, so that it is told once. */
export interface NoticeMemory {
  /** Where the last digest that was delivered ends. */
  readonly digestTo?: EpochMs
  /** When it was last told that a login lapses. */
  readonly authExpiringAt?: EpochMs
  /** By source: runs that were found dead until then are told, or happened before anybody was to be told. */
  readonly interruptedUntil?: Readonly<Record<string, EpochMs>>
}

/** How the memory of one archive is reached. */
export interface MemoryPlace {
  /** The archive's root folder. */
  readonly root: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** People were told, but nobody will know that they were. */
export class NotNotedError extends Error {}

const lockPatienceMs = 10_000

/** Nothing where nothing was told yet, or where it cannot be read. */
export async function readMemory({ root }: Pick<MemoryPlace, 'root'>): Promise<NoticeMemory> {
  const text = await readIfThere(pathOf(root)).catch(() => undefined)
  if (text === undefined) return {}
  try {
    return asMemory(JSON.parse(text))
  } catch {
    return {}
  }
}

/**
 * Lets `tell` look and tell while no other process of this archive does, and keeps what it adds. Resolves with false where there is
 * no archive, or where another process tells for so long that this one leaves it to the next run. Throws where nothing can be written.
 */
export async function rememberWhat(
  place: MemoryPlace,
  tell: (memory: NoticeMemory) => Promise<NoticeMemory | undefined>,
): Promise<boolean> {
  const { root, clock, signal } = place
  const [patience, enough] = [new AbortController(), new AbortController()]
  const onAbort = () => patience.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  clock.wait(lockPatienceMs, enough.signal).then(
    () => patience.abort(new DOMException('Another process tells.', 'TimeoutError')),
    () => {},
  )
  let lock: AsyncDisposable
  try {
    signal.throwIfAborted()
    lock = await lockFile(join(root, '.cam', 'notices.lock'), clock, patience.signal)
  } catch (error) {
    if (patience.signal.aborted || signal.aborted || isErrno(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  } finally {
    enough.abort()
    signal.removeEventListener('abort', onAbort)
  }
  await using _ = lock
  const memory = await readMemory(place)
  const added = await tell(memory)
  if (added) {
    const { interruptedUntil } = memory
    const until = added.interruptedUntil ? { interruptedUntil: { ...interruptedUntil, ...added.interruptedUntil } } : {}
    const text = `${JSON.stringify({ version: 1, ...memory, ...added, ...until }, null, 2)}\n`
    await writeDurably(pathOf(root), text).catch((error: unknown) => {
      throw new NotNotedError(`What was told cannot be noted (${reasonOf(error)}): the next run tells it again.`)
    })
  }
  return true
}

function pathOf(root: string): string {
  return join(root, '.cam', 'notices.json')
}

function asMemory(value: unknown): NoticeMemory {
  if (typeof value !== 'object' || value === null) return {}
  const { digestTo, authExpiringAt, interruptedUntil } = value as Record<string, unknown>
  const moments = Object.entries(interruptedUntil ?? {}).filter((entry) => Number.isFinite(entry[1]))
  return {
    ...(Number.isFinite(digestTo) ? { digestTo: digestTo as EpochMs } : {}),
    ...(Number.isFinite(authExpiringAt) ? { authExpiringAt: authExpiringAt as EpochMs } : {}),
    ...(moments.length > 0 ? { interruptedUntil: Object.fromEntries(moments) as Record<string, EpochMs> } : {}),
  }
}
