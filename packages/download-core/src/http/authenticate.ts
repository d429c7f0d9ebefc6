import { AuthenticationError, ProtocolError } from '../footage/errors.ts'
import { parseChallenges, parseParameters } from './challenges.ts'
import { type Credentials, chooseDigest, type DigestChallenge, digestHeader, newCnonce } from './digest.ts'
import type { HttpReply } from './exchange.ts'
import { valuesOf } from './headers.ts'

/** A reply together with its headers as they came, one after the other. */
export interface RawReply extends HttpReply {
  readonly rawHeaders: readonly string[]
}

interface Attempt {
  readonly origin: string
  readonly method: string
  /** What goes on the wire. */
  readonly target: string
  readonly secure: boolean
  readonly signal: AbortSignal
  exchange(authorization: string | undefined): Promise<RawReply>
}

/** Turns one attempt into a reply that was let in, answering at most two challenges. */
export type Authenticator = (attempt: Attempt) => Promise<RawReply>

/** What was agreed with one origin. `nextCount` is taken synchronously, so that parallel requests never share a count. */
interface Session {
  readonly challenge: DigestChallenge | undefined
  readonly cnonce: string
  nextCount: number
}

/**
 * Digest, or Basic where it is safe. A wrong password costs exactly one authenticated request, however many requests run
 * at once: the first proof of the credentials is single-flight, and a refusal ends every later one before it is sent.
 */
export function createAuthenticator(credentials: Credentials, options: { allowBasicOverHttp: boolean }): Authenticator {
  const sessions = new Map<string, Session>()
  let proving: Promise<void> | undefined
  let refusal: string | undefined
  /** Proofs of credentials that were right before: one at a time, so that they do not overtake each other. */
  let lastProof: Promise<void> = Promise.resolve()

  const header = (session: Session, { method, target }: Attempt): string => {
    if (!session.challenge) {
      return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    }
    const nc = session.nextCount++
    return digestHeader(session.challenge, credentials, { method, uri: target, nc, cnonce: session.cnonce })
  }

  const failIfRefused = () => {
    if (refusal !== undefined) throw new AuthenticationError(refusal, { httpStatus: 401 })
  }

  /** The session a 401 invites to, or `undefined` where it invites to nothing we know. */
  const invited = async (reply: RawReply, attempt: Attempt): Promise<Session | undefined> => {
    const challenges = parseChallenges(valuesOf(reply.rawHeaders, 'www-authenticate'))
    const challenge = chooseDigest(challenges)
    if (challenge) return { challenge, cnonce: newCnonce(), nextCount: 1 }
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined
    if (attempt.secure || options.allowBasicOverHttp) return { challenge: undefined, cnonce: '', nextCount: 1 }
    await reply.discard()
    throw new AuthenticationError(
      `${attempt.origin} offers only Basic authentication over plain HTTP, which would show the password to the network. Use https, or allow it with allowBasicOverHttp.`,
      { httpStatus: 401, vendorCode: 'basic-over-http' },
    )
  }

  /**
   * Sends with a session nobody has used; afterwards the credentials are known to be right or wrong. `refusals`: how many of
   * them are a verdict.
   */
  const prove = async (first: Session, attempt: Attempt, refusals = 1): Promise<RawReply> => {
    let session = first
    for (let tries = 1; ; tries++) {
      const reply = await attempt.exchange(header(session, attempt))
      if (reply.status !== 401) {
        sessions.set(attempt.origin, session)
        adoptNext(attempt.origin, session, reply)
        return reply
      }
      const next = await invited(reply, attempt)
      await reply.discard()
      if (next?.challenge && !next.challenge.stale && tries < refusals) {
        session = next
        continue
      }
      if (!next?.challenge?.stale) {
        refusal = `${attempt.origin} refused the name and password${session.challenge ? ` for realm ${session.challenge.realm}` : ''} (401). If they are right, the account may lack the privilege for this request.`
        failIfRefused()
      }
      if (tries > refusals)
        throw new ProtocolError(`${attempt.origin} calls each of its own nonces stale.`, { httpStatus: 401 })
      session = next as Session
    }
  }

  /**
   * Credentials that were let in before are not wrong because of one 401: a server that checks counts may have seen a parallel
   * request of ours in between, even on a nonce of its own.
   */
  const proveAgain = async (offer: Session, attempt: Attempt): Promise<RawReply> => {
    const before = lastProof
    let done = () => {}
    lastProof = new Promise((resolve) => {
      done = resolve
    })
    try {
      await unlessAborted(before, attempt.signal)
      failIfRefused()
      return await prove(offer, attempt, 3)
    } finally {
      void before.then(done)
    }
  }

  const adoptNext = (origin: string, session: Session, reply: RawReply) => {
    const info = valuesOf(reply.rawHeaders, 'authentication-info')[0]
    const nonce = info === undefined ? undefined : parseParameters(info).nextnonce
    if (nonce === undefined || !session.challenge || nonce === session.challenge.nonce) return
    sessions.set(origin, { challenge: { ...session.challenge, nonce }, cnonce: newCnonce(), nextCount: 1 })
  }

  return async (attempt) => {
    failIfRefused()
    let reply: RawReply
    const session = sessions.get(attempt.origin)
    if (session) {
      reply = await attempt.exchange(header(session, attempt))
      if (reply.status !== 401) {
        adoptNext(attempt.origin, session, reply)
        return reply
      }
    } else {
      reply = await attempt.exchange(undefined)
      if (reply.status !== 401) return reply
    }
    // A nonce that was used before may simply be out of date (or its count overtaken by a parallel request): the new
    // challenge decides, whatever it says about `stale`.
    const offer = await invited(reply, attempt)
    if (!offer) return reply
    await reply.discard()
    for (;;) {
      failIfRefused()
      attempt.signal.throwIfAborted()
      if (session) return proveAgain(offer, attempt)
      const known = sessions.get(attempt.origin)
      if (known) {
        const answered = await attempt.exchange(header(known, attempt))
        if (answered.status !== 401) {
          adoptNext(attempt.origin, known, answered)
          return answered
        }
        const again = await invited(answered, attempt)
        await answered.discard()
        return proveAgain(again ?? offer, attempt)
      }
      if (!proving) {
        const proof = prove(offer, attempt)
        proving = proof.then(
          () => {},
          () => {},
        )
        void proving.then(() => {
          proving = undefined
        })
        return proof
      }
      await unlessAborted(proving, attempt.signal)
    }
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    void work.then(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
