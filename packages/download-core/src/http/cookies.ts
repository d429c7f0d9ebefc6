import { CookieJar } from 'tough-cookie'

/** Cookies of one client, in memory. The caller decides which origins may see them. */
export interface Cookies {
  headerFor(url: URL): string | undefined
  keep(setCookie: readonly string[], url: URL): void
  values(): string[]
}

/** An empty jar. */
export function createCookies(): Cookies {
  // Devices live on bare names and addresses, which a browser's public-suffix rules would refuse.
  const jar = new CookieJar(undefined, { looseMode: true, rejectPublicSuffixes: false })
  return {
    headerFor: (url) => jar.getCookieStringSync(url.href) || undefined,
    keep(setCookie, url) {
      for (const cookie of setCookie.slice(0, 50)) jar.setCookieSync(cookie, url.href, { ignoreError: true })
    },
    values: () => jar.serializeSync()?.cookies.map((cookie) => String(cookie.value ?? '')) ?? [],
  }
}
