import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { localTime } from '@cam/cli-kit'
import { disk, type TimeWindow } from '@cam/download-core'
import type { Journal, Subject } from './journal.ts'
import { publish, stands, withdraw } from './publish.ts'
import type { Missing, Vehicle } from './types.ts'
import { writeWhole } from './whole-file.ts'

/** What the list beside a film says. */
export interface MissingList {
  readonly vehicle: Vehicle
  readonly window: TimeWindow
  readonly views: readonly string[]
  readonly missing: readonly Missing[]
  readonly timeZone: string
}

/** Leaves a list of what is missing beside the films, or takes it away where nothing is missing any more. Throws DiskError. */
export async function writeMissing(
  list: MissingList,
  { journal, subject, stem }: { readonly journal: Journal; readonly subject: Subject; readonly stem: string },
  warn: (text: string) => void,
): Promise<void> {
  const entry = journal.find(subject)
  if (list.missing.length === 0) return entry && withdraw(journal, entry)
  const text = textOf(list, fullerFilms(journal, subject))
  const key = createHash('sha256').update(text).digest('hex')
  if (entry?.key === key && (await stands(journal, entry))) return
  await disk.mkdir(journal.workFolder)
  const path = join(journal.workFolder, `${stem}.txt`)
  await writeWhole(path, text)
  const files = [{ path, ending: '.txt' }]
  await publish(journal, subject, { files, how: 'written', key, stem, warn, timeZone: list.timeZone })
}

/** `driver  2025-04-16T13:41:00-05:00 to 2025-04-16T13:42:00-05:00  absent: …` */
function textOf(list: MissingList, fuller: readonly string[]): string {
  const { vehicle, window, views, missing, timeZone } = list
  const { start, end } = window
  const width = Math.max(...views.map(({ length }) => length))
  const span = (one: TimeWindow) => `${localTime(one.start, timeZone)} to ${localTime(one.end, timeZone)}`
  const lines = missing.map(
    (one) =>
      `${one.view.padEnd(width)}  ${span(one)}  ${one.because === 'none' ? 'not there' : one.because}: ${one.reason}`,
  )
  const head = `${vehicle.name}, ${span({ start, end })}: this is missing in the films beside this list.`
  const black = 'It is black where angles stand side by side, and left out where one stands alone.'
  const more =
    fuller.length === 0 ? [] : [`Some of it is in films made when there were more clips: ${fuller.join(', ')}.`]
  return `${[head, black, ...more, '', ...lines].join('\n')}\n`
}

/** Names of films of this time that show more than there are clips of now. */
function fullerFilms(journal: Journal, { vehicle, vehicleId, media, window }: Subject): string[] {
  const own = journal
    .entries()
    .filter((entry) => entry.aside && entry.vehicle === vehicle && entry.vehicleId === vehicleId)
    .filter((entry) => entry.media === media && entry.window.start === window.start)
  return own.flatMap(({ files }) => files.map(({ name }) => name)).sort()
}
