import { localTime } from '@cam/cli-kit'
import { type Camera, type Layout, type Recording, safeName } from '@cam/download-core'
import type { Media } from '@cam/samsara'

/**
 * `Videos/Road_VideoClip_Truck 12_2025-04-16T13_30_00-05_00.mp4`: the names of SamsaraVideoDownloader. analog1 is `Analog`, as there;
 * the other angles have words of their own, and other media than highres say so.
 */
export function seedNames(media: Media, timeZone: string): Layout {
  const kind = media === 'highres' ? '' : `_${media}`
  return ({ camera, recording, extension }) => {
    const start = localTime(recording.window?.start ?? 0, timeZone).replaceAll(':', '_')
    const parts = [seedWord(recording.view ?? 'road'), 'VideoClip', camera.name || camera.id, start]
    return `Videos/${safeName(`${parts.join('_')}${kind}.${extension}`)}`
  }
}

/** What people know a recording by: vehicle, angle and minute. */
export function recordingText({ window, view, id }: Recording, camera: Camera): string {
  const when = window ? localTime(window.start, camera.timeZone ?? 'UTC') : id
  return [camera.name || camera.id, view, when].filter(Boolean).join(' ')
}

/** `Road`, `Driver`, `Analog`, `Analog2`, `RearHigh`. */
function seedWord(view: string): string {
  return view === 'analog1' ? 'Analog' : `${view.charAt(0).toUpperCase()}${view.slice(1)}`
}
