import { basename, relative } from 'node:path'
import { type CommandTools, durationText, localTime } from '@cam/cli-kit'
import type { Clock } from '@cam/download-core'
import type { MergeError } from '@cam/video-merge'
import type { MergedFilm, MergeEvent, MergeResult, Missing } from './types.ts'

/** How events become lines. */
export interface TellOptions {
  readonly report: CommandTools['report']
  readonly clock: Clock
  /** Paths are shown from there. */
  readonly root: string
  readonly withoutProgress: boolean
}

const betweenProgressMs = 5000

/** Makes lines of what happens: for people, and with --json objects of their own. */
export function teller({ report, clock, root, withoutProgress }: TellOptions) {
  let toldAt = clock.monotonic()
  const reasons = new Set<string>()
  const shown = (path: string) => relative(root, path) || basename(path)
  const iso = (ms: number) => new Date(ms).toISOString()
  const about = ({ vehicle, kind, views }: Pick<MergedFilm, 'vehicle' | 'kind' | 'views'>) => ({
    ...{ camera: vehicle.name, cameraId: vehicle.id, kind, views },
  })
  const span = ({ start, end }: { start: number; end: number }) => ({ start: iso(start), end: iso(end) })
  return (event: MergeEvent): void => {
    if (event.type === 'info') report.info(event.text)
    if (event.type === 'warning') report.warning(event.text)
    if (event.type === 'merging') {
      toldAt = clock.monotonic()
      const { path, clips } = event
      const text = `MERGE ${named(event)}: ${clips} clip${clips === 1 ? '' : 's'}`
      report.item('merge-started', { ...about(event), clips, path: shown(path) }, text)
    }
    if (event.type === 'progress' && !withoutProgress && clock.monotonic() - toldAt >= betweenProgressMs) {
      toldAt = clock.monotonic()
      const { doneMs, totalMs, etaMs } = event
      const left = etaMs === undefined ? '' : `, about ${durationText(etaMs)} left`
      const text = `      ${Math.floor((100 * doneMs) / totalMs)} % of ${durationText(totalMs)}${left}`
      report.item(
        'merge-progress',
        { path: shown(event.path), doneMs, totalMs, ...(etaMs === undefined ? {} : { etaMs }) },
        text,
      )
    }
    if (event.type === 'merged') {
      const { film } = event
      const fields = { ...about(film), how: film.how, path: shown(film.path), bytes: film.bytes, ...span(film.window) }
      const text =
        film.how === 'kept'
          ? `SKIP  ${shown(film.path)}: nothing of it has changed`
          : `SAVE  ${shown(film.path)} (${hows[film.how]})`
      report.item('merged', fields, text)
    }
    if (event.type === 'missing') {
      const { vehicle, view, because, reason } = event.missing
      const fields = { camera: vehicle.name, cameraId: vehicle.id, view, ...span(event.missing), because, reason }
      report.item('merge-missing', fields, missingText(event.missing, event.timeZone))
    }
    if (event.type === 'unusable') {
      const { path, reason } = event.unusable
      report.item('merge-unusable', { path: shown(path), reason }, `FAIL  ${reason} It is left out.`, 'err')
    }
    if (event.type === 'failed') {
      const { error } = event.failure
      const code = (error as Partial<MergeError>).code ?? 'INTERNAL'
      // One missing program, or one full disk, keeps all films from being made.
      const again = reasons.has(error.message)
      reasons.add(error.message)
      const text = `FAIL  ${named(event.failure)}: ${again ? 'for the same reason' : error.message}`
      report.item('merge-failed', { ...about(event.failure), code, message: error.message }, text, 'err')
    }
  }
}

const hows = { copied: 'joined without loss', repaired: 'joined without loss', encoded: 'encoded' }

function named(film: Pick<MergedFilm, 'vehicle' | 'kind' | 'views'>): string {
  return nameOf(film.vehicle, what(film))
}

/** Of some clips nobody knows the vehicle. */
function nameOf({ name }: MergedFilm['vehicle'], of: string): string {
  return name === '' ? of : `${name} ${of}`
}

function what({ kind, views }: Pick<MergedFilm, 'kind' | 'views'>): string {
  return kind === 'angle' ? views.join(' + ') : `side by side (${views.join(' | ')})`
}

function missingText({ vehicle, view, start, end, because, reason }: Missing, timeZone: string): string {
  const which = because === 'none' ? '' : `${because}: `
  const length = durationText(end - start)
  return `GAP   ${nameOf(vehicle, view)}: nothing from ${localTime(start, timeZone)} on for ${length} (${which}${reason})`
}

/** The last line. */
export function tellEnd({ films, missing, unusable, failures }: MergeResult, report: CommandTools['report']): void {
  const unchanged = films.filter(({ how }) => how === 'kept').length
  const made = films.length - unchanged
  const fields = { made, unchanged, failed: failures.length, missing: missing.length, unusable: unusable.length }
  const sum = Object.entries(fields).map(([name, count]) => `${name}=${count}`)
  const nothing = films.length + failures.length === 0
  report.item('merge-ended', fields, nothing ? 'There is nothing to merge.' : `Merged. ${sum.join(' ')}`)
}
