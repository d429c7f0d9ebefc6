import type { Exchange } from '../kit/exchange.ts'
import type { Console } from './console.ts'
import type { Session } from './sessions.ts'

/** A request to the console. */
export interface Call {
  readonly exchange: Exchange
  readonly console: Console
  readonly query: URLSearchParams
  /** Of whoever is logged in. */
  readonly session?: Session
}

export type Headers = Record<string, string | readonly string[]>

export function sendJson({ exchange }: Pick<Call, 'exchange'>, status: number, value: unknown, headers: Headers = {}) {
  const type = { 'Content-Type': 'application/json; charset=utf-8' }
  return exchange.reply(status, { headers: { ...type, ...headers }, body: JSON.stringify(value) })
}

export function sendHtml({ exchange }: Pick<Call, 'exchange'>, status: number, html: string, headers: Headers = {}) {
  return exchange.reply(status, { headers: { 'Content-Type': 'text/html', ...headers }, body: html })
}

/** Whole milliseconds; NaN for anything else. */
export function wholeNumber(text: string | null): number {
  return text !== null && /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
}

/** The page of a web server in front that has nobody behind it. */
export function nginxPage(words: string): string {
  return `<html>\r\n<head><title>${words}</title></head>\r\n<body>\r\n<center><h1>${words}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`
}

/** What a browser gets at the root, and what some consoles show to a session that is over. */
export const loginPage =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>UniFi OS</title></head><body><div id="root"></div></body></html>'
