import type { CamError, Http, Snapshot } from '@cam/download-core/source'
import type { Settings } from '../options.ts'
import type { Command } from '../wire/envelope.ts'
import type { DeviceFacts, Session } from './facts.ts'

/** What came back for one command: its value, or why there is none. */
export type CommandReply =
  | { readonly cmd: string; readonly value: unknown; readonly error?: undefined }
  | { readonly cmd: string; readonly error: CamError; readonly value?: undefined }

/** Name and value of one parameter of an address. */
export type Parameter = readonly [name: string, value: string]

/** One device and the one login on it. Everything asked of it is asked one after the other. PROTOCOL.md §1. */
export interface Device extends AsyncDisposable {
  /**
   * The replies to the commands, in their order, one for each. A session the device no longer knows is renewed once, commands that
   * fail for the moment are asked once more, and a batch that collapsed is asked one by one. Throws where there is no answer at
   * all (NetworkError, TimeoutError, AuthenticationError, …); what one command is refused with is in its reply.
   */
  call(commands: readonly Command[], o: { readonly signal: AbortSignal }): Promise<CommandReply[]>
  /** The value of one command, or a throw of what it was refused with. */
  ask(command: Command, signal: AbortSignal): Promise<unknown>
  /** The token that lets media in; logs in where there is none yet, also in short mode. */
  token(signal: AbortSignal): Promise<string>
  /** Ends the session and begins another, whose token it gives. Once for all who ask at the same time. */
  renew(signal: AbortSignal): Promise<string>
  /**
   * The address of media, token included: GET it with `http`, as `{ ...target, signal }`. In an encrypted session it holds a
   * counter and is good for one request. The parameters are written as devices want them: spaces as `%20`, `/` as it is.
   */
  media(parameters: readonly Parameter[], signal: AbortSignal): Promise<Target>
  /** The address with these parameters and nothing else. */
  url(parameters: readonly Parameter[]): string
  /**
   * For media. `send` waits until nothing else is being asked, and lets others ask once the head of its reply is there; redirects
   * are not followed. Disposing it does nothing.
   */
  readonly http: Http
  /** Whether the session is the encrypted one, where media are asked for in another way. PROTOCOL.md §1.5. */
  readonly encrypted: boolean
  /** What the device says of itself; asked for once, `time` with it. */
  facts(signal: AbortSignal): Promise<DeviceFacts>
  /** One whole JPEG of a channel, now. */
  snapshot(channel: number, signal: AbortSignal): Promise<Snapshot>
  /** Who is logged in. */
  sessions(signal: AbortSignal): Promise<readonly Session[]>
  /** Ends one of them. Throws NotFoundError where there is none of that id. */
  endSession(id: string, signal: AbortSignal): Promise<void>
}

/** What a request for media needs besides a signal. */
export interface Target {
  readonly url: string
  /** As it goes on the wire: a URL would be rewritten. */
  readonly rawTarget: string
}

/** Nothing is contacted before the first call. Disposing ends the login. */
export function createDevice(_settings: Settings): Device {
  throw new TypeError('to come')
}
