import type { Clock } from '../clock.ts'
import type { FootageSource } from '../footage/source.ts'
import type { TimeWindow } from '../footage/time-window.ts'

/** One rule every vendor package keeps. Plain data: any test framework can run it. */
export interface ConformanceCase {
  readonly name: string
  /** Why this target cannot show it, as the target itself declares; print it where it is defined. */
  notApplicable?(target: ConformanceTarget): string | undefined
  /** Throws an AssertionError where the rule is broken. Needs a target of its own: faults stay switched on. */
  run(target: ConformanceTarget): Promise<void>
}

/** A vendor package with the pretend vendor it is tested against. Made anew for each case. */
export interface ConformanceTarget {
  /** A new source, which has contacted nobody. The case disposes it. */
  makeSource(options?: { readonly wrongPassword?: boolean }): FootageSource
  /** Where all footage of `truth` lies. Default: all there is. */
  readonly window?: TimeWindow
  /** Every recording in the window, as it has to be in the archive. At least two. */
  truth(): readonly ExpectedRecording[]
  /** Everything that arrived at the pretend vendor so far, oldest first. */
  requests(): readonly ConformanceRequest[]
  /** The most media requests that were under way at one time. */
  mostTransfersAtOnce(): number
  /** What the pretend device bears. */
  readonly bears: { readonly transfers: number }
  readonly faults: ConformanceFaults
  /** Where footage has to be ordered first. */
  readonly orders?: ConformanceOrders
  /** Connections that are open now, at the pretend vendor's end. */
  openConnections(): number | Promise<number>
  /** A second server, which is none of the declared origins; or why nothing of this vendor can lead there. */
  readonly otherOrigin: OtherOrigin | { readonly impossible: string }
  /** Passwords, tokens and session ids that the source gets to know. */
  readonly secrets: readonly string[]
  /** An empty folder, removed by whoever made the target. */
  newFolder(): Promise<string>
  /** Where pauses should take no time. Limits of an hour and more must never come. Default: the machine's clock. */
  readonly clock?: Clock
}

/** One recording as it has to be in the archive. */
export interface ExpectedRecording {
  readonly cameraId: string
  readonly view?: string
  readonly recordingId: string
  /** Lower-case hex. */
  readonly sha256: string
}

/** One request as it arrived at the pretend vendor. */
export interface ConformanceRequest {
  readonly kind: 'login' | 'listing' | 'media' | 'other'
  /** It carried credentials, a token or a session. */
  readonly authenticated: boolean
}

/** Switches of the pretend vendor. */
export interface ConformanceFaults {
  /** The next media replies, so many of them, break off in mid-body as when a cable is pulled. */
  cutBodies(count: number): void
  /** While on, media replies end early and nothing in them says so. Or why this protocol has no such replies. */
  readonly truncateBodies: ((on: boolean) => void) | { readonly impossible: string }
  /** While on, media replies begin and then bring nothing more. */
  stallBodies(on: boolean): void
  /**
   * While on, one recording of `truth`, which is listed as ever, turns out not to exist when its media is asked for: the vendor
   * says in its own way that nothing was recorded. Answers which one it is. Or why nobody of this vendor ever says so.
   */
  readonly absentRecording:
    | ((on: boolean) => Pick<ExpectedRecording, 'cameraId' | 'view' | 'recordingId'>)
    | { readonly impossible: string }
  /** While on, the list of one camera fails; the others' are unharmed. Answers which camera it is. */
  failListing(on: boolean): string
}

/** Orders at the pretend vendor. */
export interface ConformanceOrders {
  /** How many were accepted, and so paid for. */
  accepted(): number
  /** Which order buys this recording, when all of `truth` is ordered: any text, the same for those that one order buys. */
  orderOf(expected: ExpectedRecording): string
  /** While on, nothing that is ordered gets ready. */
  holdBack(on: boolean): void
  /** While on, orders are accepted, and the replies to them are lost. */
  loseReplies(on: boolean): void
  /** While on, orders are refused in a way that leaves no doubt, and that passes. */
  refuse(on: boolean): void
}

/** A server that no source declares as its own. */
export interface OtherOrigin {
  /** While on, the pretend vendor sends whoever asks for media there. */
  redirectMedia(on: boolean): void
  /** Everything that arrived there. */
  requests(): readonly {
    readonly url: string
    readonly headers: Readonly<Record<string, string | string[] | undefined>>
  }[]
}
