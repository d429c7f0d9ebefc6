/** Tells which origins may see credentials. `https://*.example.com` stands for every host below example.com. */
export function createOriginCheck(origins: readonly string[]): (origin: string) => boolean {
  const rules = origins.map((text) => {
    const url = URL.canParse(text.replace('://*.', '://any.')) ? new URL(text.replace('://*.', '://any.')) : undefined
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new TypeError(`origins must be http or https URLs; received ${JSON.stringify(text)}.`)
    }
    if (!text.includes('://*.')) return (origin: URL) => origin.origin === url.origin
    const suffix = url.hostname.slice('any'.length)
    return (origin: URL) =>
      origin.protocol === url.protocol && origin.port === url.port && origin.hostname.endsWith(suffix)
  })
  return (origin) => rules.some((rule) => rule(new URL(origin)))
}
