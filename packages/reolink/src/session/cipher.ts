import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { Challenge } from '../wire/challenge.ts'

/** Who logs in, and what both sides made up for it. */
export interface Handshake extends Challenge {
  readonly username: string
  readonly password: string
  readonly cnonce: string
}

/** Commands and answers of an encrypted session, as Base64. */
export interface Cipher {
  encrypt(text: string): string
  /** Undefined where it is nothing that was encrypted so. */
  decrypt(text: string): string | undefined
}

const blockBytes = 16

/** The answer to the device's challenge. PROTOCOL.md §1.5. */
export function digestResponse({ username, password, realm, nonce, nc, qop, cnonce }: Handshake, uri: string): string {
  const account = md5(`${username}:${realm}:${password}`)
  return md5([account, nonce, nc, cnonce, qop, md5(`POST:${uri}`)].join(':'))
}

/** AES-128-CFB over zero-padded blocks, keyed by password and nonces. PROTOCOL.md §1.5. */
export function createCipher({ username, password, nonce, cnonce }: Handshake): Cipher {
  const key = half(`${nonce}-${password}-${cnonce}`)
  const iv = half(`webapp-${cnonce}-${password}-${nonce}-${username}`)
  return {
    encrypt(text) {
      const plain = Buffer.from(text, 'utf8')
      const padded = Buffer.alloc(Math.ceil(plain.length / blockBytes) * blockBytes)
      plain.copy(padded)
      const cipher = createCipheriv('aes-128-cfb', key, iv)
      return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64')
    },
    decrypt(text) {
      const bare = text.replace(/\s+/g, '')
      if (bare === '' || !/^[A-Za-z\d+/]+={0,2}$/.test(bare)) return undefined
      const decipher = createDecipheriv('aes-128-cfb', key, iv)
      const padded = Buffer.concat([decipher.update(Buffer.from(bare, 'base64')), decipher.final()])
      let end = padded.length
      while (end > 0 && padded[end - 1] === 0) end--
      return new TextDecoder().decode(padded.subarray(0, end))
    },
  }
}

function half(text: string): Buffer {
  return Buffer.from(md5(text).toUpperCase().slice(0, blockBytes), 'ascii')
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex')
}
