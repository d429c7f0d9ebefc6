import { Temporal } from 'temporal-polyfill'
import type { Camera } from '../footage/camera.ts'
import type { Recording } from '../footage/recording.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { extensionOf, safeName } from './safe-name.ts'

/** Ready-made path templates. */
export const layouts = {
  /** The default: a folder per camera and day. */
  byDay: '{camera}/{start:yyyy/MM/dd}/{start:HH-mm-ssxx}.{ext}',
  /** A folder per camera. */
  byCamera: '{camera}/{start:yyyy-MM-dd_HH-mm-ssxx}.{ext}',
  /** The vendor's own names, side by side. */
  flat: '{name}',
} as const

/** What a path is made of. */
export interface LayoutSubject {
  readonly camera: Camera
  readonly recording: Recording
  readonly vendor: string
  readonly source: string
  /** The extension served, which wins over the one in a name. */
  readonly extension: string
}

/** Relative to the archive's root, with `/`, legal everywhere, always below the root. */
export type Layout = (subject: LayoutSubject) => string

type Piece = (subject: LayoutSubject) => string

const fields: Readonly<Record<string, Piece>> = {
  camera: ({ camera }) => camera.name || camera.id,
  cameraId: ({ camera }) => camera.id,
  view: ({ recording }) => recording.view ?? 'main',
  id: ({ recording }) => recording.id,
  name: vendorName,
  stem: (subject) => stemOf(vendorName(subject)),
  ext: ({ extension }) => extension,
  vendor: ({ vendor }) => vendor,
  source: ({ source }) => source,
}

/**
 * Reads a template such as `{camera}/{start:yyyy/MM/dd}/{start:HH-mm-ssxx}.{ext}`. Times are shown in `timeZone`, else in
 * the camera's zone, else in UTC; a recording without a date says `undated`. A function gives paths of its own, separated by `/`:
 * what is not legal everywhere is replaced in them, too, and none leads out of the archive. Throws a RangeError that names what
 * is wrong.
 */
export function compileLayout(template: string | Layout = layouts.byDay, timeZone?: string): Layout {
  if (timeZone !== undefined) checkZone(timeZone)
  if (typeof template === 'function') return (subject) => safePath(template(subject))
  if (template.includes('\\')) throw wrong(template, 'contains "\\"; folders are separated by "/"')
  if (template.startsWith('/')) throw wrong(template, 'starts with "/"; paths are relative to the archive')
  const components = splitOutsideBraces(template).map((component) => compileComponent(template, component, timeZone))
  return (subject) =>
    components
      .flatMap((pieces) => {
        const folders: string[] = ['']
        for (const piece of pieces) {
          // A time format may hold slashes of its own; what comes from a vendor never does.
          const [first = '', ...more] = piece(subject)
          folders[folders.length - 1] += first
          folders.push(...more)
        }
        return folders
      })
      .map(safeName)
      .join('/')
}

function safePath(path: string): string {
  if (typeof path !== 'string') throw new TypeError(`layout gave ${typeof path} for a path; it has to give text.`)
  const names = path.split('/').filter((name) => name !== '')
  return (names.length === 0 ? [''] : names).map(safeName).join('/')
}

function compileComponent(template: string, component: string, timeZone: string | undefined) {
  if (component === '') throw wrong(template, 'has an empty folder or file name')
  if (/^\.+$/.test(component)) throw wrong(template, `has the folder "${component}"`)
  return [...component.matchAll(/\{([^{}]*)\}|[^{}]+|[{}]/g)].map(([text, token]): ((s: LayoutSubject) => string[]) => {
    if (text === '{' || text === '}') throw wrong(template, `has a "${text}" without its partner`)
    if (token === undefined) return () => [text]
    const time = /^(start|end):(.+)$/s.exec(token)
    if (time) {
      const format = compileTime(template, time[2]!)
      const edge = time[1] as 'start' | 'end'
      return ({ recording, camera }) =>
        recording.window === undefined
          ? ['undated']
          : format(recording.window[edge], timeZone ?? knownZone(camera.timeZone)).split('/')
    }
    const field = Object.hasOwn(fields, token) ? fields[token] : undefined
    if (!field) throw wrong(template, `has the unknown token {${token}}; known are ${known}`)
    return (subject) => [field(subject).replaceAll('/', '_')]
  })
}

const known = `${Object.keys(fields)
  .map((name) => `{${name}}`)
  .join(' ')} {start:…} {end:…}`

const tokens: Readonly<Record<string, (at: Temporal.ZonedDateTime) => string>> = {
  yyyy: (at) => pad(at.year, 4),
  yy: (at) => pad(at.year % 100, 2),
  MM: (at) => pad(at.month, 2),
  dd: (at) => pad(at.day, 2),
  HH: (at) => pad(at.hour, 2),
  mm: (at) => pad(at.minute, 2),
  ss: (at) => pad(at.second, 2),
  SSS: (at) => pad(at.millisecond, 3),
  xx: (at) => at.offset.replace(':', ''),
  XX: (at) => (at.offsetNanoseconds === 0 ? 'Z' : at.offset.replace(':', '')),
}

function compileTime(template: string, format: string): (at: EpochMs, zone: string) => string {
  const parts = [...format.matchAll(/'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g)].map(([text, quoted]) => {
    if (quoted !== undefined) return () => quoted
    if (/^[A-Za-z]/.test(text)) {
      const token = Object.hasOwn(tokens, text) ? tokens[text] : undefined
      if (!token) {
        throw wrong(template, `has the unknown time token "${text}"; known are ${Object.keys(tokens).join(' ')}`)
      }
      return token
    }
    if (text === "'") throw wrong(template, "has a quote (') without its partner")
    return () => text
  })
  return (at, zone) => {
    const moment = Temporal.Instant.fromEpochMilliseconds(Math.round(at)).toZonedDateTimeISO(zone)
    return parts.map((part) => part(moment)).join('')
  }
}

function splitOutsideBraces(template: string): string[] {
  const components = ['']
  let depth = 0
  for (const character of template) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === '/' && depth === 0) components.push('')
    else components[components.length - 1] += character
  }
  return components
}

function vendorName({ recording, extension }: LayoutSubject): string {
  const name = recording.name ?? `${recording.id}.${recording.extension}`
  const own = extensionOf(name)
  return own === '' || own.toLowerCase() === extension.toLowerCase() ? name : `${stemOf(name)}.${extension}`
}

function stemOf(name: string): string {
  const extension = extensionOf(name)
  return extension === '' ? name : name.slice(0, -extension.length - 1)
}

function checkZone(timeZone: string): void {
  if (!isZone(timeZone)) {
    throw new RangeError(`timeZone must be an IANA zone such as "Europe/Berlin"; received "${timeZone}".`)
  }
}

const zones = new Map<string, boolean>()

function isZone(timeZone: string): boolean {
  let known = zones.get(timeZone)
  if (known === undefined) {
    try {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone)
      known = true
    } catch {
      known = false
    }
    zones.set(timeZone, known)
  }
  return known
}

/** A camera may claim any zone; one that does not exist must not stop its footage. */
function knownZone(claimed: string | undefined): string {
  return claimed !== undefined && isZone(claimed) ? claimed : 'UTC'
}

function wrong(template: string, what: string): RangeError {
  return new RangeError(`layout "${template}" ${what}.`)
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
