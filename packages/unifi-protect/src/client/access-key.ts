import { errorForReply, type Http } from '@cam/download-core/source'
import { noSession, vendor } from '../failures/index.ts'
import type { Settings } from '../options.ts'
import type { Login } from './login.ts'
import { objectIn, put, readSmall } from './questions.ts'

/** Renewed so long before the end that the key states. */
const aheadMs = 60_000

/** Keys that let exports in on consoles before UniFi OS. PROTOCOL.md §1.3. */
export interface AccessKeys {
  /** Whether exports carry one. Only where the user asked for it, or the console takes nothing else. */
  readonly used: boolean
  use(): void
  /** One that may be used once more, or undefined where the console no longer takes the login. */
  take(login: Login, signal: AbortSignal): Promise<string | undefined>
  readonly secrets: readonly string[]
}

/** No key is asked for before the first export. */
export function createAccessKeys(http: Http, settings: Settings): AccessKeys {
  const { clock, renew } = settings
  let used = renew.accessKeyAfter !== undefined
  let held: { readonly key: string; readonly token: string; exports: number } | undefined
  const secrets: string[] = []

  const isGood = ({ key, token, exports }: NonNullable<typeof held>, login: Login) => {
    const expiresAt = Number(/^(\d{12,14}):/.exec(key)?.[1] ?? Number.POSITIVE_INFINITY)
    return (
      token === login.token &&
      exports < (renew.accessKeyAfter ?? Number.POSITIVE_INFINITY) &&
      // A fresh one is used in any case: the console's clock may be wrong.
      (exports === 0 || expiresAt - clock.now() > aheadMs)
    )
  }

  return {
    get used() {
      return used
    },
    use() {
      used = true
    },
    secrets,
    async take(login, signal) {
      if (!held || !isGood(held, login)) {
        const url = `${login.origin}/api/auth/access-key`
        const headers = { authorization: `Bearer ${login.token}` }
        const reply = await put(http, { url, signal, headers, body: '' }, settings)
        if (reply.status === 401) {
          await reply.discard()
          return undefined
        }
        if (reply.status >= 300) throw await errorForReply(reply, `POST ${url}`, { vendor, clock })
        const key = objectIn(await readSmall(http, reply, settings))?.accessKey
        if (typeof key !== 'string' || !/^[\w:.-]{8,1024}$/.test(key)) {
          throw noSession(settings, reply.status, 'an access key')
        }
        secrets.push(key)
        if (secrets.length > 8) secrets.shift()
        held = { key, token: login.token, exports: 0 }
      }
      held.exports++
      return held.key
    },
  }
}
