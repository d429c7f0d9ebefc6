import { type CamError, isCamError, type UntrustedCertificateError } from '@cam/download-core'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

/** An error as the user reads it: what was tried and came back, and what to do. */
export interface Explained {
  readonly code: string
  readonly message: string
  readonly advice?: string
  /** Only for a bug of ours. */
  readonly stack?: string
  /** What the process says when this ends the run before it began. */
  readonly exitCode: ExitCode
}

export interface Circumstances {
  readonly cli: string
  readonly version: string
  readonly address?: string
  /** Known once the credentials are. */
  account?: string
  /** The vendor's own words by error code, or by `vendorCode` where one reason needs its own. */
  readonly advice?: Readonly<Record<string, string>>
}

/** Turns whatever was thrown into a paragraph. */
export function explain(error: unknown, about: Circumstances): Explained {
  if (error instanceof UsageError) {
    return {
      code: error.code,
      message: error.message,
      advice: `${about.cli} --help shows all flags.`,
      exitCode: exitCodes.usage,
    }
  }
  if (isCamError(error)) {
    const advice = adviceFor(error, about)
    return {
      code: error.code,
      message: messageOf(error, about),
      ...(advice ? { advice } : {}),
      exitCode: error.code === 'LOCKED' ? exitCodes.locked : exitCodes.notBegun,
    }
  }
  return systemError(error) ?? bug(error, about)
}

function messageOf(error: CamError, about: Circumstances): string {
  const { address = '', account = '' } = about
  if (error.code === 'TLS_UNTRUSTED') return untrusted(error, about)
  if (error.code !== 'AUTHENTICATION' && error.code !== 'PERMISSION') return error.message
  if (error.message.includes(address) && error.message.includes(account)) return error.message
  if (error.code === 'PERMISSION') return `${address} did not allow this: ${error.message}`
  if (about.advice?.[String(error.vendorCode)]) return error.message
  return `${address} refused ${account === '' ? 'this' : `the account "${account}"`}: ${error.message}`
}

function adviceFor(error: CamError, about: Circumstances): string | undefined {
  if (error.code === 'TLS_UNTRUSTED') return tlsAdvice(error)
  if (error.code === 'NETWORK' && 'reason' in error) {
    // The vendor's words are about its own address.
    if (error.message.startsWith('Connecting to the proxy ')) {
      return 'Check HTTP_PROXY and HTTPS_PROXY in the environment; what NO_PROXY names is reached without a proxy.'
    }
    const reason = String(error.reason)
    return about.advice?.[reason] ?? about.advice?.NETWORK ?? networkAdvice(reason)
  }
  return about.advice?.[String(error.vendorCode)] ?? about.advice?.[error.code] ?? general[error.code]
}

/** The fingerprint stands in the flag below, and nowhere else. */
function untrusted(error: CamError, { advice }: Circumstances): string {
  const shown = (error as UntrustedCertificateError).fingerprint256
  const message = shown ? error.message.replace(/ It shows [0-9A-F:]+\..*$/s, '') : error.message
  return [message, advice?.TLS_UNTRUSTED].filter(Boolean).join(' ')
}

function tlsAdvice(error: CamError): string {
  const shown = (error as UntrustedCertificateError).fingerprint256
  if (!shown)
    return 'Add --ca FILE with the certificate of whoever signed it, or --fingerprint SHA256 of the certificate itself.'
  return (
    `If this is your device, compare the fingerprint with the one its own web page shows, and add:\n` +
    `--fingerprint ${shown}`
  )
}

function networkAdvice(reason: string): string {
  if (/^(ERR_SSL_|EPROTO$)/.test(reason)) {
    return 'What answers there does not speak https as we do: check the port, or write http:// in front of the address.'
  }
  switch (reason) {
    case 'ECONNREFUSED':
      return 'Something answers at this address, but not at this port: check address and port, and whether it wants https:// in front.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name has no address here: check its spelling, or use the IP address.'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return 'There is no way to this address from here: check the address, the cable or VPN, and whether both are in one network.'
    default:
      return 'Check the address and the network between here and there, and whether the device wants https:// in front.'
  }
}

const general: Readonly<Record<string, string>> = {
  AUTHENTICATION: 'Check name and password. Nothing was tried again, so that the account is not locked.',
  PERMISSION:
    'Use an account that may do this. Some devices also refuse addresses they do not know, and everybody for a while after too many wrong logins.',
  SERVER: 'The fault is on the other side: run again later, and if it stays so, restart the device or its app.',
  RATE_LIMITED: 'It was asked too often: wait a while and run again.',
  REQUEST: 'Check that the address is that of the device, and that this program is up to date.',
  TIMEOUT: 'Check the address; where the device is busy with other requests, a longer --timeout helps.',
  PROTOCOL: 'Check that the address is that of the device; a router, a proxy or a login page may answer in its place.',
  NOT_FOUND: 'Check that the address is that of the device.',
}

const refusals: Readonly<Record<string, { readonly code: string; readonly advice: string }>> = {
  ENOSPC: { code: 'DISK_FULL', advice: 'Make room there and run again: what was fetched is kept.' },
  EDQUOT: { code: 'DISK_FULL', advice: 'Make room there and run again: what was fetched is kept.' },
  EROFS: { code: 'DISK_READ_ONLY', advice: 'Mount that disk for writing, or choose another --dest.' },
  EACCES: { code: 'DISK_DENIED', advice: 'Give this user the right to write there, or choose another --dest.' },
  EPERM: { code: 'DISK_DENIED', advice: 'Give this user the right to write there, or choose another --dest.' },
  EIO: { code: 'DISK_IO', advice: 'Check that disk before you go on.' },
}

/** What the operating system refuses is no bug of ours. */
function systemError(error: unknown): Explained | undefined {
  if (!(error instanceof Error)) return undefined
  const known = refusals[(error as NodeJS.ErrnoException).code ?? '']
  return known && { ...known, message: error.message, exitCode: exitCodes.notBegun }
}

function bug(error: unknown, { cli, version }: Circumstances): Explained {
  const real = error instanceof Error ? error : new Error(String(error))
  return {
    code: 'INTERNAL',
    message: `This is a fault in ${cli} ${version}, not in your footage: ${real.message}`,
    advice: 'Please report it, with the lines below. What was kept is safe; running again goes on from there.',
    stack: real.stack ?? String(real),
    exitCode: exitCodes.incomplete,
  }
}
