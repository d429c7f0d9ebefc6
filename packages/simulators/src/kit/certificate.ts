import { X509Certificate } from 'node:crypto'

/** A self-signed certificate for 127.0.0.1 and localhost, made for this process. */
export interface Certificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
  /** SHA-256 over the certificate, upper-case hex with colons. */
  readonly fingerprint256: string
}

/** Valid from 2020 to 2099, so that a test with a shifted clock can use it too. `names` come before `localhost`. */
export async function createCertificate(commonName = 'localhost', names: readonly string[] = []): Promise<Certificate> {
  // Loading it takes longer than everything else a simulator does at its start, and most speak plain HTTP.
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.UTC(2020, 0, 1)),
    notAfterDate: new Date(Date.UTC(2099, 0, 1)),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  const { fingerprint256 } = new X509Certificate(made.cert)
  return { certificatePem: made.cert, privateKeyPem: made.private, fingerprint256 }
}
