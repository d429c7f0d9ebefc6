import type { Media } from '../media/media.ts'
import { surveillanceFlv } from '../media/surveillance-flv.ts'
import { type FilmGroup, groupMs, surveillanceMp4 } from '../media/surveillance-mp4.ts'
import { clipsAt, type TimeWindow, type WorldCamera } from './world.ts'

/** `mp4` is what a media URL or the classic transcoder makes, `export` what a job makes: as long, but other bytes. */
export type FilmForm = 'flv' | 'mp4' | 'export'

/** The footage of a window, from the key picture before it on; undefined where there is none. */
export function filmOf(camera: WorldCamera, window: TimeWindow, form: FilmForm, now: number): Media | undefined {
  const moments = groupsIn(camera, window, now)
  const first = moments[0]
  if (!first) return undefined
  const { width, height, spec } = camera
  const seed = spec.id
  const groups = moments.map((group) => ({ ...group, at: group.shows - first.shows }))
  if (form !== 'flv')
    return surveillanceMp4({ seed, width, height, groups, createdAt: form === 'mp4' ? undefined : first.shows })
  const duration = (window.end - window.start) / 1000
  const facts = {
    ...{ duration, starttime: first.shows / 1000 },
    // The real ones state another size than they have, too.
    filesize: Math.round(duration * 375_163),
    ...{ videodatarate: 3001, canSeekToEnd: false },
  }
  return surveillanceFlv({ seed, width, height, groups, facts })
}

/**
 * Groups of pictures stand every five seconds from the start of their clip on. The clip that begins nearest before the
 * window leads; what the next ones add begins where the one before ends.
 */
function groupsIn(camera: WorldCamera, window: TimeWindow, now: number): Omit<FilmGroup, 'at'>[] {
  const clips = clipsAt(camera, now)
  const leading = clips.findLastIndex(({ start }) => start <= window.start)
  const groups: Omit<FilmGroup, 'at'>[] = []
  let from = window.start
  for (const clip of clips.slice(Math.max(leading, 0))) {
    const end = Math.min(clip.end, window.end)
    const skipped = Math.max(0, Math.floor((from - clip.start) / groupMs))
    for (let shows = clip.start + skipped * groupMs; shows < end; shows += groupMs) {
      const last = groups.at(-1)
      if (last && shows < last.shows + (last.lasts ?? groupMs)) continue
      groups.push({ shows, lasts: Math.min(groupMs, end - shows) })
    }
    from = Math.max(from, clip.end)
  }
  return groups
}
