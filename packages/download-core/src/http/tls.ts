import { isIP, type Socket } from 'node:net'
import tls, { type SecureContext, type TLSSocket } from 'node:tls'
import type { Clock } from '../clock.ts'
import { TimeoutError, UntrustedCertificateError } from '../footage/errors.ts'
import { deadline } from './deadline.ts'
import type { TlsOptions } from './exchange.ts'
import { toCamError } from './to-cam-error.ts'

/** How one TLS connection is made and judged. */
export interface HandshakeOptions {
  readonly host: string
  readonly tls: TlsOptions
  readonly tlsMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Compares as people write it: with or without colons, in either case. */
function sameFingerprint(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/[^\da-f]/gi, '').toLowerCase()
  return plain(a) === plain(b) && plain(a).length === 64
}

/**
 * The TLS handshake on a connected socket. Resolves only after the certificate was checked, so no byte of a request is
 * sent to a stranger. Throws UntrustedCertificateError with the fingerprint the server showed.
 */
export function handshake(socket: Socket, options: HandshakeOptions): Promise<TLSSocket> {
  const { host, signal, clock, tlsMs } = options
  return new Promise((resolve, reject) => {
    const secured = tls.connect({
      socket,
      host,
      ...(isIP(host) ? {} : { servername: host }),
      // Checked below: a pinned certificate needs no issuer, and a refused one must still tell its fingerprint.
      rejectUnauthorized: false,
      ...(options.tls.ca === undefined && !options.tls.legacy ? {} : { secureContext: contextFor(options.tls) }),
    })
    const settle = (error?: unknown) => {
      cancel()
      signal.removeEventListener('abort', onAbort)
      secured.removeListener('close', onClose)
      if (error === undefined) {
        secured.removeListener('error', onError)
        return resolve(secured)
      }
      secured.destroy()
      reject(error)
    }
    const onAbort = () => settle(signal.reason)
    const onError = (error: unknown) => settle(toCamError(error, `TLS with ${host}`))
    const onClose = () => onError(Object.assign(new Error('closed during the TLS handshake'), { code: 'ECONNRESET' }))
    const cancel = deadline(clock, tlsMs, () =>
      settle(new TimeoutError(`TLS with ${host}: no handshake within ${tlsMs} ms.`, { phase: 'tls', limitMs: tlsMs })),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    secured.on('error', onError)
    secured.once('close', onClose)
    secured.once('secureConnect', () => settle(distrust(secured, host, options.tls)))
    if (signal.aborted) onAbort()
  })
}

function distrust(socket: TLSSocket, host: string, options: TlsOptions): UntrustedCertificateError | undefined {
  const fingerprint256 = socket.getPeerCertificate().fingerprint256
  const shown = fingerprint256 ? ` It shows ${fingerprint256}.` : ''
  const facts = fingerprint256 ? { fingerprint256 } : {}
  if (options.fingerprint256 !== undefined) {
    if (fingerprint256 && sameFingerprint(fingerprint256, options.fingerprint256)) return undefined
    return new UntrustedCertificateError(`${host} shows another certificate than the pinned one.${shown}`, facts)
  }
  if (socket.authorized || options.insecure) return undefined
  return new UntrustedCertificateError(
    `The certificate of ${host} is not trusted (${String(socket.authorizationError)}).${shown} If this is the device's own certificate, pin this fingerprint.`,
    facts,
  )
}

const contexts = new WeakMap<TlsOptions, SecureContext>()

/** Once per client: reading the system's hundreds of certificates takes longer than the handshake. */
function contextFor(options: TlsOptions): SecureContext {
  const { ca, legacy } = options
  const context =
    contexts.get(options) ??
    tls.createSecureContext({
      ...(ca !== undefined && { ca: [...systemCertificates(), asPem(ca)] }),
      // Level 0 is the only one at which OpenSSL 3 speaks TLS 1.0 and takes keys of 1024 bits.
      ...(legacy && { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    })
  contexts.set(options, context)
  return context
}

/** Node 22.15 and later tell what is trusted by default, extra certificates included; before, only the built-in list. */
function systemCertificates(): readonly string[] {
  const newer = tls as unknown as { getCACertificates?: (type: 'default') => string[] }
  return newer.getCACertificates?.('default') ?? tls.rootCertificates
}

function asPem(ca: string | Uint8Array): string {
  return typeof ca === 'string' ? ca : Buffer.from(ca).toString('utf8')
}
