import type { MergeFootageOptions, MergeResult } from './types.ts'

/**
 * Joins the clips of each vehicle and angle in the order of time, whichever run fetched them, and puts the angles beside each other.
 * Where nothing changed since the last call nothing is done. Throws the signal's reason; whatever else goes wrong is in the result.
 */
export async function mergeFootage(options: MergeFootageOptions): Promise<MergeResult> {
  options.signal?.throwIfAborted()
  throw new Error('Not there yet.')
}
