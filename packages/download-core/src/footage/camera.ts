/** A camera as its source lists it. Plain JSON. */
export interface Camera {
  /** Stable across runs and renames: a serial, a uid, a vendor id. Never a position in a list. */
  readonly id: string
  /** What the user calls it. Not unique; may be empty. */
  readonly name: string
  /** IANA zone the camera keeps its clock in, where known. */
  readonly timeZone?: string
  /** `offline` cameras are archived too: their footage may be stored elsewhere. */
  readonly state?: 'online' | 'offline' | 'unknown'
  /** The angles or streams it records, where one camera has several. */
  readonly views?: readonly string[]
  /** Whatever else the vendor tells, in the vendor's words, for people to read. */
  readonly facts?: Facts
}

/** Small printable details: shown, stored, never interpreted. */
export type Facts = Readonly<Record<string, string | number | boolean>>
