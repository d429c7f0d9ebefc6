import type { Call, Caller } from './call.ts'
import type { Cipher } from './cipher.ts'
import { type CommandReply, refused } from './wire.ts'

/** What a caller wants. */
export type Wants = 'command' | 'picture' | 'recording'

/** Lets a request in by its token, or by user and password; else gives the failure. */
export function admit(call: Call, cmd: string, wants: Wants): Caller | CommandReply {
  const { device, query, exchange } = call
  const token = query.get('token') ?? ''
  const named = query.has('user') || query.has('password')
  if (wants === 'recording' && named) device.violation(`${cmd}: credentials in its URL`)
  if (token !== '' && token !== 'null') {
    const session = device.sessions.of(token)
    if (!session || session.dead || device.clock.now() < session.settledAt) return refused(cmd, -6)
    // After an encrypted login nothing goes by its token alone.
    if (session.cipher && !query.has('encrypt')) return refused(cmd, -6)
    // The number of a command was used up where its body was read.
    if (session.cipher && wants !== 'command' && spentFor(call, session.cipher)?.toLowerCase() !== cmd.toLowerCase())
      return refused(cmd, -301)
    if (device.countedBefore(`expireAfterRequests ${token}`) >= device.switches.expireAfterRequests) {
      device.sessions.end(session, 'revoked')
      return refused(cmd, -6)
    }
    exchange.entry.authenticated = true
    return { session }
  }
  if (!named || wants === 'recording' || !device.switches.shortSession) return refused(cmd, -6)
  const wrong = checkPassword(call, cmd, query.get('user') ?? '', query.get('password') ?? '')
  if (wrong) return wrong
  exchange.entry.authenticated = true
  return {}
}

/** The command that the counter in the URL is for, which is good once; undefined where it is not good. */
export function spentFor({ raw }: Call, cipher: Cipher): string | undefined {
  // Base64 has `+` in it, and nobody who wrote it there meant a space.
  const written = (raw.get('encrypt') ?? '').replace(/%(2B|2F|3D)/gi, decodeURIComponent)
  return cipher.spend(cipher.decrypt(written) ?? '')
}

export const isRefused = (one: Caller | CommandReply): one is CommandReply => 'cmd' in one

const lockedText = 'Login has been locked, please try again later!'

/** Undefined where they are right; counts where they are not. `right` says so for a proof of another kind. */
export function checkPassword(
  { device }: Call,
  cmd: string,
  user: string,
  password: string,
  right = user === device.username && password === device.password,
): CommandReply | undefined {
  const { lock, switches, profile } = device
  const left = lock.left(user)
  const info = (remain_times: number, ms: number) => ({
    auth_warning_info: { remain_times, unlock_time: Math.ceil(ms / 1000) },
  })
  if (left > 0) {
    device.violation(`${cmd}: the account is locked`)
    return refused(cmd, Number(switches.lockedCode), { detail: lockedText, ...info(0, left) })
  }
  if (right) {
    lock.right(user)
    return undefined
  }
  if (lock.triedBefore(user, password)) device.violation(`${cmd}: the same wrong password again`)
  const remaining = lock.wrong(user, switches.loginTries, switches.lockMs)
  return refused(cmd, profile.wrongPassword, info(remaining, lock.left(user)))
}
