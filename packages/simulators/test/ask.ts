import { createHash } from 'node:crypto'

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A reply, read to its end; `body` is what came before the connection broke, if it did. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  readonly broken: boolean
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly json: any
}

/** Asks, follows no redirect, and reads what there is; rejects where the connection ends before a head. */
export async function ask(url: string, request: RequestInit = {}): Promise<Reply> {
  const reply = await fetch(url, { redirect: 'manual', ...request })
  const chunks: Uint8Array[] = []
  let broken = false
  try {
    for await (const chunk of reply.body ?? []) chunks.push(chunk)
  } catch {
    broken = true
  }
  const { status, headers } = reply
  const body = Buffer.concat(chunks)
  return {
    ...{ status, headers, body, broken },
    get json() {
      return JSON.parse(body.toString())
    },
  }
}
