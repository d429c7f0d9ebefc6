import type { Notice } from '../notice.ts'
import { cleanText, cleanTexts } from './clean.ts'
import { asHtml, asText } from './content.ts'
import { digestContent } from './digest.ts'
import { clipped } from './measures.ts'
import { failuresInAll, runContent } from './run.ts'

/** Who tells. */
export interface Sender {
  /** The program's name, such as `eagleeye-cli`. */
  readonly cli: string
  readonly hostname: string
  /** IANA zone in which people read moments. Default UTC. */
  readonly timeZone?: string
  /** Never shown, wherever they appear. */
  readonly secrets?: readonly string[]
}

/** A notice, ready to go: for people and for programs. */
export interface Message {
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Counts, names and moments (ISO 8601, UTC) as plain JSON. */
  readonly json: Readonly<Record<string, unknown>>
  /** What it was made of, clean. */
  readonly notice: Notice
}

const jsonRows = 500

/**
 * Puts a notice into words. Every text in it becomes one line without control characters and secrets, so none can add a
 * header or a line of its own. `prefix` stands in place of `[vendor]`.
 */
export function renderMessage(raw: Notice, sender: Sender, prefix?: string): Message {
  const notice = cleanTexts(raw, sender.secrets)
  const host = cleanText(sender.hostname)
  const o = { prefix: cleanText(prefix ?? `[${nameOf(notice, sender.cli)}]`), host, timeZone: sender.timeZone ?? 'UTC' }
  const whole = notice.event === 'digest' ? digestContent(notice, o) : runContent(notice, o)
  const content = { ...whole, subject: clipped(whole.subject, 250) }
  const text = asText(content)
  return {
    subject: content.subject,
    text,
    html: asHtml(content),
    json: {
      type: 'cam-notification',
      version: 1,
      cli: sender.cli,
      host,
      subject: content.subject,
      text,
      ...plain(notice),
    },
    notice,
  }
}

/** A digest may be about several sources: it is the program's, unless they are all of one vendor. */
function nameOf(notice: Notice, cli: string): string {
  if (notice.event !== 'digest') return notice.vendor
  const vendors = new Set(notice.sources.map(({ vendor }) => vendor))
  return vendors.size === 1 ? [...vendors][0] || cli : cli
}

function plain(notice: Notice): Record<string, unknown> {
  const iso = (at: number) => (Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : undefined)
  if (notice.event === 'digest') return { ...notice, from: iso(notice.from), to: iso(notice.to) }
  const { window, startedAt, endedAt, perCamera, failures, failuresInAll: _, ...rest } = notice
  return {
    ...rest,
    startedAt: iso(startedAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(window ? { window: { start: iso(window.start), end: iso(window.end) } } : {}),
    ...(perCamera ? { perCamera: perCamera.slice(0, jsonRows) } : {}),
    ...(failures ? { failures: failures.slice(0, jsonRows), failuresInAll: failuresInAll(notice) } : {}),
  }
}
