import { createHash, randomBytes } from 'node:crypto'
import type { Challenge } from './challenges.ts'

/** RFC 7616 (and RFC 2069, where a server offers no qop). Strongest first. */
const hashes = [
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
] as const

/** A challenge we can answer. All fields come from the same challenge. */
export interface DigestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque?: string
  /** As sent, to be echoed; absent where the server named none (then MD5). */
  readonly algorithm?: string
  readonly hash: (typeof hashes)[number][1]
  readonly session: boolean
  /** False where the server offers no qop at all. */
  readonly qop: boolean
  readonly stale: boolean
  readonly userhash: boolean
  readonly utf8: boolean
}

/** A name and a password, as typed; UTF-8 on the wire. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** The strongest Digest challenge we can answer, or `undefined`. */
export function chooseDigest(challenges: readonly Challenge[]): DigestChallenge | undefined {
  const known = challenges.map(readDigest).filter((challenge) => challenge !== undefined)
  const rank = (challenge: DigestChallenge) => hashes.findIndex(([, hash]) => hash === challenge.hash)
  return known.sort((a, b) => rank(a) - rank(b))[0]
}

function readDigest({ scheme, params }: Challenge): DigestChallenge | undefined {
  if (scheme !== 'digest' || params.realm === undefined || params.nonce === undefined) return undefined
  const [, name = 'MD5', session] = /^(.*?)(-sess)?$/i.exec(params.algorithm || 'MD5') ?? []
  const hash = hashes.find(([known]) => known === name.toUpperCase())?.[1]
  const offered = params.qop?.split(',').map((word) => word.trim().toLowerCase())
  if (!hash || (offered && !offered.includes('auth'))) return undefined
  return {
    realm: params.realm,
    nonce: params.nonce,
    ...(params.opaque === undefined ? {} : { opaque: params.opaque }),
    ...(params.algorithm ? { algorithm: params.algorithm } : {}),
    hash,
    session: session !== undefined,
    qop: offered !== undefined,
    stale: params.stale?.toLowerCase() === 'true',
    userhash: params.userhash?.toLowerCase() === 'true',
    utf8: params.charset?.toLowerCase() === 'utf-8',
  }
}

/** The value of the `Authorization` header. `uri` is exactly what goes on the wire. */
export function digestHeader(
  challenge: DigestChallenge,
  { username, password }: Credentials,
  request: { readonly method: string; readonly uri: string; readonly nc: number; readonly cnonce: string },
): string {
  // Everything is spelled one character per byte: what the server sent, as it sent it; what the user typed, in UTF-8.
  const h = (text: string) => createHash(challenge.hash).update(text, 'latin1').digest('hex')
  const { realm, nonce, opaque } = challenge
  const { method, uri, cnonce } = request
  const nc = request.nc.toString(16).padStart(8, '0')
  const secret = h(`${bytesOf(username)}:${realm}:${bytesOf(password)}`)
  const a1 = challenge.session ? h(`${secret}:${nonce}:${cnonce}`) : secret
  const a2 = h(`${method}:${uri}`)
  const response = h(challenge.qop ? `${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}` : `${a1}:${nonce}:${a2}`)
  const needsCnonce = challenge.qop || challenge.session
  return `Digest ${[
    ...user(challenge, username, h),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    // As on the request line, which servers compare it with after taking the backslashes off (Apache does).
    `uri=${quote(uri)}`,
    ...(challenge.algorithm ? [`algorithm=${challenge.algorithm}`] : []),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(challenge.qop ? ['qop=auth', `nc=${nc}`] : []),
    ...(needsCnonce ? [`cnonce="${cnonce}"`] : []),
    ...(challenge.userhash ? ['userhash=true'] : []),
  ].join(', ')}`
}

function user(challenge: DigestChallenge, username: string, h: (text: string) => string): string[] {
  if (challenge.userhash) return [`username="${h(`${bytesOf(username)}:${challenge.realm}`)}"`]
  if (challenge.utf8 && /[^\x20-\x7e]/.test(username)) return [`username*=UTF-8''${rfc5987(username)}`]
  return [`username=${quote(bytesOf(username))}`]
}

function rfc5987(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

const bytesOf = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

/** 128 random bits for one session. */
export function newCnonce(): string {
  return randomBytes(16).toString('hex')
}
