import type { Facts } from './camera.ts'
import type { EpochMs, TimeWindow } from './time-window.ts'

/** A digest the vendor states. */
export interface Checksum {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512' | 'crc32'
  /** Lower-case hex. */
  readonly hex: string
}

/**
 * How a broken transfer may go on.
 * - `validated`: the server states an ETag or Last-Modified that proves the bytes are still the same ones.
 * - `overlap`: it states none, but repeats the same bytes; the seam is compared.
 * - `never`: each request renders anew, so a broken transfer starts over.
 */
export type ResumePolicy = 'validated' | 'overlap' | 'never'

/** One piece of footage that becomes one file. Plain JSON: printable, storable, comparable. */
export interface Recording {
  /** Stable across runs; does not depend on the asked window, the segment length or coalescing. */
  readonly id: string
  readonly cameraId: string
  /** The angle or stream, where one camera has several. */
  readonly view?: string
  /** Unknown for archives without a trustworthy date: those are always listed and counted apart. */
  readonly window?: TimeWindow
  /** Where `window` comes from. `none` goes with an absent window. */
  readonly windowFrom: 'source' | 'asked' | 'name' | 'none'
  /** `false` marks a clip that is still growing: its outcome is `pending` until it is settled. Default `true`. */
  readonly settled?: boolean
  /** The vendor's own file name, for layouts. Untrusted: only ever used through the layout's name rules. */
  readonly name?: string
  /** Without a dot: `mp4`, `avi`. What `open` says later wins. */
  readonly extension: string
  /** Exact size in bytes, only where the vendor's number is exact. */
  readonly bytes?: number
  /** A size for people and progress bars; proves nothing. */
  readonly approximateBytes?: number
  readonly checksum?: Checksum
  readonly expect?: Expectation
  readonly resume: ResumePolicy
  /** Recordings that one paid request buys share an order. */
  readonly order?: string
  /** In the vendor's words, for layouts and people. */
  readonly facts?: Facts
}

/** What the finished file has to look like, compared with the file's own structure. */
export interface Expectation {
  readonly durationMs?: number
  /**
   * How far the file's duration may fall short of `durationMs`. Default 0. Where the window was asked for: how far the ends of
   * the file may be off. Default 10,000.
   */
  readonly toleranceMs?: number
  /**
   * Where, inside the recording's window, the vendor's own index says that there is footage. Default: all of it. Empty: there is
   * no such hint, and gaps are normal. For recordings whose window was asked for: what of these a file turns out not to hold is
   * asked for by itself.
   */
  readonly windows?: readonly TimeWindow[]
  /** A smaller picture is kept as `fidelity: 'proxy'`. */
  readonly width?: number
  readonly height?: number
  /** Exact number of pictures, where the vendor states it. */
  readonly frames?: number
}

/** A stretch of time for which the source says that there is nothing to fetch (now). Plain JSON. */
export interface Gap {
  readonly cameraId: string
  readonly view?: string
  readonly start: EpochMs
  readonly end: EpochMs
  readonly outcome: 'absent' | 'expired' | 'pending'
  /** The source's own reason, in words. */
  readonly reason: string
  readonly askAgainAfterMs?: number
}

/** True for what `recordings` or `open` answered in place of footage. */
export function isGap(item: object): item is Gap {
  return 'outcome' in item && 'reason' in item
}
