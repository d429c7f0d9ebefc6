/** The stream that is archived. */
const stream = 'main'

/** What of a clip a recording is. */
export interface Place {
  /** Start of the clip, epoch milliseconds. */
  readonly start: number
  /** Where in it the recording begins, where it is a piece of it. */
  readonly offsetMs?: number
}

/** `main/2026-02-09T00:00:00.137Z`, and of a piece `…+300000`: the same through both interfaces. */
export function recordingId({ start, offsetMs }: Place): string {
  const id = `${stream}/${new Date(start).toISOString()}`
  return offsetMs === undefined ? id : `${id}+${offsetMs}`
}

/** Undefined for what `recordingId` never made. */
export function readRecordingId(id: string): Place | undefined {
  const [, written = '', offset] = /^main\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)(?:\+(\d{1,12}))?$/.exec(id) ?? []
  const start = Date.parse(written)
  if (Number.isNaN(start)) return undefined
  return offset === undefined ? { start } : { start, offsetMs: Number(offset) }
}
