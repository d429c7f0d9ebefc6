import type { Http } from '@cam/download-core/source'
import type { Settings } from '../options.ts'
import { lettingIn } from './conversation.ts'
import type { Login } from './login.ts'

const limitMs = 3000

/** Ends a login that nobody will use again, as far as the console lets us; before UniFi OS it knows no way. Never throws. */
export async function logOut(http: Http, login: Login, { clock }: Settings): Promise<void> {
  if (login.generation !== 'unifi-os') return
  const late = new AbortController()
  const done = new AbortController()
  void clock.wait(limitMs, done.signal).then(
    () => late.abort(),
    () => {},
  )
  try {
    const reply = await http.send({
      url: `${login.origin}/api/auth/logout`,
      method: 'POST',
      headers: lettingIn(login, 'POST'),
      signal: late.signal,
      maxRedirects: 0,
    })
    await reply.discard()
  } catch {
    // It ends by itself after two hours.
  } finally {
    done.abort()
  }
}
