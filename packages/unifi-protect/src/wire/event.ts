import { at, identifier, isObject, moment, present, within, words } from './fields.ts'

/** Something a console noticed. Plain JSON. */
export interface ProtectEvent {
  /** As the console asks for it: without the `e-` of its pictures. */
  readonly id: string
  /** The camera's id; absent for what belongs to none. */
  readonly cameraId?: string
  /** `motion`, `ring`, `smartDetectZone` … in the console's words. */
  readonly type: string
  /** `person`, `vehicle`, `alrmSmoke` …; empty where none was told. */
  readonly smartTypes: readonly string[]
  /** Epoch milliseconds. */
  readonly start: number
  /** Absent while it goes on. */
  readonly end?: number
  /** 0 to 100; always 0 for sounds. */
  readonly score?: number
}

/** Reads one event; undefined where it has no id, type or start to tell it by. PROTOCOL.md §3.4. */
export function readEvent(value: unknown): ProtectEvent | undefined {
  if (!isObject(value)) return undefined
  const id = bareEventId(identifier(value.id))
  const type = identifier(value.type)
  const start = moment(value.start)
  if (id === undefined || type === undefined || start === undefined) return undefined
  const end = moment(value.end)
  return {
    id,
    type,
    smartTypes: words(value.smartDetectTypes).map((each) => each.slice(0, 64)),
    start,
    ...present({
      cameraId: identifier(value.camera) ?? identifier(value.cameraId),
      // An end before the start is no end, but the event is over.
      end: end !== undefined && end < start ? start : end,
      score: within(value.score, 0, 100),
    }),
  }
}

/** Only at the beginning: the ids of newer consoles are UUIDs, and those have `e-` inside. */
export function bareEventId(id: string | undefined): string | undefined {
  const bare = id?.replace(/^e-/, '')
  return bare === '' ? undefined : bare
}

/** What was noticed, for people: what was seen, else how it was noticed. */
export function kindOf(event: ProtectEvent): string {
  return event.smartTypes.length > 0 ? event.smartTypes.join('-') : event.type
}

/** The list in a reply of `events`; undefined where it is none. */
export function eventsIn(json: unknown): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json
  const inner = at(json, 'data')
  return Array.isArray(inner) ? inner : undefined
}
