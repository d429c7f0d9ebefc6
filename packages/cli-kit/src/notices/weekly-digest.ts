import { isCamError, type Run } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { type DigestNotice, digest, digestDue } from '@cam/notify'
import { type MemoryPlace, type NoticeMemory, readMemory, rememberWhat } from './memory.ts'

const dayMs = 86_400_000
/** Sources without a run for longer than this before the digest begins are no longer missed. */
const missedForMs = 35 * dayMs
/** One a minute for as long as a digest can reach back. */
const mostRuns = 60_000

/** Sends the digest of the week that is over, once for each archive, whichever process comes first. */
export async function tellDigest(
  o: MemoryPlace & { readonly timeZone: string },
  send: (notice: DigestNotice) => Promise<boolean>,
): Promise<void> {
  // Whether a week is over is known without reading the history.
  if (!dueFor([{ startedAt: 0 }], await readMemory(o), o)) return
  await rememberWhat(o, async (memory) => {
    const runs = await history(o.root)
    const due = dueFor(runs, memory, o)
    if (!due) return undefined
    const recent = runs.filter(({ startedAt }) => startedAt >= due.from - missedForMs)
    const delivered = await send(
      digest({ runs: recent, sources: firstRuns(runs, recent), ...due, timeZone: o.timeZone }),
    )
    return delivered ? { digestTo: due.to } : undefined
  })
}

/** Nothing is missed on the days before an archive was begun, or a source was added to it. `all`: newest first. */
function firstRuns(all: readonly Run[], recent: readonly Run[]) {
  // Where not all are known, nobody knows which was the first.
  if (all.length >= mostRuns) return []
  const ofInterest = new Set(recent.map(({ sourceId }) => sourceId))
  const first = new Map(all.map((run) => [run.sourceId, run]))
  return [...first.values()]
    .filter(({ sourceId }) => ofInterest.has(sourceId))
    .map((run) => ({ ...run, firstRunAt: run.startedAt }))
}

function dueFor(
  runs: readonly Pick<Run, 'startedAt'>[],
  { digestTo }: NoticeMemory,
  { clock, timeZone }: MemoryPlace & { readonly timeZone: string },
) {
  const now = clock.now()
  // One that ends after now was told by a clock that has been set right since.
  const lastTo = digestTo !== undefined && digestTo <= now ? { lastTo: digestTo } : {}
  return digestDue({ runs, ...lastTo, now, timeZone })
}

async function history(root: string): Promise<readonly Run[]> {
  try {
    await using ledger = await openLedger(root, { readOnly: true })
    return await ledger.runs({ limit: mostRuns })
  } catch (error) {
    if (isCamError(error) && error.code === 'ARCHIVE_MISSING') return []
    throw error
  }
}
