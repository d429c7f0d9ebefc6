import {
  type Camera,
  type Coverage,
  type CoverageLine,
  coverage as coverageOf,
  gaps,
  type Ledger,
  type PictureCoverage,
  pictureCoverage,
} from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import type { CliDefinition } from '../definition.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { askedWindow, zoneOf } from '../flags/window.ts'
import { localTime } from '../report/local-time.ts'
import { durationText, printable } from '../report/measures.ts'
import { type Session, systemZone } from '../session.ts'

/** Shows from when to when there is footage, and the gaps. Contacts nobody, writes nothing. */
export async function coverage(session: Session): Promise<ExitCode> {
  const { flags, report, clock, definition } = session
  const asked = askedWindow(flags, clock.now())
  await using ledger = await openLedger(flags.text('dest')!, { readOnly: true })
  const zone =
    asked.timeZone ?? (asked.needsCameraZone ? zoneOf(await camerasOf(ledger), systemZone(session)) : undefined)
  const window = asked.resolve(zone ?? 'UTC')
  const cameras = flags.list('cameras')
  const all = await coverageOf({ ledger, cameras, ...(window ? { window } : {}) })
  const found = continuousOf(all, definition)
  for (const line of found.lines) {
    const others = found.lines.filter(({ camera, view }) => camera.id === line.camera.id && view === line.view)
    const isOneOfSeveral = new Set(others.map(({ sourceId }) => sourceId)).size > 1
    const from = isOneOfSeveral ? ` from ${line.sourceId}` : ''
    report.item('coverage', { ...line }, textOf(line, zone ?? zoneOf([line.camera], systemZone(session)), from))
  }
  const { totalsMs, undated } = found
  let holes = gaps(found).length
  let cameraCount = found.lines.length
  for await (const line of pictureCoverage({ ledger, cameras, ...(window ? { window } : {}) })) {
    cameraCount++
    holes += line.gaps.length
    report.item('picture-coverage', { ...line }, picturesText(line, zone ?? zoneOf([line.camera], systemZone(session))))
  }
  const text = cameraCount === 0 ? 'The ledger knows no footage here.' : `${holes} gap${holes === 1 ? '' : 's'}.`
  report.item('coverage-ended', { totalsMs, undated, gaps: holes }, text)
  return exitCodes.done
}

/** Without clips and pictures, unless there is nothing else. */
function continuousOf(all: Coverage, { isContinuous }: CliDefinition): Coverage {
  const lines = all.lines.filter(({ sourceId }) => isContinuous?.(sourceId) ?? true)
  if (lines.length === 0 || lines.length === all.lines.length) return all
  return { lines, totalsMs: sum(lines.map((line) => line.totalsMs)), undated: sum(lines.map((line) => line.undated)) }
}

function sum<Key extends string>(records: readonly Readonly<Record<Key, number>>[]): Record<Key, number> {
  const total = {} as Record<Key, number>
  for (const record of records) {
    for (const key of Object.keys(record) as Key[]) total[key] = (total[key] ?? 0) + record[key]
  }
  return total
}

async function camerasOf(ledger: Ledger): Promise<Camera[]> {
  const cameras = new Map<string, Camera>()
  for await (const { camera } of ledger.rows()) cameras.set(camera.id, camera)
  return [...cameras.values()]
}

function textOf({ camera, view, segments, totalsMs, undated }: CoverageLine, zone: string, from: string): string {
  const all = Object.values(totalsMs).reduce((sum, ms) => sum + ms, 0)
  const name = printable(`${camera.name || camera.id}${view === '' ? '' : ` ${view}`} (${camera.id})${from}`)
  const share =
    all > 0
      ? `kept ${durationText(totalsMs.kept)} of ${durationText(all)} (${percent(totalsMs.kept, all)})`
      : 'nothing with a date'
  const others =
    undated.kept + undated.notKept > 0
      ? `, and ${undated.kept} of ${undated.kept + undated.notKept} without a date`
      : ''
  const rows = segments.map(
    ({ state, start, end }) =>
      `  ${state.padEnd(8)} ${localTime(start, zone)}  ${localTime(end, zone)}  ${durationText(end - start)}`,
  )
  return [`${name}: ${share}${others}`, ...rows].join('\n')
}

function picturesText({ camera, from, to, kept, missing, gaps: holes }: PictureCoverage, zone: string): string {
  const all = kept + missing
  const name = printable(`${camera.name || camera.id} snapshot (${camera.id})`)
  const span = `${localTime(from, zone)} to ${localTime(to, zone)}`
  const rows = holes.map(
    (hole) =>
      `  missing  ${localTime(hole.from, zone)}  ${localTime(hole.to, zone)}  ${hole.count} picture${hole.count === 1 ? '' : 's'}`,
  )
  return [`${name}: ${kept} of ${all} pictures (${percent(kept, all)}), ${span}`, ...rows].join('\n')
}

/** Rounded down: 100% is only said where it is true. */
function percent(part: number, all: number): string {
  return `${(Math.floor((part / all) * 1000) / 10).toFixed(1)}%`
}
