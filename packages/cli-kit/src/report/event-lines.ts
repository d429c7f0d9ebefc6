import { join } from 'node:path'
import type { ArchiveEvent, Camera, KeptFile, Outcome, Recording } from '@cam/download-core'
import type { Words } from '../definition.ts'
import { localTime } from './local-time.ts'
import { bytesText, loggedInText } from './measures.ts'
import { sizeOf } from './picture-count.ts'
import { proofText } from './proof-text.ts'

/** One line for people. Without a word in front it is indented. */
export interface Line {
  readonly to: 'out' | 'err'
  readonly word?: 'GET' | 'SAVE' | 'SKIP' | 'INFO' | 'FAIL' | 'WARN'
  readonly text: string
}

export interface LineOptions {
  readonly words: Words
  /** Put before the paths of saved files, as the user wrote it. */
  readonly dest: string
  readonly verbose?: boolean
  /** Say of files that are there already that their size was compared. */
  readonly checkSize?: boolean
  /** Only a time was asked for: nothing found in it says nothing about the rest. */
  readonly inWindow?: boolean
  /** Without a time, only what came since the last run is asked for. */
  readonly sinceLastRun?: boolean
}

/** What a run has shown before this event. */
export interface SoFar {
  readonly account: string
  /** Recordings in all lists together; `undefined` where no list could be read. */
  readonly found: number | undefined
}

/** What an event says, in the words people know from the tools this one follows. Failures and warnings go to `err`. */
export function eventLines(event: ArchiveEvent, options: LineOptions & SoFar): readonly Line[] {
  switch (event.type) {
    case 'archive-started':
      return [info(loggedInText(options.account, event.source.name || event.vendor, event.source.id))]
    case 'interrupted-run-found':
      return [
        info(`The run of ${isoText(event.run.startedAt)} ended without saying so; what it began is taken up again`),
      ]
    case 'camera-listed':
      return [info(listedText(event))]
    case 'listing-failed':
      return failed(`list of ${cameraName(event.camera)}`, event.error.message)
    case 'planned':
      if (options.found === undefined) return []
      if (options.found === 0 && options.inWindow) {
        const more = options.sinceLastRun
          ? 'An earlier --start looks further back.'
          : 'Without --start and --end, all times are looked at.'
        return [plain(`Nothing in the time asked for. ${more}`)]
      }
      return options.found === 0 ? [plain(options.words.none)] : [plain(options.words.found(options.found)), plain('')]
    case 'recording-started':
      return [{ to: 'out', word: 'GET', text: `${nameOf(event, options)}${sizeText(event.recording)}` }]
    case 'retrying':
      return [
        { to: 'err', text: `Attempt ${event.attempt}/${event.ofAttempts + 1} failed: ${errorText(event.error)}` },
        { to: 'err', text: `Retrying in ${Number((event.inMs / 1000).toFixed(1))} seconds...` },
      ]
    case 'resumed':
      return [info(`${nameOf(event, options)} goes on at byte ${event.atByte}`)]
    case 'restarted': {
      const wasted = event.wastedBytes > 0 ? `; ${bytesText(event.wastedBytes)} fetched in vain` : ''
      return [info(`${nameOf(event, options)} starts over (${event.reason}${wasted})`)]
    }
    case 'warning':
      return [{ to: 'err', word: 'WARN', text: `${nameOf(event, options)}: ${event.text}` }]
    case 'recording-ended':
      return outcomeLines(event.camera, event.recording, event.outcome, event.already === true, options)
    case 'gap': {
      const { start, end, outcome, reason } = event.gap
      const [from, to] = [start, end].map((moment) => localTime(moment, event.camera.timeZone ?? 'UTC'))
      return [info(`${cameraName(event.camera)}: nothing from ${from} to ${to}, ${outcome}: ${reason}`)]
    }
    case 'notice':
      return [info(event.text)]
    case 'stopping':
      return event.error ? [] : [info(event.reason)]
    default:
      return []
  }
}

function outcomeLines(
  camera: Camera,
  recording: Recording,
  outcome: Outcome,
  already: boolean,
  { dest, verbose, checkSize, words }: LineOptions,
): readonly Line[] {
  const name = recordingName(recording, camera, words)
  switch (outcome.outcome) {
    case 'kept': {
      if (already)
        return [skip(name, checkSize ? `already exists, size matches: ${outcome.bytes} bytes` : 'already exists')]
      const saved: Line = { to: 'out', word: 'SAVE', text: join(dest, outcome.path) }
      const proof = `${bytesText(outcome.bytes)} of ${cameraName(camera)}, complete: ${proofText(outcome.proof)}`
      return [
        saved,
        ...(outcome.adopted ? [{ to: 'out', text: 'was there already and is complete' } as const] : []),
        ...(verbose ? [{ to: 'out', text: proof } as const] : []),
        ...(verbose && outcome.fidelity === 'proxy' ? [plain(smallText(outcome))] : []),
      ]
    }
    case 'handed-over':
      return [skip(name, `handed over: ${outcome.reason}`)]
    case 'skipped':
      return [skip(name, outcome.reason)]
    case 'failed':
      return failed(name, outcome.message)
    case 'lost':
      return failed(name, `lost: ${outcome.reason}`)
    default:
      return [info(`${name} is ${outcome.outcome}: ${outcome.reason}`)]
  }
}

/** What the user knows a recording by. */
export function recordingName(recording: Recording, camera: Camera, words: Words): string {
  return words.recording?.(recording, camera) ?? recording.name ?? recording.id
}

function smallText(outcome: KeptFile): string {
  return ['a smaller picture than the camera records now', sizeOf(outcome)].filter(Boolean).join(': ')
}

function nameOf(event: { readonly recording: Recording; readonly camera: Camera }, { words }: LineOptions): string {
  return recordingName(event.recording, event.camera, words)
}

/** What the user calls a camera. */
export function cameraName(camera: Camera): string {
  return camera.name || camera.id
}

function plain(text: string): Line {
  return { to: 'out', text }
}

function info(text: string): Line {
  return { to: 'out', word: 'INFO', text }
}

function skip(name: string, why: string): Line {
  return { to: 'out', word: 'SKIP', text: `${name} (${why})` }
}

function failed(what: string, why: string): readonly Line[] {
  return [
    { to: 'err', word: 'FAIL', text: what },
    { to: 'err', text: why },
  ]
}

function listedText({ camera, recordings, gaps, bytes }: Extract<ArchiveEvent, { type: 'camera-listed' }>): string {
  const size = bytes === undefined ? '' : `, ${bytesText(bytes)}`
  const holes = gaps > 0 ? `, ${gaps} gap${gaps === 1 ? '' : 's'}` : ''
  return `Camera ${cameraName(camera)}: ${recordings} recording${recordings === 1 ? '' : 's'}${size}${holes}`
}

function sizeText({ bytes, approximateBytes }: Recording): string {
  if (bytes !== undefined) return ` (${bytesText(bytes)})`
  return approximateBytes === undefined ? '' : ` (about ${bytesText(approximateBytes)})`
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isoText(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
