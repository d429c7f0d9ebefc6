import type { CamError, Http, Snapshot } from '@cam/download-core/source'
import { anotherDevice } from '../failures.ts'
import type { Settings } from '../options.ts'
import { createSession } from '../session/index.ts'
import { createLine } from '../session/line.ts'
import type { Command } from '../wire/envelope.ts'
import type { Parameter } from '../wire/query.ts'
import { callCommands } from './commands.ts'
import type { Parts } from './exchange.ts'
import { type DeviceFacts, factCommands, mayBeTheSame, readFacts, type Session } from './facts.ts'
import { endSession, listSessions } from './logins.ts'
import { createSnapshots } from './snapshots.ts'

/** What came back for one command: its value, or why there is none. `at` is when it was answered, by our wall clock. */
export type CommandReply =
  | { readonly cmd: string; readonly at: number; readonly value: unknown; readonly error?: undefined }
  | { readonly cmd: string; readonly at: number; readonly error: CamError; readonly value?: undefined }

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
  /**
   * What the device says of itself, `time` with it; asked for again where that is older than `maxAgeMs` (default 300,000), or of an
   * earlier login. Throws ProtocolError once it is another device than before.
   */
  facts(signal: AbortSignal, maxAgeMs?: number): Promise<DeviceFacts>
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

/** What devices say of themselves changes, but not from one question to the next. */
const factsLastMs = 300_000

/** Nothing is contacted before the first call. Disposing ends the login. */
export function createDevice(settings: Settings): Device {
  const { address, username, password, clock } = settings
  const asked = { address, username, secrets: [password] }
  const line = createLine(settings, asked)
  const session = createSession(line, settings, asked)
  const parts: Parts = { line, session, settings, asked }
  let known: { readonly facts: DeviceFacts; readonly at: number; readonly login: object | undefined } | undefined

  const ask = async (command: Command, signal: AbortSignal): Promise<unknown> => {
    const [reply] = await callCommands(parts, [command], signal)
    if (reply?.error) throw reply.error
    return reply?.value
  }

  /** A login that is new may be one on whatever has the address now. */
  const facts = async (signal: AbortSignal, maxAgeMs = factsLastMs): Promise<DeviceFacts> => {
    const isNew = known?.login !== session.current
    if (known && !isNew && clock.monotonic() - known.at < maxAgeMs) return known.facts
    const replies = await callCommands(parts, factCommands(username), signal)
    const read = readFacts(replies, settings)
    if (known && !mayBeTheSame(known.facts, read)) throw anotherDevice(asked, known.facts.name, read.name)
    known = { facts: read, at: clock.monotonic(), login: session.current }
    return read
  }

  return {
    call: (commands, { signal }) => callCommands(parts, commands, signal),
    ask,
    async token(signal) {
      session.check()
      return (await session.login(signal)).name
    },
    async renew(signal) {
      session.check()
      await session.renew(session.current, signal)
      if (known) await facts(signal)
      return (await session.login(signal)).name
    },
    async media(parameters, signal) {
      session.check()
      const { name, seals } = await session.login(signal)
      const all: Parameter[] = [...parameters, ['token', name]]
      if (seals) all.push(['encrypt', seals.stamp(parameters.find(([key]) => key === 'cmd')?.[1])])
      const url = line.url(all)
      return { url, rawTarget: url.slice(new URL(url).origin.length) }
    },
    url: (parameters) => line.url(parameters),
    http: line.http,
    get encrypted() {
      return session.current?.seals !== undefined
    },
    facts,
    snapshot: createSnapshots(parts),
    sessions: (signal) => listSessions(ask, signal),
    endSession: (id, signal) => endSession(ask, asked, id, signal),
    async [Symbol.asyncDispose]() {
      try {
        await session[Symbol.asyncDispose]()
      } finally {
        await line[Symbol.asyncDispose]()
      }
    },
  }
}
