import type { Camera } from '../../src/footage/camera.ts'
import { IncompleteError, isCamError } from '../../src/footage/errors.ts'
import type { Gap, Recording } from '../../src/footage/recording.ts'
import type { FootageSource, OpenedRecording } from '../../src/footage/source.ts'
import type { Http } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { openBody } from '../../src/http/open-body.ts'
import { errorForStatus } from '../../src/http/status.ts'
import { toyPassword } from './toy-server.ts'

/** Mistakes a vendor package could make. */
export type ToyFlaw =
  | 'contacts when made'
  | 'logs in for each call'
  | 'keeps its sockets'
  | 'swallows a cut'
  | 'knows a wrong length'
  | 'numbers its ids'
  | 'ids by window'
  | 'one id for all'
  | 'hides a failed list'
  | 'ignores the signal'
  | 'tries the password again'
  | 'takes its cookie along'
  | 'shouts its password'
  | 'promises too much'
  | 'is a new device each time'
  | 'lies about where it starts'
  | 'calls nothing a failure'
  | 'gives no reason'
  | 'forgets a part of the rest'
  | 'names the rest by its end'

export interface ToyOptions {
  readonly url: string
  readonly password?: string
  readonly limits?: FootageSource['limits']
  readonly identity?: 'own' | 'window'
  readonly flaws?: ReadonlySet<ToyFlaw>
  /** What lies behind a moment can be asked for by itself. */
  readonly remainder?: boolean
  /** Replaces parts of the source. */
  readonly change?: Partial<FootageSource>
}

let devices = 0

/** What a vendor package would make of the toy server. */
export function toySource(options: ToyOptions): FootageSource {
  const { url, password = toyPassword, flaws = new Set() } = options
  const restMark = options.remainder ? /[?+]/ : '?'
  const http: Http = createHttp({ origins: [url], cookies: true, retry: { retries: 0 }, connectionsPerHost: 8 })
  let session: Promise<void> | undefined
  let numbered = 0
  const logIn = async (signal: AbortSignal, tries = flaws.has('tries the password again') ? 3 : 1): Promise<void> => {
    const reply = await http.send({ url: '/login', method: 'POST', body: JSON.stringify({ password }), signal })
    await reply.discard()
    if (reply.status === 401 && tries > 1) return logIn(signal, tries - 1)
    const said = flaws.has('shouts its password') ? ` for password ${password}` : ''
    if (reply.status >= 400) throw errorForStatus({ status: reply.status, headers: {} }, `POST /login${said}`)
  }
  const loggedIn = async (signal: AbortSignal): Promise<void> => {
    if (flaws.has('logs in for each call')) return logIn(signal)
    // A refusal stays, so that nobody tries again; a login that its caller ended is no refusal.
    session ??= logIn(signal).catch((error) => {
      if (signal.aborted) session = undefined
      throw error
    })
    await session
  }
  const ask = async (path: string, signal: AbortSignal): Promise<unknown> => {
    await loggedIn(signal)
    return (await http.ask({ url: path, signal })).json()
  }
  if (flaws.has('contacts when made')) void ask('/about', new AbortController().signal).catch(() => {})

  const source: FootageSource = {
    vendor: 'toy',
    limits: flaws.has('promises too much')
      ? { transfers: 8, transfersPerCamera: 8 }
      : (options.limits ?? { transfers: 2, transfersPerCamera: 2 }),
    ...(options.identity ? { identity: options.identity } : {}),
    async identify({ signal }) {
      const { serial, name } = (await ask('/about', signal)) as { serial: string; name: string }
      return { id: flaws.has('is a new device each time') ? `${serial}-${devices++}` : serial, name }
    },
    async *cameras({ signal }) {
      yield* (await ask('/cameras', signal)) as Camera[]
    },
    async *recordings(camera, window, { signal }) {
      const range = window ? `?from=${window.start}&to=${window.end}` : ''
      let items: (Recording | Gap)[]
      try {
        items = (await ask(`/list/${encodeURIComponent(camera.id)}${range}`, signal)) as (Recording | Gap)[]
      } catch (error) {
        if (flaws.has('hides a failed list')) return
        throw error
      }
      for (const item of items) {
        if ('outcome' in item) yield item
        else if (flaws.has('numbers its ids')) yield { ...item, id: `${item.id}?${numbered++}` }
        else if (flaws.has('ids by window')) yield { ...item, id: `${item.id}?${window?.start}` }
        else if (flaws.has('one id for all')) yield { ...item, id: 'clip' }
        else if (flaws.has('knows a wrong length')) yield { ...item, bytes: 1 }
        else if (flaws.has('swallows a cut')) yield withoutLength(item)
        else yield item
      }
    },
    ...(options.remainder && {
      remainder({ bytes: _, ...recording }: Recording, from: number) {
        const { end } = recording.window!
        if (from >= end) return []
        const start = flaws.has('forgets a part of the rest') ? from + 1 : from
        const id = `${recording.id}+${flaws.has('names the rest by its end') ? end : from}`
        return [{ ...recording, id, window: { start, end } }]
      },
    }),
    async open(recording, from, { signal: given }) {
      const signal = flaws.has('ignores the signal') ? new AbortController().signal : given
      await loggedIn(signal)
      const id = encodeURIComponent(recording.id.split(restMark)[0]!)
      const request = { url: `/media/${id}`, headers: { 'x-camera': recording.cameraId }, signal }
      const options = { representation: 'file', resume: recording.resume }
      if (flaws.has('takes its cookie along')) {
        const reply = await http.send({ ...request, maxRedirects: 0 })
        if (reply.status === 302) {
          const there = { url: reply.headers.location!, headers: { 'x-password': password }, signal }
          await reply.discard()
          const other = createHttp({ origins: [new URL(there.url).origin] })
          return openBody(other, there, from, options)
        }
        await reply.discard()
      }
      const lies = flaws.has('lies about where it starts')
      const asked = await openBody(http, request, lies ? { byte: 0 } : from, options).catch((error: unknown) => {
        if (!isCamError(error) || error.httpStatus !== 422) throw error
        if (flaws.has('calls nothing a failure')) throw error
        return undefined
      })
      if (!asked) {
        const { cameraId, window } = recording
        const reason = flaws.has('gives no reason') ? ' ' : 'Nothing was recorded.'
        const gap: Gap = { cameraId, ...window!, outcome: 'absent', reason }
        return gap
      }
      const opened = lies ? { ...asked, startsAtByte: from.byte } : asked
      return flaws.has('swallows a cut') ? swallowing(opened) : opened
    },
    async [Symbol.asyncDispose]() {
      if (!flaws.has('keeps its sockets')) await http[Symbol.asyncDispose]()
    },
    ...options.change,
  }
  return source
}

function withoutLength({ bytes: _, ...recording }: Recording): Recording {
  return recording
}

/** Takes whatever arrived for the whole. */
function swallowing({ body, totalBytes: _, ...rest }: OpenedRecording): OpenedRecording {
  return {
    ...rest,
    body: (async function* () {
      try {
        yield* body
      } catch (error) {
        if (!(error instanceof IncompleteError) && (error as { code?: string }).code !== 'NETWORK') throw error
      }
    })(),
  }
}
