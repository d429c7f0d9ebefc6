import { type ArchiveEvent, IncompleteError, type Outcome, type Recording, ServerError } from '@cam/download-core'

export const camera = { id: 'ACCC8E000001', name: 'Front Gate', timeZone: 'Europe/Berlin' }

export function recording(id: string, more: Partial<Recording> = {}): Recording {
  return {
    id,
    cameraId: camera.id,
    name: `${id}.mp4`,
    extension: 'mp4',
    windowFrom: 'source',
    window: { start: Date.UTC(2026, 2, 2), end: Date.UTC(2026, 2, 3) },
    resume: 'validated',
    ...more,
  }
}

export const kept: Outcome & { outcome: 'kept' } = {
  outcome: 'kept',
  path: 'a.mp4',
  bytes: 2048,
  sha256: 'ab'.repeat(32),
  proof: { by: 'length', bytes: 2048, statedBy: ['the list'] },
  covers: [{ start: Date.UTC(2026, 2, 2), end: Date.UTC(2026, 2, 3) }],
  facts: { start: 12345, codec: 'h264' },
  fidelity: 'full',
}

export const failure: Outcome & { outcome: 'failed' } = {
  outcome: 'failed',
  code: 'SERVER',
  message: 'GET /download was answered with 503.',
  retryable: true,
  attempts: 4,
  httpStatus: 503,
}

export const started: ArchiveEvent = {
  type: 'archive-started',
  runId: 'run-1',
  vendor: 'Pretend',
  source: { id: camera.id, name: 'AXIS P1375' },
  into: '/archive',
}
export const listed: ArchiveEvent = { type: 'camera-listed', camera, recordings: 3, gaps: 0, bytes: 3 * 1024 * 1024 }
export const listingFailed: ArchiveEvent = {
  type: 'listing-failed',
  camera,
  error: new IncompleteError('The list broke off after 4096 bytes.', { receivedBytes: 4096 }),
}
export const planned = (count: number): ArchiveEvent => ({ type: 'planned', planned: count, toFetch: count })
export const began = (id: string): ArchiveEvent => ({
  type: 'recording-started',
  camera,
  recording: recording(id, { bytes: 2048 }),
  path: `${id}.mp4`,
})
export const progress = (id: string, bytes: number): ArchiveEvent => ({
  type: 'progress',
  camera,
  recording: recording(id),
  path: `${id}.mp4`,
  bytes,
  totalBytes: 2048,
  bytesPerSecond: 1024,
})
export const retrying = (id: string): ArchiveEvent => ({
  type: 'retrying',
  camera,
  recording: recording(id),
  path: `${id}.mp4`,
  attempt: 1,
  ofAttempts: 3,
  inMs: 5000,
  error: new ServerError('GET /download was answered with 503.', { httpStatus: 503 }),
})
export const ended = (id: string, outcome: Outcome, already?: true): ArchiveEvent => ({
  type: 'recording-ended',
  camera,
  recording: recording(id),
  outcome,
  ...(already ? { already } : {}),
})
