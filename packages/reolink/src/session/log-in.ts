import { randomBytes } from 'node:crypto'
import type { CamError } from '@cam/download-core/source'
import {
  type Asked,
  lockedOut,
  noEncryptedLogin,
  noToken,
  notUpYet,
  refused,
  unreadable,
  wrongPassword,
} from '../failures.ts'
import type { Settings } from '../options.ts'
import { type Challenge, readChallenge } from '../wire/challenge.ts'
import { type Answer, bodyOf, type Refusal, readAnswers } from '../wire/envelope.ts'
import { kindOfCode } from '../wire/error-table.ts'
import { readToken, type Token } from '../wire/token.ts'
import { type Cipher, createCipher, digestResponse, type Handshake } from './cipher.ts'
import type { Heard, Line } from './line.ts'

/** One login. */
export interface Grant extends Token {
  /** There in an encrypted session. */
  readonly cipher?: Cipher
}

/** What the device signs the digest for; without the slash. */
const signedUri = 'cgi-bin/api.cgi?cmd=Login'

/** What a device answers to the classic login that takes only the other: something about a digest. PROTOCOL.md §1.5. */
const wantsDigest = new Set([-46, -47, -301])

const mostOfRefusal = 4096

/** Logs in, once: a device counts. Throws AuthenticationError, LockedOutError, BusyError where sessions are all taken, … */
export async function logIn(line: Line, settings: Settings, asked: Asked, signal: AbortSignal): Promise<Grant> {
  const { username, password, login } = settings
  if (login === 'encrypted') return encrypted(line, settings, asked, signal)
  const heard = await put(line, { User: { userName: username, password } }, signal)
  const answer = firstOf(heard.text())
  const token = readToken(answer?.value)
  if (token) return token
  if (login === 'auto' && !isCounted(answer?.refusal)) {
    const challenge = readChallenge(heard.headers['www-authenticate'])
    if (challenge || wantsDigest.has(answer?.refusal?.code ?? 0)) return encrypted(line, settings, asked, signal)
  }
  throw failed(line, asked, heard, answer)
}

/** A password that was looked at and found wrong: whatever else the device offers, a second one would count, too. */
function isCounted(refusal: Refusal | undefined): boolean {
  if (!refusal || wantsDigest.has(refusal.code)) return false
  return ['credentials', 'locked'].includes(kindOfCode(refusal.code) ?? '')
}

/** The challenge comes in answer to a login without a password. */
async function challengeOf(line: Line, asked: Asked, signal: AbortSignal): Promise<Challenge> {
  const heard = await put(line, { Version: 1 }, signal)
  const challenge = readChallenge(heard.headers['www-authenticate'])
  if (challenge) return challenge
  // A device that is full, locked or starting says so here, too.
  const refusal = firstOf(heard.text())?.refusal
  if (refusal && ['sessions', 'locked', 'often', 'passing', 'busy'].includes(kindOfCode(refusal.code) ?? '')) {
    throw notLetIn(asked, refusal)
  }
  throw heard.status >= 400 ? notUpYet(asked, 'Login', heard.status) : noEncryptedLogin(asked)
}

async function encrypted(line: Line, settings: Settings, asked: Asked, signal: AbortSignal): Promise<Grant> {
  const { username, password } = settings
  const challenge = await challengeOf(line, asked, signal)
  const handshake: Handshake = { ...challenge, username, password, cnonce: randomBytes(24).toString('hex') }
  const cipher = createCipher(handshake)
  const digest = {
    ...{ UserName: username, Realm: challenge.realm, Method: 'POST', Uri: signedUri, Nonce: challenge.nonce },
    ...{ Nc: challenge.nc, Cnonce: handshake.cnonce, Qop: challenge.qop },
    Response: digestResponse(handshake, signedUri),
  }
  const heard = await put(line, { Version: 1, Digest: digest }, signal)
  const answer = firstOf(heard.text()) ?? firstOf(cipher.decrypt(heard.text()) ?? '')
  const token = readToken(answer?.value)
  if (token) return { ...token, cipher }
  throw failed(line, asked, heard, answer)
}

/** Over a connection of its own: sent twice behind a broken one, it would take two sessions. */
function put(line: Line, param: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Heard> {
  const body = bodyOf([{ cmd: 'Login', param }])
  return line.ask({ parameters: [['cmd', 'Login']], body, signal, once: true, what: 'Login' })
}

function firstOf(text: string): Answer | undefined {
  return readAnswers(text)?.[0]
}

function failed(line: Line, asked: Asked, heard: Heard, answer: Answer | undefined): CamError {
  if (heard.status >= 400) return notUpYet(asked, 'Login', heard.status)
  if (answer?.refusal) return notLetIn(asked, answer.refusal)
  if (answer) return noToken(asked, 'without a reason')
  const text = heard.text()
  const code = codeIn(text)
  return code === undefined ? unreadable(asked, 'Login', line.redact(text)) : notLetIn(asked, { code })
}

/** Words of a cut-off answer that would have been a refusal of name or password: asked again, it would count again. */
function codeIn(text: string): number | undefined {
  if (text.length > mostOfRefusal) return undefined
  if (/\blocked\b/i.test(text)) return -506
  if (/password wrong/i.test(text)) return -502
  return /login failed/i.test(text) ? -7 : undefined
}

/** PROTOCOL.md §1.4. */
export function notLetIn(asked: Asked, refusal: Refusal): CamError {
  const kind = kindOfCode(refusal.code)
  const locked = /\block/i.test(refusal.detail ?? '') || (refusal.unlockSeconds ?? 0) > 0
  if (kind === 'locked' || (kind === 'credentials' && locked)) return lockedOut(asked, refusal)
  return kind === 'credentials' ? wrongPassword(asked, refusal) : refused(asked, 'Login', refusal)
}
