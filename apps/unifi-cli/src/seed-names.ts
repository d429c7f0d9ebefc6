import { durationText, type Flags, localTime } from '@cam/cli-kit'
import { type Camera, compileLayout, type Layout, type Recording } from '@cam/download-core'

/**
 * The names of unifi-protect-video-downloader: `Front_Door_1a2b_2026-10-24--09-00-00+0200_2026-10-24--09-59-59+0200.mp4`, and with
 * --use-subfolders below `2026/10/24/Front_Door_1a2b/`. The offset is always there: the hour that a change of the clocks repeats has
 * two names.
 */
export function seedNames(flags: Flags): Layout {
  const file = '{camera}_{start:yyyy-MM-dd--HH-mm-ssxx}_{end:yyyy-MM-dd--HH-mm-ssxx}.{ext}'
  const template = flags.on('use-subfolders') ? `{start:yyyy/MM/dd}/{camera}/${file}` : file
  const layout = compileLayout(template, flags.text('timezone'))
  return ({ camera, recording, ...subject }) => {
    const { window } = recording
    // The end in the name is the last second that belongs to the piece.
    const named = window ? { ...recording, window: { start: window.start, end: window.end - 1 } } : recording
    return layout({ ...subject, camera: { ...camera, name: seedCamera(camera) }, recording: named })
  }
}

/** Letters, digits and spaces of the name, and the end of the id, because names are not unique. */
function seedCamera({ name, id }: Camera): string {
  const plain = name.replace(/[^\p{L}\p{N} ]/gu, '').trimEnd()
  return `${plain.replaceAll(' ', '_')}_${id.slice(-4)}`
}

/** What people know a recording by: its camera, its time, and what it shows. */
export function recordingText({ window, name, id }: Recording, camera: Camera): string {
  const who = camera.name || camera.id
  if (!window) return `${who} ${name ?? id}`
  const what = name?.replace(/\.[a-z0-9]{1,5}$/i, '') ?? durationText(window.end - window.start)
  return `${who} ${localTime(window.start, camera.timeZone ?? 'UTC')} ${what}`
}
