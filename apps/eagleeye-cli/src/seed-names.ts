import { durationText, localTime } from '@cam/cli-kit'
import { type Camera, compileLayout, type Layout, type Recording } from '@cam/download-core'

/**
 * The names of the CooperGenomics scripts: `100a1000-20260209073000.137.flv`, the camera's id and the end of the clip in UTC, whatever
 * --timezone says. Of two clips that end in the same millisecond the second gets a suffix of its own.
 */
export function seedNames(): Layout {
  return compileLayout('{cameraId}-{end:yyyyMMddHHmmss.SSS}.{ext}', 'UTC')
}

/** What people know a recording by: its camera, its start and its length. */
export function recordingText({ window, id }: Recording, camera: Camera): string {
  const who = camera.name || camera.id
  if (!window) return `${who} ${id}`
  return `${who} ${localTime(window.start, camera.timeZone ?? 'UTC')} ${durationText(window.end - window.start)}`
}
