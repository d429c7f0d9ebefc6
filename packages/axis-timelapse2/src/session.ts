import { isCamError } from '@cam/download-core/source'
import type { ArchiveClient } from './client/archive-client.ts'
import { type Conversation, createConversation } from './client/conversation.ts'
import { timelapse2 } from './client/timelapse2.ts'
import { timelapseme, timelapsemeList } from './client/timelapseme.ts'
import { noApp, notFound, notRunning } from './failures.ts'
import type { Settings } from './options.ts'
import { type AppPage, readApp, serialFromChallenge } from './wire/app.ts'
import { nodePath } from './wire/target.ts'

/** The app that answered, and the camera it runs on. */
export interface App {
  readonly client: ArchiveClient
  readonly page: AppPage
  /** The serial, or the address where nothing tells it. */
  readonly cameraId: string
}

/** One camera: found out about on the first call, once, whoever asks. */
export interface Session extends AsyncDisposable {
  readonly conversation: Conversation
  app(signal: AbortSignal): Promise<App>
}

/** Nothing is contacted before the first call. */
export function createSession(settings: Settings): Session {
  const conversation = createConversation(settings)
  let finding: Promise<App> | undefined
  return {
    conversation,
    async app(signal) {
      for (;;) {
        signal.throwIfAborted()
        const own = finding === undefined
        finding ??= find(conversation, settings, signal).catch((error: unknown) => {
          finding = undefined
          throw error
        })
        try {
          return await finding
        } catch (error) {
          // Somebody else's abort is not ours: begin anew.
          if (own || signal.aborted || isCamError(error)) throw error
        }
      }
    },
    [Symbol.asyncDispose]: () => conversation[Symbol.asyncDispose](),
  }
}

const appPath = nodePath('timelapse2', 'app')

async function find(conversation: Conversation, settings: Settings, signal: AbortSignal): Promise<App> {
  const tried: { path: string; got: string }[] = []
  if (settings.app !== 'timelapseme') {
    const page = await askTimelapse2(conversation, signal)
    if (typeof page !== 'string') {
      const cameraId = page.serial ?? (await serial(conversation, appPath, signal))
      return { client: timelapse2(conversation, page.version), page, cameraId: cameraId ?? settings.address }
    }
    tried.push({ path: appPath, got: page })
  }
  if (settings.app !== 'timelapse2') {
    const got = await askTimelapseme(conversation, signal)
    if (got === undefined) {
      const cameraId = (await serial(conversation, timelapsemeList, signal)) ?? settings.address
      return { client: timelapseme(conversation), page: {}, cameraId }
    }
    tried.push({ path: timelapsemeList, got })
  }
  throw noApp(conversation.asked, tried)
}

/** Its page, empty where the app lost it on the way (PROTOCOL.md §2.2); or what came instead. */
async function askTimelapse2(conversation: Conversation, signal: AbortSignal): Promise<AppPage | string> {
  const explain = async (error: unknown) =>
    isCamError(error) && error.httpStatus === 503 ? notRunning(conversation.asked, error) : error
  const answer = await unlessNotFound(conversation.ask({ url: appPath }, signal, explain))
  if (!answer) return notFound
  if (answer.bytes.byteLength === 0) return {}
  return readApp(parsed(answer.text())) ?? described(answer)
}

/** Undefined where it answers; or what came instead. */
async function askTimelapseme(conversation: Conversation, signal: AbortSignal): Promise<string | undefined> {
  const answer = await unlessNotFound(conversation.ask({ url: timelapsemeList }, signal))
  if (!answer) return notFound
  // A list that was cut off is a list: reading it says what is wrong.
  return /^\s*\[/.test(answer.text().slice(0, 100)) ? undefined : described(answer)
}

/** From the challenge that an anonymous request gets: one request more, where the app does not tell. */
async function serial(conversation: Conversation, path: string, signal: AbortSignal): Promise<string | undefined> {
  return serialFromChallenge(await conversation.challenge({ url: path }, signal))
}

async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isCamError(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function described(answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> }): string {
  return `${answer.status} with ${answer.headers['content-type']?.split(';')[0]?.trim() || 'no content type'} instead of the app's JSON`
}
