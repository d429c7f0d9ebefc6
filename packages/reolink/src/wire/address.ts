import { isIPv6 } from 'node:net'
import { kindOf } from '@cam/download-core/source'

/** Where a device is asked first. */
interface Place {
  readonly origin: string
  readonly mayUpgrade: boolean
  readonly address: string
}

/** Reads the option `host`. `secure`: where no scheme is given, https is meant. Throws TypeError or RangeError. */
export function place(host: unknown, secure: boolean): Place {
  if (typeof host !== 'string') throw new TypeError(`The option host must be a string; received ${kindOf(host)}.`)
  const given = host.trim().replace(/\/$/, '')
  const wanted = 'The option host must be a host, host:port, [IPv6 address], or an http:// or https:// address'
  // Userinfo may hold the password.
  const shown = JSON.stringify(given.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'))
  if (isIPv6(given)) throw new RangeError(`${wanted}; received ${shown}. Write the address in brackets: [${given}].`)
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase()
  const full = scheme ? given : `${secure ? 'https' : 'http'}://${given}`
  if (given === '' || (scheme && scheme !== 'http' && scheme !== 'https') || !URL.canParse(full)) {
    throw new RangeError(`${wanted}; received ${shown}.`)
  }
  if (given.includes('@') || /\s/.test(given)) {
    throw new RangeError(`${wanted}; received ${shown}. Name and password have options of their own.`)
  }
  const url = new URL(full)
  if (url.pathname !== '/' || url.search || url.hash || /[?#]/.test(given)) {
    throw new RangeError(`${wanted}, without a path; received ${shown}.`)
  }
  return { origin: url.origin, mayUpgrade: scheme === undefined && !secure, address: url.host }
}
