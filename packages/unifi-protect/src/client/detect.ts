import { type CamError, errorForReply, type Http, isCamError } from '@cam/download-core/source'
import { noConsole, type Silence, vendor } from '../failures/index.ts'
import type { Settings } from '../options.ts'
import type { Generation } from '../session.ts'
import { described, objectIn, put, readSmall } from './questions.ts'

/** Where a console answers, and of which generation it is. */
export interface Found {
  readonly origin: string
  readonly generation: Generation
}

/**
 * Asks each origin in turn who it is, without a word of who we are. An untrusted certificate ends the search: what comes after
 * it might be somebody else. Throws NetworkError, ServerError, UntrustedCertificateError, or ProtocolError for a stranger.
 */
export async function detect(http: Http, settings: Settings, signal: AbortSignal): Promise<Found> {
  const tried: Silence[] = []
  for (const origin of settings.origins) {
    try {
      const answer = await recognise(http, origin, settings, signal)
      if (typeof answer === 'object') return answer
      tried.push({ origin, got: answer })
    } catch (error) {
      signal.throwIfAborted()
      if (!isCamError(error) || error.stops === 'run') throw error
      tried.push({ origin, error })
    }
  }
  throw noConsole(settings.address, tried)
}

/** The console, or what a stranger answered. PROTOCOL.md §1.2. */
async function recognise(http: Http, origin: string, settings: Settings, signal: AbortSignal): Promise<Found | string> {
  const ask = async (path: string) => {
    const reply = await put(http, { url: `${origin}${path}`, signal }, settings)
    if (isBusy(reply.status)) throw await busy(http, reply, settings)
    return reply
  }
  const root = await ask('/')
  await root.discard()
  if (root.headers['x-csrf-token'] !== undefined) return { origin, generation: 'unifi-os' }

  const system = await readJson(http, await ask('/api/system'), settings)
  if (system.status === 200 && (system.json?.hardware !== undefined || typeof system.json?.mac === 'string')) {
    return { origin, generation: 'unifi-os' }
  }
  const bootstrap = await readJson(http, await ask('/api/bootstrap'), settings)
  if (bootstrap.status === 401 && bootstrap.json) return { origin, generation: 'legacy' }
  return `/ gave ${described(root)}, /api/bootstrap ${described(bootstrap)}`
}

async function readJson(http: Http, reply: Awaited<ReturnType<typeof put>>, settings: Settings) {
  const { status, headers, url } = reply
  try {
    return { status, headers, url, json: objectIn(await readSmall(http, reply, settings)) }
  } catch (error) {
    // Longer than anything a console says here, or garbled: a stranger.
    if (!isCamError(error) || error.code !== 'PROTOCOL') throw error
    return { status, headers, url, json: undefined }
  }
}

function isBusy(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

function busy(http: Http, reply: Awaited<ReturnType<typeof put>>, { clock }: Settings): Promise<CamError> {
  return errorForReply(reply, `GET ${http.redact(reply.url)}`, { vendor, clock })
}
