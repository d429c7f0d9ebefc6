import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate for 127.0.0.1 and localhost that signs itself, made without any tool: just enough X.509. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = tbs(publicKey)
  const signature = sign('sha256', body, { key: privateKey, dsaEncoding: 'der' })
  const der = sequence(body, algorithm, node(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = der.toString('base64').match(/.{1,64}/g)!
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}

function tbs(publicKey: KeyObject): Buffer {
  const day = 86_400_000
  const time = (at: number) =>
    node(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
  const name = sequence(node(0x31, sequence(oid('550403'), node(0x0c, Buffer.from('localhost')))))
  const alternatives = sequence(node(0x82, Buffer.from('localhost')), node(0x87, Buffer.of(127, 0, 0, 1)))
  const constraints = sequence(node(0x01, Buffer.of(0xff)))
  const extensions = sequence(
    sequence(oid('551d11'), node(0x04, alternatives)),
    sequence(oid('551d13'), node(0x01, Buffer.of(0xff)), node(0x04, constraints)),
  )
  return sequence(
    node(0xa0, node(0x02, Buffer.of(2))),
    node(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    node(0xa3, extensions),
  )
}

function node(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return node(0x30, Buffer.concat(parts))
}

function oid(hex: string): Buffer {
  return node(0x06, Buffer.from(hex, 'hex'))
}

/** ecdsa-with-SHA256 */
const algorithm = sequence(oid('2a8648ce3d040302'))
