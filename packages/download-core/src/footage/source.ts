import type { Camera } from './camera.ts'
import type { CamError } from './errors.ts'
import type { Checksum, Gap, Recording } from './recording.ts'
import type { EpochMs, TimeWindow } from './time-window.ts'

/** Every call into a source can be ended by its caller. */
export interface Call {
  readonly signal: AbortSignal
}

/**
 * One place footage comes from: a camera, a console, a cloud account. A vendor package makes one; the core does the rest.
 * Nothing is contacted before the first call; disposing logs out and closes sockets.
 */
export interface FootageSource extends AsyncDisposable {
  /** The vendor's name, for people. The core never decides by it. */
  readonly vendor: string
  /** Ceilings for the user's concurrency: what the device bears. */
  readonly limits: { readonly transfers: number; readonly transfersPerCamera: number }
  /**
   * `window`: its recordings are pieces cut from the asked window, so only what the ledger does not hold is asked for.
   * Default `own`: each recording is a thing of its own, whatever was asked.
   */
  readonly identity?: 'own' | 'window'
  /**
   * For `identity: 'window'`: how coarsely the source cuts, in milliseconds (the distance of its key frames). What a file turns
   * out not to hold is left alone this close to what is held. Default 2,000.
   */
  readonly granularityMs?: number
  /** How long to wait for this source where the user says nothing, as `openMs` and `idleMs` of ArchiveOptions. Milliseconds. */
  readonly patience?: { readonly openMs?: number; readonly idleMs?: number }
  /** Who answers at this address: a serial or account id that survives a new address. */
  identify(call: Call): Promise<Identity>
  cameras(call: Call): AsyncIterable<Camera>
  /** What should exist in the window; `undefined` asks for all there is. A throw means that this camera's listing failed. */
  recordings(camera: Camera, window: TimeWindow | undefined, call: Call): AsyncIterable<Recording | Gap>
  /**
   * For recordings that may be listed with a later end after they were kept: what of one lies behind `from`, as recordings of their
   * own, in order and without a hole, from `from` to the recording's end. The ids do not depend on that end. Empty where this cannot
   * be asked for; without it what was kept is done with. Not for `identity: 'window'`.
   */
  remainder?(recording: Recording, from: EpochMs): readonly Recording[]
  /** Starts one transfer. May start elsewhere than asked, and says where. */
  open(recording: Recording, from: OpenFrom, call: Call): Promise<OpenedRecording | NotReady | Gap>
  /**
   * Orders footage that has to be ordered first, and says how it stands; called again, with what the notes say by then, until
   * nothing is waiting. Right before it asks for an order it yields the note `asking`: that is durable before it is called on, so
   * that a crash at any moment never orders twice. A note `asking` of an earlier run is an order of unknown fate.
   */
  prepare?(asked: readonly Recording[], notes: readonly Note[], call: Call): AsyncIterable<Preparation>
  snapshot?(camera: Camera, call: Call): Promise<Snapshot>
}

/** Who a source is, wherever it answers. */
export interface Identity {
  readonly id: string
  readonly name: string
}

/** Proves that two replies speak of the same bytes. */
export interface Validator {
  /** As sent, quotes included. */
  readonly etag?: string
  /** As sent. */
  readonly lastModified?: string
  /** The reply's own `Date`, as sent: a Last-Modified is only strong when clearly older than it. */
  readonly date?: string
}

/** Where the transfer would like to go on. `byte` 0 asks for the whole. */
export interface OpenFrom {
  readonly byte: number
  /** What the bytes already held were served with. */
  readonly validator?: Validator
  readonly representation?: string
  readonly totalBytes?: number
}

/** A transfer under way. The core reads `body` to its end or calls its `return`, which closes the connection. */
export interface OpenedRecording {
  readonly body: AsyncIterable<Uint8Array>
  /** Position in the whole file of the first byte of `body`. */
  readonly startsAtByte: number
  /** Exact size of the whole file, where the server states it. */
  readonly totalBytes?: number
  readonly validator?: Validator
  /** Which rendering this is (URL family, container, export job). A part is only continued within one. */
  readonly representation: string
  readonly extension?: string
  readonly checksum?: Checksum
  /** What the vendor says it really delivers. */
  readonly actual?: TimeWindow
}

/** The vendor needs more time; asking again is free. */
export interface NotReady {
  readonly askAgainAfterMs: number
  /** 0 to 1. */
  readonly progress?: number
}

/** What the ledger remembers of an order between runs. Never holds a URL that is itself a key. */
export interface Note {
  readonly order: string
  readonly state: 'asking' | 'asked' | 'ready' | 'failed'
  /** The vendor's own id for it. */
  readonly vendorId?: string
  /** For people: how it stands. */
  readonly text?: string
  /** When it was asked for. */
  readonly at?: EpochMs
}

/** How one ordered recording stands. */
export interface Preparation {
  readonly recordingId: string
  /** Needed where recordings of several cameras were asked for under one id. */
  readonly cameraId?: string
  /** Needed where several views were asked for under one id. */
  readonly view?: string
  /** `pending`: not ready in this run. While it waits, and where it is pending, the text of the note says why. */
  readonly state: 'ready' | 'waiting' | 'pending' | 'failed'
  /** Written down durably before the source is called on. */
  readonly note?: Note
  /** Why it failed. Default: the source cannot do it, in the words of the note. Without a note nothing was asked: it may be tried again. */
  readonly error?: CamError
  readonly askAgainAfterMs?: number
  readonly progress?: number
  readonly bytes?: number
  readonly checksum?: Checksum
  /** The order turned out to be several recordings, or none. */
  readonly into?: readonly (Recording | Gap)[]
}

/** One picture, now. */
export interface Snapshot {
  readonly bytes: Uint8Array
  /** By our clock, as near as can be told: the middle between asking and being answered, where the camera does not say. */
  readonly takenAt: EpochMs
  readonly extension: string
}

/** Where a vendor keeps sessions and tokens between runs. The app passes it in; a vendor never touches the disk. */
export interface SessionStore {
  load(key: string): Promise<string | undefined>
  /** Durable before it returns. */
  save(key: string, value: string): Promise<void>
  remove(key: string): Promise<void>
  /** Held across processes until disposed. */
  lock(key: string, signal: AbortSignal): Promise<AsyncDisposable>
}

/** True where the vendor asked for more time. */
export function isNotReady(answer: OpenedRecording | NotReady | Gap): answer is NotReady {
  return 'askAgainAfterMs' in answer && !('outcome' in answer) && !('body' in answer)
}
