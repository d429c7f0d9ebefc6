import { basename, dirname, join, relative } from 'node:path'
import type { CommandTools } from '@cam/cli-kit'
import { type Camera, type CaptureEvent, disk, type Ledger, safeName, timeWindow } from '@cam/download-core'
import { fromImages, MergeError } from '@cam/video-merge'
import { Temporal } from 'temporal-polyfill'

/** Makes a film of each day that is over, while pictures go on. */
export interface DailyFilms {
  see(event: CaptureEvent): void
  /** Until the films that were begun are there. */
  finish(): Promise<void>
  /** Whether one could not be made. */
  readonly failed: boolean
}

interface Place {
  readonly root: string
  readonly ledger: Ledger
  readonly timeZone: string
}

/** One camera's day. */
interface Day {
  readonly camera: Camera
  readonly sourceId: string
  readonly date: string
}

/** Does nothing without `--daily-film`. */
export function dailyFilms(tools: CommandTools, place: Place): DailyFilms {
  const frameRate = tools.flags.number('daily-film')
  const sources = new Map<string, string>()
  const current = new Map<string, string>()
  const queued = new Set<string>()
  let work = Promise.resolve()
  let failed = false
  const dayOf = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(place.timeZone).toPlainDate()
  const keyOf = ({ id, name }: Camera) => JSON.stringify([id, name])

  function queue(day: Day): void {
    const key = `${day.sourceId} ${keyOf(day.camera)} ${day.date}`
    if (frameRate === undefined || queued.has(key)) return
    // Two days of a camera are all that can be asked for at a time.
    if (queued.size > 10_000) queued.clear()
    queued.add(key)
    // One after the other: pictures on time matter more.
    work = work.then(async () => {
      if (tools.stop.aborted) return
      if (!(await makeFilm(day, frameRate, place, tools))) failed = true
    })
  }

  return {
    get failed() {
      return failed
    },
    finish: () => work,
    see(event) {
      if (frameRate === undefined) return
      if (event.type === 'capture-started') {
        const yesterday = dayOf(tools.context.clock.now()).subtract({ days: 1 }).toString()
        for (const camera of event.cameras) {
          sources.set(keyOf(camera), event.sourceId)
          queue({ camera, sourceId: event.sourceId, date: yesterday })
        }
      }
      if (event.type !== 'slot') return
      const { camera, slot } = event
      const [key, today] = [keyOf(camera), dayOf(slot).toString()]
      const before = current.get(key)
      current.set(key, today)
      const sourceId = sources.get(key)
      if (before !== undefined && before !== today && sourceId) queue({ camera, sourceId, date: before })
    },
  }
}

/** False where there is none although there could be one. */
async function makeFilm(
  day: Day,
  frameRate: number,
  { root, ledger, timeZone }: Place,
  tools: CommandTools,
): Promise<boolean> {
  const { report, signal, flags } = tools
  const { camera, sourceId, date } = day
  const start = Temporal.PlainDate.from(date).toZonedDateTime(timeZone)
  const window = timeWindow(start.epochMilliseconds, start.add({ days: 1 }).epochMilliseconds)
  const images: string[] = []
  for await (const row of ledger.rows({ sourceId, cameraId: camera.id, kind: 'slot', outcomes: ['kept'], window })) {
    const at = row.window?.start ?? 0
    if (row.file && at >= window.start && at < window.end) images.push(join(root, row.file.path))
  }
  const there: string[] = []
  for (const image of images) if ((await disk.stat(image))?.kind === 'file') there.push(image)
  if (there.length < 2) return true
  const into = filmPath(there[0]!, camera, date)
  const shown = relative(root, into)
  if (await disk.stat(into)) return true
  const ffmpeg = flags.text('ffmpeg')
  try {
    const { output, images: count } = await fromImages({
      ...{ images: there, into, frameRate, signal, unreadable: 'leave-out', start: window.start },
      ...(ffmpeg ? { ffmpeg } : {}),
    })
    const fields = { camera: camera.name, cameraId: camera.id, date, path: shown, bytes: output.bytes, pictures: count }
    report.item(
      'film',
      fields,
      flags.on('quiet') ? undefined : `FILM  ${shown} (${count} of ${images.length} pictures)`,
    )
    return true
  } catch (error) {
    if (signal.aborted) return true
    if (!(error instanceof MergeError)) throw error
    const { code, message } = error
    report.item(
      'film-failed',
      { camera: camera.name, cameraId: camera.id, date, path: shown, code, message },
      `FAIL  ${shown}: ${message}`,
      'err',
    )
    return false
  }
}

/** `…/2026-03-29.mp4` beside the folder of a day's pictures; among them, where days share a folder. */
function filmPath(first: string, camera: Camera, date: string): string {
  const folder = dirname(first)
  return basename(folder).includes(date)
    ? `${folder}.mp4`
    : join(folder, safeName(`${camera.name || camera.id}_${date}.mp4`))
}
