import { discreet, type PingTarget, type WebhookTarget } from '../target.ts'
import type { TargetOptions } from './parse-target.ts'

/** Reads the URL of a monitor that takes pings the way healthchecks does. */
export function parsePing(text: string, options: TargetOptions): PingTarget {
  const { url, secrets, label } = httpUrl(text, 'ping')
  if (url.username || url.password) throw new RangeError(`${label}: pings take no user name.`)
  url.pathname = url.pathname.replace(/\/+$/, '')
  if (url.pathname === '/' || url.pathname === '') {
    throw new RangeError(`${label}: the URL must end with the check's UUID, or with ping key and slug.`)
  }
  return discreet({
    channel: 'ping',
    url: url.href,
    label,
    secrets,
    tls: options.tls ?? {},
    ...(options.events ? { events: options.events } : {}),
  })
}

/** Reads the URL of a webhook. A name and password in it become Basic authentication. */
export function parseWebhook(text: string, options: TargetOptions): WebhookTarget {
  const { url, secrets, label } = httpUrl(text, 'webhook')
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  if (url.username || url.password) {
    const pair = `${decoded(url.username, label)}:${decoded(url.password, label)}`
    headers.authorization ??= `Basic ${Buffer.from(pair).toString('base64')}`
    secrets.push(decoded(url.password, label))
    url.username = ''
    url.password = ''
  }
  for (const value of Object.values(headers)) secrets.push(value, value.replace(/^\w+ +/, ''))
  return discreet({
    channel: 'webhook',
    url: url.href,
    label,
    secrets: longestFirst(secrets),
    headers,
    tls: options.tls ?? {},
    ...(options.events ? { events: options.events } : {}),
  })
}

/** What stands behind a percent sign; a RangeError where it is no character. */
export function decoded(text: string, label: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RangeError(`${label}: a percent sign in a user name or password must be written %25.`)
  }
}

function httpUrl(text: string, channel: string): { url: URL; secrets: string[]; label: string } {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new RangeError(`A ${channel} must be an http or https URL, with special characters in it percent-encoded.`)
  }
  const url = new URL(text)
  url.hash = ''
  const label = `${channel} ${url.host}`
  // Whoever knows the path of a ping or a webhook can call it: all of it is secret, and so is each long part on its own.
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()].filter((part) => part.length >= 6)
  const paths = [url.href, `${url.pathname}${url.search}`, url.pathname].filter((path) => path.length > 3)
  return { url, label, secrets: longestFirst([...paths, ...parts]) }
}

/** So that a secret inside another one does not break it up. */
export function longestFirst(secrets: readonly string[]): string[] {
  return [...new Set(secrets)].filter((secret) => secret.length > 2).sort((a, b) => b.length - a.length)
}
