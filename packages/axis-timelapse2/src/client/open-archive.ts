import {
  type CamError,
  errorForReply,
  type Http,
  type HttpReply,
  isCamError,
  NotFoundError,
  type OpenBodyOptions,
  type OpenedRecording,
  type OpenFrom,
  openBody,
} from '@cam/download-core/source'
import { vendor } from '../failures.ts'
import { servedName, type Target } from '../wire/target.ts'
import { type Conversation, requestFor } from './conversation.ts'

/** How the app says that a file is not there; `Not Found` alone means a node. PROTOCOL.md §2.3, §4.7. */
const noSuchFile = /\bfile not found\b/i

/**
 * Starts the transfer of one archive, in one spelling of its name after the other.
 * Throws NotFoundError with the `vendorCode` `no-such-file` where the app knows none of them.
 */
export async function openArchive(
  conversation: Conversation,
  wanted: { readonly name: string; readonly targets: readonly Target[] },
  from: OpenFrom,
  signal: AbortSignal,
  options: Pick<OpenBodyOptions, 'representation' | 'extension' | 'resume' | 'clock'>,
): Promise<OpenedRecording> {
  let failure: unknown
  for (const [index, target] of wanted.targets.entries()) {
    const http = index === 0 ? conversation.http : onlyNamed(wanted.name, conversation.http)
    try {
      return await openBody(http, requestFor(target, signal), from, { ...options, refuse })
    } catch (error) {
      if (!isNoSuchFile(error)) throw error
      failure ??= error
    }
  }
  throw failure
}

/** True for the failure of `openArchive` that says that there is no such file. */
export function isNoSuchFile(error: unknown): error is CamError {
  return isCamError(error) && error.vendorCode === noSuchFileCode
}

const noSuchFileCode = 'no-such-file'

async function refuse(reply: HttpReply): Promise<CamError | undefined> {
  if (reply.status !== 404) return undefined
  const what = `GET ${new URL(reply.url).pathname}`
  const error = await errorForReply(reply, what)
  return noSuchFile.test(error.message.slice(what.length)) ? notThere(error.message) : error
}

function notThere(message: string): CamError {
  return new NotFoundError(message, { vendor, vendorCode: noSuchFileCode, httpStatus: 404 })
}

/** The second spelling may mean another file: one that says that it is another is not taken. PROTOCOL.md §5.5. */
function onlyNamed(name: string, http: Http): Http {
  return {
    ...http,
    async send(request) {
      const reply = await http.send(request)
      const served = servedName(reply.headers['content-disposition'])
      if (served === undefined || served === name) return reply
      await reply.discard()
      throw notThere(`Asked for ${JSON.stringify(name)}, the camera offers ${JSON.stringify(served)}.`)
    },
  }
}
