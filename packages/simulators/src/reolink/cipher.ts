import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** What both sides know after an encrypted login. */
export interface DigestLogin {
  readonly user: string
  readonly password: string
  readonly realm: string
  readonly nonce: string
  readonly nc: string
  readonly cnonce: string
  readonly qop: string
  readonly uri: string
}

/** The proof that the client knows the password, lower-case hex. */
export function digestResponse({ user, password, realm, nonce, nc, cnonce, qop, uri }: DigestLogin): string {
  return md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:${qop}:${md5(`POST:${uri}`)}`)
}

/** AES-128-CFB with one key and one start for every message, and the counters that make each request good once. */
export class Cipher {
  readonly key: string
  readonly iv: string
  readonly checkBasic: number
  readonly countTotal: number
  readonly #next = new Map<number, number>()

  constructor(
    { user, password, nonce, cnonce }: Pick<DigestLogin, 'user' | 'password' | 'nonce' | 'cnonce'>,
    { checkBasic, countTotal }: { checkBasic: number; countTotal: number },
  ) {
    this.key = md5(`${nonce}-${password}-${cnonce}`).toUpperCase().slice(0, 16)
    this.iv = md5(`webapp-${cnonce}-${password}-${nonce}-${user}`).toUpperCase().slice(0, 16)
    this.checkBasic = checkBasic
    this.countTotal = countTotal
  }

  /** Base64, the text filled with zeros to whole blocks. */
  encrypt(text: string): string {
    const bytes = Buffer.from(text)
    const padded = Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)])
    const cipher = createCipheriv('aes-128-cfb', this.key, this.iv)
    return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64')
  }

  /** Undefined where it is no base64. */
  decrypt(text: string): string | undefined {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
    const decipher = createDecipheriv('aes-128-cfb', this.key, this.iv)
    const bytes = Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()])
    return bytes.toString().replace(/\0+$/, '')
  }

  /** The command of `countId=3&checkNum=1001&cmd=Search`; undefined where the number was used or is out of turn. */
  spend(counter: string): string | undefined {
    const [, id, number, cmd] = /^countId=(\d{1,4})&checkNum=(\d{1,12})&cmd=(\w+)$/.exec(counter) ?? []
    const countId = Number(id)
    // The first three belong to the vendor's own apps.
    if (!(countId >= 3 && countId < this.countTotal)) return undefined
    const expected = this.#next.get(countId) ?? this.checkBasic
    if (Number(number) !== expected) return undefined
    this.#next.set(countId, expected + 1)
    return cmd
  }
}
