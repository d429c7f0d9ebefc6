import { type Clock, createHttp, errorForReply, ProtocolError, type TlsOptions } from '@cam/download-core/source'

/** One POST to a place whose address is a secret. */
export interface Posting {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsOptions
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Stands for the URL in messages. */
  readonly what: string
  readonly secrets: readonly string[]
}

const replyBytes = 4096

/**
 * Sends and returns the beginning of what came back. Throws a CamError for a status other than 2xx. A redirect is refused:
 * following it turns a POST into a GET, and the notice is lost without anybody noticing.
 */
export async function post(o: Posting): Promise<string> {
  const { clock, signal, what } = o
  const url = new URL(o.url)
  const http = createHttp({
    origins: [url.origin],
    tls: o.tls,
    clock,
    userAgent: 'cam-notify',
    ...(o.env ? { env: o.env } : {}),
  })
  await using _ = http
  const { authorization, ...headers } = o.headers
  const reply = await http.send({
    url,
    method: 'POST',
    headers: { ...headers, ...(authorization ? { authorization } : {}) },
    body: o.body,
    signal,
    maxRedirects: 0,
    keepAlive: false,
  })
  if (reply.status >= 300 && reply.status < 400) {
    const to = reply.headers.location
    await reply.discard()
    const where = to && URL.canParse(to, o.url) ? ` to ${new URL(to, o.url).origin}` : ''
    throw new ProtocolError(
      `${what}: answers with a redirect (HTTP ${reply.status})${where}; use the address it leads to.`,
    )
  }
  if (reply.status >= 400) throw await errorForReply(reply, what, { secrets: o.secrets, clock })
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of reply.body) {
      chunks.push(chunk)
      bytes += chunk.byteLength
      if (bytes >= replyBytes) break
    }
  } catch {
    // The status said that it was taken: a reply that breaks off or drips is no reason to tell it all again.
  }
  await reply.discard()
  return Buffer.concat(chunks).subarray(0, replyBytes).toString('utf8')
}

/** A POST whose surroundings are settled. */
export type Post = (what: Pick<Posting, 'url' | 'headers' | 'body'>) => Promise<string>
