import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { concat, type EarlierFilm, type MergeEvent as LibraryEvent, sideBySide } from '@cam/video-merge'
import { type Clip, inTime } from './footage.ts'
import { heldBy } from './held.ts'
import type { Journal, Subject } from './journal.ts'
import type { Merging } from './merging.ts'
import { type Made, publish, stands } from './publish.ts'
import type { MergedFilm, Vehicle } from './types.ts'

/** One film to be made, if it is not there already. */
export interface FilmJob {
  readonly vehicle: Vehicle
  readonly kind: MergedFilm['kind']
  readonly views: readonly string[]
  readonly clips: readonly Clip[]
  readonly subject: Subject
  readonly journal: Journal
  readonly stem: string
  readonly timeZone: string
}

/** Makes a film, unless nothing has changed since it was made. A failure is told, not thrown. Throws the signal's reason. */
export async function makeFilm(job: FilmJob, merging: Merging): Promise<void> {
  const { vehicle, kind, views, clips, subject, journal, stem } = job
  const done = (how: MergedFilm['how']) => (file: { readonly name: string; readonly bytes: number }) =>
    merging.film({
      ...{ vehicle, kind, views, how, window: subject.window },
      ...{ path: join(journal.folder, file.name), bytes: file.bytes },
    })
  const path = join(journal.folder, `${stem}.mp4`)
  try {
    const key = keyOf(job, merging)
    const entry = journal.find(subject)
    if (entry?.key === key && (await stands(journal, entry))) return entry.files.forEach(done('kept'))
    if (merging.over) throw merging.over
    const ffmpeg = await merging.ffmpeg()
    merging.tell({ type: 'merging', vehicle, kind, views, clips: clips.length, path })
    const into = join(journal.workFolder, `${stem}.mp4`)
    const onEvent = (event: LibraryEvent) => pass(event, path, `${vehicle.name}, ${views.join(' + ')}: `, merging)
    const { signal, clock } = merging
    const work = { into, overwrite: true, ffmpeg, unreadable: 'leave-out', signal, clock, onEvent } as const
    const made = kind === 'angle' ? await joined(job, work, merging) : await beside(job, work, merging)
    const warn = (text: string) => merging.tell({ type: 'warning', text })
    // A clip that could be read when it was looked at, and not when it was joined, is tried again by the next call.
    const shown = clips.filter(({ path }) => !made.leftOut.some((one) => one.path === path))
    const files = await publish(journal, subject, {
      ...{ ...made, stem, warn, timeZone: job.timeZone },
      key: made.leftOut.length > 0 ? '' : key,
      holds: heldBy(shown, subject.window),
    })
    files.forEach(done(made.how as MergedFilm['how']))
  } catch (error) {
    merging.failed({ vehicle, kind, views, error: error instanceof Error ? error : new Error(String(error)) })
  }
}

type Work = Pick<
  Parameters<typeof sideBySide>[0],
  'into' | 'overwrite' | 'ffmpeg' | 'unreadable' | 'signal' | 'onEvent'
>

/** `leftOut`: clips that could not be read. */
type Joined = Made & { readonly leftOut: readonly { readonly path: string }[] }

async function joined({ clips, views }: FilmJob, work: Work, merging: Merging): Promise<Joined> {
  const { reEncode = false } = merging.settings
  const whenDifferent = reEncode ? 'encode' : 'split'
  const { outputs, differences, leftOut } = await concat({ ...work, clips: inTime(clips), whenDifferent })
  leftOut.forEach(merging.unusable)
  if (outputs.length > 1) {
    const advice = 'Each is as it was recorded; --re-encode makes one of them, with a loss.'
    const text = `${views[0]} becomes ${outputs.length} files, because its clips differ: ${differences.slice(0, 3).join('; ')}. ${advice}`
    merging.tell({ type: 'info', text })
  }
  const hows = new Set(outputs.map(({ how }) => how))
  const how = hows.has('encoded') ? 'encoded' : hows.has('repaired') ? 'repaired' : 'copied'
  const endings = outputs.map((_, index) => (outputs.length === 1 ? '.mp4' : `_part${index + 1}.mp4`))
  return { how, leftOut, files: outputs.map(({ path }, index) => ({ path, ending: endings[index]! })) }
}

async function beside(job: FilmJob, work: Work, merging: Merging): Promise<Joined> {
  const { arrange, encoder } = merging.settings
  const earlier = await earlierFilm(job)
  const { output, leftOut, pieces } = await sideBySide({
    ...{ ...work, ...(earlier ? { earlier } : {}) },
    views: job.views.map((name) => ({ name, clips: inTime(job.clips.filter(({ view }) => view === name)) })),
    window: job.subject.window,
    timeZone: job.timeZone,
    ...(arrange ? { layout: arrange } : {}),
    ...(encoder ? { encoder } : {}),
  })
  leftOut.forEach(merging.unusable)
  return { how: 'encoded', leftOut, files: [{ path: output.path, ending: '.mp4' }], pieces }
}

/** The film that this one takes the place of: where a minute came late, the others are not encoded again. */
async function earlierFilm({ journal, subject }: FilmJob): Promise<EarlierFilm | undefined> {
  const entry = journal.find(subject)
  if (!entry?.pieces || !(await stands(journal, entry))) return undefined
  return { path: join(journal.folder, entry.files[0]!.name), pieces: entry.pieces }
}

/** Everything that decides what is in a film. */
function keyOf({ kind, views, clips, subject, timeZone }: FilmJob, { settings }: Merging): string {
  const { arrange, encoder, reEncode = false } = settings
  const inputs = inTime(clips).map(({ view, identity, start }) => [view, identity, start])
  const how = kind === 'angle' ? [reEncode] : [arrange, encoder, timeZone, views, subject.window]
  return createHash('sha256')
    .update(JSON.stringify([1, kind, inputs, how]))
    .digest('hex')
}

function pass(event: LibraryEvent, path: string, front: string, merging: Merging): void {
  if (event.type === 'progress') merging.tell({ ...event, path })
  if (event.type === 'warning' && !event.message.startsWith('Left out: '))
    merging.tell({ type: 'warning', text: `${front}${event.message}` })
}
