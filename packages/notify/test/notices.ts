import { emptySummary, type Summary } from '@cam/download-core'
import type { RunNotice } from '../src/index.ts'

export const runId = '0b8a5ff2-3c4d-4e5f-8a9b-0c1d2e3f4a5b'

export const summary: Summary = {
  ...emptySummary(185_000),
  planned: 120,
  kept: 10,
  alreadyKept: 108,
  failed: 2,
  bytes: 33_500_000_000,
}

/** A run in which two of 120 recordings failed. */
export function partial(more: Partial<RunNotice> = {}): RunNotice {
  return {
    event: 'partial',
    runId,
    vendor: 'eagleeye',
    source: 'Main building',
    window: { start: Date.UTC(2026, 4, 3, 10), end: Date.UTC(2026, 4, 4, 10) },
    startedAt: Date.UTC(2026, 4, 4, 10, 0, 7),
    endedAt: Date.UTC(2026, 4, 4, 10, 3, 12),
    summary,
    perCamera: [
      { camera: 'Yard', planned: 80, kept: 10, alreadyKept: 70, failed: 0, bytes: 33_500_000_000 },
      { camera: 'Gate & <Door>', planned: 40, kept: 0, alreadyKept: 38, failed: 2, bytes: 0 },
    ],
    failures: [
      { camera: 'Gate & <Door>', recording: '10:15', code: 'SERVER', message: 'HTTP 503', httpStatus: 503 },
      { camera: 'Gate & <Door>', recording: '10:20', code: 'EXPIRED', message: 'out of retention' },
    ],
    nextAction: 'The next run tries them again.',
    exitCode: 1,
    ...more,
  }
}
