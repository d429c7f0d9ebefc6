import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { account, htdigestLine } from './accounts.ts'
import { run } from './run.ts'

/** lighttpd with digest authentication. Base addresses without a closing slash. */
export interface LighttpdDigest extends AsyncDisposable {
  /** Offers SHA-256 and MD5, in two headers. */
  readonly both: string
  readonly sha256Only: string
}

/** Serves the files of `folder`. Dispose to stop it. */
export async function startLighttpdDigest(folder: string): Promise<LighttpdDigest> {
  const running = await run('lighttpd', 2, async (own, [both, sha256Only]) => {
    const demand = (algorithm: string) =>
      `auth.require = ( "/" => ( "method" => "digest", "realm" => "${account.realm}", "algorithm" => "${algorithm}", "require" => "valid-user" ) )`
    const lines = [
      'server.modules = ( "mod_rewrite", "mod_auth", "mod_authn_file" )',
      // A camera's download node names its file in the query.
      'url.rewrite-once = ( "^(.*)/download\\?filename=([^&/]+)$" => "$1/files/$2" )',
      `server.document-root = "${folder}"`,
      'server.bind = "127.0.0.1"',
      `server.port = ${both}`,
      `server.errorlog = "${own}/error.log"`,
      'mimetype.assign = ( ".avi" => "video/x-msvideo", ".mp4" => "video/mp4", ".html" => "text/html" )',
      'auth.backend = "htdigest"',
      `auth.backend.htdigest.userfile = "${own}/htdigest"`,
      demand('MD5|SHA-256'),
      `$SERVER["socket"] == "127.0.0.1:${sha256Only}" {`,
      `  ${demand('SHA-256')}`,
      '}',
    ]
    await writeFile(join(own, 'lighttpd.conf'), `${lines.join('\n')}\n`)
    await writeFile(join(own, 'htdigest'), htdigestLine('md5') + htdigestLine('sha256'))
    return ['-D', '-f', join(own, 'lighttpd.conf')]
  })
  const [both, sha256Only] = running.ports.map((port) => `http://127.0.0.1:${port}`)
  return {
    both: both!,
    sha256Only: sha256Only!,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
