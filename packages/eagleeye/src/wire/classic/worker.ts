import { at, word } from './fields.ts'

/** How far a film is that is being made. */
export interface Worker {
  /** 0 to 1; only in the newer of the two bodies. */
  readonly progress?: number
  /** Why nothing will come of it, in the vendor's words. */
  readonly error?: string
}

/** Reads the body of a 201 or 202, in either of its forms. Empty for anything else. PROTOCOL.md §1.5. */
export function readWorker(text: string): Worker {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return {}
  }
  const ratio = at(json, 'data', 'meta', 'x-een-svc-renderer-transcode-complete-ratio')
  const progress = typeof ratio === 'string' && /^\d{1,3}(\.\d{1,6})?$/.test(ratio) ? Number(ratio) : ratio
  const error = word(at(json, 'data', 'error'))
  return {
    ...(typeof progress === 'number' && progress >= 0 && progress <= 1 && { progress }),
    ...(error !== undefined && { error }),
  }
}
