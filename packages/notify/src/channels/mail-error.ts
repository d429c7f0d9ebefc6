import {
  AuthenticationError,
  type CamError,
  NetworkError,
  RequestError,
  ServerError,
  UntrustedCertificateError,
} from '@cam/download-core/source'
import type { MailTarget } from '../target.ts'

/** What a mail library says of a failure. */
interface Failed {
  readonly code?: string
  readonly message: string
  /** What was sent before the server answered so. */
  readonly command?: string
  readonly response?: string
  readonly responseCode?: number
  readonly rejectedErrors?: readonly unknown[]
}

const certificate = /certificate|self[- ]signed|CERT_|altnames/i

/** The same failure as one of ours: whether trying again may help, and what to change where it will not. */
export function mailError(error: unknown, target: MailTarget): CamError {
  const { code = '', command = '', message, responseCode, response } = asFailed(error)
  const said = response ?? message
  const options = { secrets: target.secrets, ...(responseCode === undefined ? {} : { vendorCode: responseCode }) }
  const text = (words: string) => `${target.label}: ${words}`
  if (certificate.test(message) && responseCode === undefined) {
    const advice = 'use the name it was made for, hand its issuer in, or add tls=insecure'
    return new UntrustedCertificateError(
      text(`the server's certificate is not trusted (${message}); ${advice}.`),
      options,
    )
  }
  if (/STARTTLS/i.test(`${command} ${message}`)) {
    const advice = 'the password was not sent; smtps://, or tls=plain if that is what you want'
    return new RequestError(text(`the server offers no TLS: ${advice}.`), options)
  }
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) {
    return new ServerError(text(`not now (${said}).`), options)
  }
  if (code === 'EAUTH') return new AuthenticationError(text(`user name or password refused (${said}).`), options)
  if (responseCode !== undefined) return new RequestError(text(`refused (${said}).`), options)
  if (/^(ECONNECTION|ETIMEDOUT|EDNS|ESOCKET|ECONNREFUSED|ECONNRESET|EPROTOCOL|ETLS)$/.test(code)) {
    return new NetworkError(text(`no connection (${message}).`), { ...options, reason: code })
  }
  return new RequestError(text(said), options)
}

/** Why some recipients were refused, and whether the server said "later" to all of them. */
export function refusal(errors: readonly unknown[] | undefined): { readonly words: string; readonly again: boolean } {
  const all = (errors ?? []).map(asFailed)
  const words = [...new Set(all.map(({ response, message }) => response ?? message))].slice(0, 3).join('; ')
  const again = all.length > 0 && all.every(({ responseCode = 0 }) => responseCode >= 400 && responseCode < 500)
  return { words: words ? ` (${words}).` : '.', again }
}

function asFailed(error: unknown): Failed {
  return error instanceof Error ? (error as Failed) : { message: String(error) }
}
