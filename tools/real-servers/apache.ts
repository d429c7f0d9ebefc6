import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { account, htdigestLine } from './accounts.ts'
import { makeReadable, run } from './run.ts'

/** Apache with digest authentication, as in a camera. Base addresses without a closing slash. */
export interface ApacheDigest extends AsyncDisposable {
  /** Nonces live for 300 s. */
  readonly plain: string
  /** Nonces live for 2 s; later ones are answered with `stale=true`. */
  readonly shortLived: string
  /** Each nonce is good for one request; the next one comes with the reply. */
  readonly oneTime: string
  /** A nonce count that does not grow is answered with 401, without `stale`. */
  readonly countChecked: string
  /** One `port method target status bytes` per request so far. */
  accessLog(): Promise<string[]>
}

const modules = [
  'mpm_event',
  'authn_core',
  'authn_file',
  'authz_core',
  'authz_user',
  'auth_digest',
  'mime',
  'rewrite',
] as const

const folders = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/libexec/apache2']

/** Serves the files of `folder` (as root it makes them readable for everybody first). Dispose to stop it. */
export async function startApacheDigest(folder: string): Promise<ApacheDigest> {
  await makeReadable(folder)
  const running = await run('apache2', 4, async (own, ports) => {
    const [plain, shortLived, oneTime, countChecked] = ports
    const root = process.getuid?.() === 0
    const lines = [
      `ServerRoot "${own}"`,
      'ServerName localhost',
      `PidFile "${own}/httpd.pid"`,
      `DefaultRuntimeDir "${own}"`,
      `Mutex file:${own} default`,
      `ErrorLog "${own}/error.log"`,
      ...modules.map((name) => `LoadModule ${name}_module ${moduleFolder()}/mod_${name}.so`),
      'LogFormat "%p %m %U%q %>s %B" plain',
      `CustomLog "${own}/access.log" plain`,
      `TypesConfig "${own}/mime.types"`,
      ...(root ? ['User www-data', 'Group www-data'] : []),
      'StartServers 1',
      `DocumentRoot "${folder}"`,
      '<Location "/">',
      '  AuthType Digest',
      `  AuthName "${account.realm}"`,
      '  AuthDigestProvider file',
      `  AuthUserFile "${own}/htdigest"`,
      '  AuthDigestAlgorithm MD5',
      '  AuthDigestQop auth',
      '  Require valid-user',
      '</Location>',
      ...ports.map((port) => `Listen 127.0.0.1:${port}`),
      ...virtualHost(plain, ''),
      ...virtualHost(shortLived, 'AuthDigestNonceLifetime 2'),
      ...virtualHost(oneTime, 'AuthDigestNonceLifetime 0'),
      ...virtualHost(countChecked, 'AuthDigestNcCheck On'),
    ]
    await writeFile(join(own, 'apache.conf'), `${lines.join('\n')}\n`)
    await writeFile(join(own, 'htdigest'), htdigestLine('md5'))
    await writeFile(join(own, 'mime.types'), 'video/x-msvideo avi\nvideo/mp4 mp4\ntext/html html\n')
    return ['-f', join(own, 'apache.conf'), '-D', 'FOREGROUND']
  })
  const [plain, shortLived, oneTime, countChecked] = running.ports.map((port) => `http://127.0.0.1:${port}`)
  return {
    plain: plain!,
    shortLived: shortLived!,
    oneTime: oneTime!,
    countChecked: countChecked!,
    async accessLog() {
      return (await readFile(join(running.folder, 'access.log'), 'utf8')).trim().split('\n')
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

function virtualHost(port: number | undefined, setting: string): string[] {
  return [
    `<VirtualHost 127.0.0.1:${port}>`,
    '  <Location "/">',
    `    ${setting}`,
    '  </Location>',
    // A camera's download node names its file in the query.
    '  RewriteEngine On',
    '  RewriteCond "%{QUERY_STRING}" "^filename=([^&/]+)$"',
    '  RewriteMap unescape int:unescape',
    `  RewriteRule "^(.*)/download$" "$1/files/\${unescape:%1}"`,
    '</VirtualHost>',
  ]
}

function moduleFolder(): string {
  return folders.find((folder) => existsSync(folder)) ?? folders[0]!
}
