import { createHash } from 'node:crypto'
import { checkPassword } from './access.ts'
import { type Call, reset, sendPage, sendReplies, sendText } from './call.ts'
import { Cipher, digestResponse } from './cipher.ts'
import type { Command } from './commands.ts'
import type { Session } from './sessions.ts'
import { type CommandReply, done, refused, wireJson } from './wire.ts'

const realm = 'Reolink'
const nonceMs = 60_000

/** Answers a Login, the classic one or that of version 1. */
export async function login(call: Call, command: Command): Promise<void> {
  const { device, query } = call
  noteUrl(call)
  const { Version, User, Digest } = fields(command.param)
  if (device.profile.encrypted !== 'none' && Number(Version) === 1) {
    if (Digest === undefined) return challenge(call)
    return encryptedLogin(call, fields(Digest))
  }
  const { userName, password } = fields(User)
  if (typeof userName !== 'string' || typeof password !== 'string') return sendReplies(call, [refused('Login', -4)])
  const wrong = checkPassword(call, 'Login', userName, password)
  if (wrong) return sendReplies(call, [wrong])
  if (device.profile.encrypted === 'required') return sendReplies(call, [refused('Login', -46)])
  if (await failed(call)) return
  const inUrl = (query.has('user') || query.has('password')) && device.switches.profile === 'hub'
  const session = open(call, userName, inUrl)
  await sendReplies(call, [session ? done('Login', { Token: tokenOf(call, session) }) : refused('Login', -5)])
}

function noteUrl({ device, query }: Call): void {
  const token = query.get('token') ?? ''
  if (token !== '' && token !== 'null') device.violation('Login: a token in its URL')
  if (query.has('user') || query.has('password')) device.violation('Login: credentials in its URL')
}

function open({ device, exchange }: Call, user: string, dead: boolean, cipher?: Cipher): Session | undefined {
  const { sessionCap, lease } = device.switches
  const ip = exchange.request.socket.remoteAddress ?? '127.0.0.1'
  return device.sessions.open(
    { user, ip, dead: dead || device.poisoned, cipher },
    { cap: sessionCap, leaseMs: lease, settlesMs: device.profile.loginSettles },
  )
}

const tokenOf = ({ device }: Call, { token, cipher }: Session) => ({
  ...{ leaseTime: Math.floor(device.switches.lease / 1000), name: token },
  ...(cipher ? { countTotal: cipher.countTotal, checkBasic: cipher.checkBasic } : {}),
})

/** Whether this is one of the first right logins that a switch makes fail, and was answered so. */
async function failed(call: Call): Promise<boolean> {
  const { loginFailN, loginFailAs } = call.device.switches
  if (loginFailN === 0 || call.device.countedBefore('loginFailN') >= loginFailN) return false
  if (loginFailAs === 'reset') reset(call)
  else if (loginFailAs === 'html') await sendText(call, 200, '<!DOCTYPE html><html><body>Loading</body></html>')
  else if (loginFailAs === '502') await sendPage(call, 502, 'Bad Gateway')
  else await sendReplies(call, [refused('Login', Number(loginFailAs))])
  return true
}

function challenge(call: Call): Promise<void> {
  const { device } = call
  const nonce = createHash('sha256').update(
    `nonce ${device.nonces.size} ${device.clock.now()} ${device.sessions.opened}`,
  )
  const text = nonce.digest('hex').slice(0, 32)
  device.nonces.set(text, device.clock.now() + nonceMs)
  if (device.nonces.size > 100) device.nonces.delete(device.nonces.keys().next().value!)
  return sendReplies(call, [refused('Login', -6)], {
    'WWW-Authenticate': `Digest qop="auth", realm="${realm}", nonce="${text}", nc=00000001`,
  })
}

async function encryptedLogin(call: Call, digest: Readonly<Record<string, unknown>>): Promise<void> {
  const { device } = call
  const of = (name: string) => (typeof digest[name] === 'string' ? (digest[name] as string) : '')
  const [user, nonce, cnonce] = [of('UserName'), of('Nonce'), of('Cnonce')]
  const good = (device.nonces.get(nonce) ?? 0) > device.clock.now()
  // A nonce is good for one login, also where that fails.
  device.nonces.delete(nonce)
  const stated = of('Method') === 'POST' && of('Realm') === realm && of('Nc') === '00000001' && of('Qop') === 'auth'
  if (!good || !stated || cnonce.length < 8) return sendReplies(call, [refused('Login', -301)])
  const { password } = device
  const uri = 'cgi-bin/api.cgi?cmd=Login'
  const right =
    of('Uri') === uri &&
    user === device.username &&
    of('Response') === digestResponse({ user, password, realm, nonce, nc: '00000001', cnonce, qop: 'auth', uri })
  const wrong = checkPassword(call, 'Login', user, of('Response'), right)
  if (wrong) return sendReplies(call, [wrong])
  if (await failed(call)) return
  const cipher = new Cipher({ user, password, nonce, cnonce }, { checkBasic: 1000, countTotal: 8 })
  const session = open(call, user, false, cipher)
  if (!session) return sendReplies(call, [refused('Login', -5)])
  const replies: CommandReply[] = [done('Login', { Token: tokenOf(call, session) })]
  if (device.switches.encryptedLoginReply) await sendText(call, 200, cipher.encrypt(wireJson(replies)))
  else await sendReplies(call, replies)
}

/** Answers a Logout; without a token it is what spoils some devices. */
export function logout({ device, query }: Call): CommandReply {
  const token = query.get('token') ?? ''
  const session = device.sessions.of(token)
  if (token === '' || token === 'null') {
    device.violation('Logout: without a token')
    if (device.switches.poisonedLogout) device.poisoned = true
  }
  if (!session) return refused('Logout', -6)
  device.sessions.end(session, 'logout')
  return done('Logout')
}

/** The fields of an object, none of anything else. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
