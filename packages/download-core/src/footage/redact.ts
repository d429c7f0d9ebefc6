const secretParameter =
  /([?&;](?:[\w.-]*(?:token|secret|password|passwd|pass|pwd|signature|sig|auth|api_?key|access_?key|session|credential)[\w.-]*))=[^&#\s"'<>]*/gi
const secretHeader =
  /(?<![?&]|&amp;)\b((?:proxy-)?authorization|(?:set-)?cookie2?|x-[\w-]*(?:token|key|secret)[\w-]*)(["']?\s*[:=]\s*)[^\r\n]+/gi
const userInfo = /\b([a-z][a-z\d+.-]*:\/\/)[^/?#\s@"'<>]*@/gi

/** Removes what gives access from a text: URL userinfo, signing parameters, authorization headers, and the named secrets. */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let clean = text.replace(userInfo, '$1***@').replace(secretParameter, '$1=***').replace(secretHeader, '$1$2***')
  for (const secret of secrets) {
    if (secret.length < 3) continue
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])) {
      clean = clean.replaceAll(form, '***')
    }
  }
  return clean
}
