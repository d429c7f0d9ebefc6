/** The vendor's own domains. PROTOCOL.md §1.1, §2.2. */
export const vendorDomains: readonly string[] = ['https://*.eagleeyenetworks.com', 'https://*.een.cloud']

/** Tells whether an address lies on one of the origins; `https://*.example.com` stands for everything below it. */
export function trusts(origins: readonly string[], address: string | URL): boolean {
  if (!URL.canParse(String(address))) return false
  const { origin, protocol, port, hostname } = new URL(address)
  return origins.some((one) => {
    if (!one.includes('://*.')) return origin === one
    const rule = new URL(one.replace('://*.', '://any.'))
    return protocol === rule.protocol && port === rule.port && hostname.endsWith(rule.hostname.slice('any'.length))
  })
}
