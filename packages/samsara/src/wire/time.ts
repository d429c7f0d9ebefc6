import type { EpochMs } from '@cam/download-core/source'

const earliest = Date.UTC(2000, 0, 1)
const latest = Date.UTC(2200, 0, 1)
const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** As requests and our own ids have it: `2025-04-16T18:30:00Z`, with milliseconds where there are any. */
export function timestamp(ms: EpochMs): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/** As replies have it, with an offset or a `Z`; between 2000 and 2200. Undefined for anything else. */
export function readTimestamp(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string' || !form.test(value)) return undefined
  const ms = Date.parse(value)
  return ms >= earliest && ms <= latest ? ms : undefined
}
