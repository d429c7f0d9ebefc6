import { createHash } from 'node:crypto'

/** The account all real servers of the tests know, and the realm they show: the ones of an Axis camera. */
export const account = { username: 'root', password: 'pass', realm: 'AXIS_ACCC8E000001' } as const

/** One line of an htdigest file. */
export function htdigestLine(algorithm: 'md5' | 'sha256'): string {
  const { username, realm, password } = account
  return `${username}:${realm}:${createHash(algorithm).update(`${username}:${realm}:${password}`).digest('hex')}\n`
}
