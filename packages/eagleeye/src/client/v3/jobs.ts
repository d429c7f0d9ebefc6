import { type Clock, type EpochMs, isCamError, type Recording } from '@cam/download-core/source'
import { at, identifier } from '../../wire/v3/fields.ts'
import { type ListedJob, readListedJob } from '../../wire/v3/job.ts'
import type { Api } from './api.ts'
import { entries } from './lists.ts'

/** What the vendor already works on for this user, so that nothing is ordered a second time. */
export interface Jobs {
  /**
   * The vendor's id of an export of just this, if there is one that nobody took up yet: one of the last day that is still being made, and after an order
   * whose answer was lost at `since` one that was made since. Answers once for each.
   */
  take(recording: Recording, since: EpochMs | undefined, signal: AbortSignal): Promise<string | undefined>
  /** This one is known already. */
  taken(id: string): void
}

const unfinished = ['pending', 'started']
/** Ten thousand jobs. More are not looked through: an order too many costs less. */
const mostPages = 20
/** One that takes longer hangs, and is ordered anew. */
const longestMs = 86_400_000
/** How far the vendor's clock may be from ours. */
const clockMs = 600_000

/** Asks nothing before the first order, and for what an earlier run left once. */
export function createJobs(api: Api, clock: Clock): Jobs {
  const known = new Set<string>()
  let before: Promise<readonly ListedJob[]> | undefined
  let user: string | undefined

  const listed = async (states: readonly string[], signal: AbortSignal): Promise<readonly ListedJob[]> => {
    const found: ListedJob[] = []
    try {
      user ??= identifier(at(await api.get('users/self', {}, signal), 'id'))
      if (user === undefined) return found
      const query = { userId: user, state__in: states.join(',') }
      for await (const entry of entries(api, 'jobs', query, signal, mostPages)) {
        const job = readListedJob(entry)
        if (job && states.includes(job.state)) found.push(job)
      }
    } catch (error) {
      signal.throwIfAborted()
      // Whoever may not see jobs may order them all the same.
      if (!isCamError(error) || error.stops === 'run') throw error
    }
    return found
  }

  const left = async (signal: AbortSignal): Promise<readonly ListedJob[]> => {
    before ??= listed(unfinished, signal)
    try {
      return await before
    } catch (error) {
      before = undefined
      throw error
    }
  }

  return {
    taken: (id) => void known.add(id),
    async take({ cameraId, window }, since, signal) {
      const earliest = since === undefined ? clock.now() - longestMs : since - clockMs
      const jobs = since === undefined ? await left(signal) : await listed([...unfinished, 'success'], signal)
      const found = jobs.find(
        (job) =>
          !known.has(job.id) &&
          job.deviceId === cameraId &&
          job.start === window?.start &&
          job.end === window?.end &&
          job.createdAt >= earliest,
      )
      if (found) known.add(found.id)
      return found?.id
    },
  }
}
