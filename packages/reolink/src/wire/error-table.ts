/** What a number of the table means for whoever asked. */
export type ErrorKind =
  | 'session'
  | 'credentials'
  | 'locked'
  | 'often'
  | 'sessions'
  | 'busy'
  | 'passing'
  | 'offline'
  | 'missing'
  | 'request'
  | 'unable'
  | 'rights'

/** The vendor's table of errors, with what follows from each. PROTOCOL.md §1.3. */
const table: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  [-1]: ['request', 'missing parameters'],
  [-2]: ['passing', 'out of memory'],
  [-3]: ['request', 'check error'],
  [-4]: ['request', 'parameter error'],
  [-5]: ['sessions', 'max session'],
  [-6]: ['session', 'please login first'],
  [-7]: ['credentials', 'login failed'],
  [-8]: ['passing', 'timeout'],
  [-9]: ['unable', 'not supported'],
  [-10]: ['request', 'protocol error'],
  [-11]: ['passing', 'fcgi read failed'],
  [-12]: ['passing', 'get config failed'],
  [-13]: ['passing', 'set config failed'],
  [-14]: ['passing', 'malloc failed'],
  [-15]: ['passing', 'create socket failed'],
  [-16]: ['passing', 'send failed'],
  [-17]: ['passing', 'receive failed'],
  [-18]: ['passing', 'open file failed'],
  [-19]: ['passing', 'read file failed'],
  [-20]: ['passing', 'write file failed'],
  [-21]: ['session', 'error token'],
  [-22]: ['request', 'the string is too long'],
  [-23]: ['request', 'missing parameter'],
  [-24]: ['request', 'error command'],
  [-25]: ['passing', 'internal error'],
  [-26]: ['rights', 'ability error'],
  [-27]: ['credentials', 'invalid user'],
  [-31]: ['busy', 'busy'],
  [-46]: ['credentials', 'digest authentication failed'],
  [-47]: ['session', 'digest nonce expired'],
  [-48]: ['passing', 'fetching a picture failed'],
  [-49]: ['missing', 'channel invalid'],
  [-99]: ['offline', 'device offline'],
  [-105]: ['often', 'frequent logins'],
  [-220]: ['passing', 'error downloading video file'],
  [-221]: ['busy', 'busy video recording task'],
  [-222]: ['missing', 'video file does not exist'],
  [-301]: ['session', 'digest nonce error'],
  [-310]: ['session', 'AES decryption failed'],
  [-500]: ['busy', 'the number of addresses is at its limit'],
  [-501]: ['credentials', 'user does not exist'],
  [-502]: ['credentials', 'password wrong'],
  [-503]: ['credentials', 'login denied'],
  [-505]: ['unable', 'not initialised'],
  [-506]: ['locked', 'login locked'],
  [-507]: ['sessions', 'maximum reached'],
}

/** Undefined for a number that is in no table. */
export function kindOfCode(code: number): ErrorKind | undefined {
  return table[code]?.[0]
}

/** For where the device itself says nothing. */
export function wordsOfCode(code: number): string | undefined {
  return table[code]?.[1]
}
