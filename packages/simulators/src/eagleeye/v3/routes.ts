import { bearerOf, type Call, cookieOf, sendJson } from '../call.ts'
import { camera, cameras } from './cameras.ts'
import { download, downloadFile, downloads, file, fileFile, files } from './downloads.ts'
import { apiError, notFound } from './errors.ts'
import { copyExport, newExport } from './exports.ts'
import { dropJob, job, jobs } from './jobs.ts'
import { beginMediaSession, mediaFile, mediaSession } from './media-file.ts'
import { media } from './media-list.ts'
import { baseUrlOf } from './tokens.ts'

interface Route {
  readonly node: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  readonly answer: (call: Call, id: string) => Promise<void>
}

const root = '/api/v3.0/'

/** Below the root, on the account's cluster. */
const routes: readonly Route[] = [
  { node: 'client-settings', method: 'GET', path: /^clientSettings$/, answer: clientSettings },
  { node: 'user', method: 'GET', path: /^users\/self$/, answer: self },
  { node: 'cameras', method: 'GET', path: /^cameras$/, answer: cameras },
  { node: 'camera', method: 'GET', path: /^cameras\/([^/:]+)$/, answer: camera },
  { node: 'list', method: 'GET', path: /^media$/, answer: media },
  { node: 'media-session', method: 'GET', path: /^media\/session$/, answer: mediaSession },
  { node: 'export', method: 'POST', path: /^exports$/, answer: newExport },
  { node: 'export', method: 'POST', path: /^exports\/([^/:]+):copy$/, answer: copyExport },
  { node: 'jobs', method: 'GET', path: /^jobs$/, answer: jobs },
  { node: 'job', method: 'GET', path: /^jobs\/([^/:]+)$/, answer: job },
  { node: 'job', method: 'DELETE', path: /^jobs\/([^/:]+)$/, answer: dropJob },
  { node: 'downloads', method: 'GET', path: /^downloads$/, answer: downloads },
  { node: 'download', method: 'GET', path: /^downloads\/([^/:]+)$/, answer: download },
  { node: 'media', method: 'GET', path: /^downloads\/([^/:]+):download$/, answer: downloadFile },
  { node: 'files', method: 'GET', path: /^files$/, answer: files },
  { node: 'file', method: 'GET', path: /^files\/([^/:]+)$/, answer: file },
  { node: 'media', method: 'GET', path: /^files\/([^/:]+):download$/, answer: fileFile },
]

/** Answers one request to an `api.` host: the general one, the account's cluster, or another. */
export async function serveApi(call: Call): Promise<void> {
  const { exchange, cloud, host } = call
  const { path, method, entry } = exchange
  const below = path.startsWith(root) ? path.slice(root.length) : undefined
  const here = routes.filter((one) => below !== undefined && one.path.test(below))
  const route = here.find((one) => one.method === method)
  entry.node = route?.node ?? here[0]?.node ?? 'other'
  if (method !== 'GET' && method !== 'HEAD' && !route) cloud.violation(`${method} ${exchange.target}`)
  if (!cloud.tokens.use(bearerOf(call))) return unauthenticated(call)
  entry.authenticated = true
  const everywhere = entry.node === 'client-settings'
  if (host !== cloud.cluster && !everywhere) return elsewhere(call)
  if (here.length === 0) return notFound(call)
  if (!route) return apiError(call, 405, 'methodNotSupported', 'methodNotSupported', `${method} is not supported`)
  return route.answer(call, route.path.exec(below!)?.[1] ?? '')
}

/** Answers one request to the `media.` host, for a bearer or with the cookie of a media session. */
export async function serveMedia(call: Call): Promise<void> {
  const { exchange, cloud } = call
  const { path, method, entry } = exchange
  const isFile = path === '/media/recordings.mp4'
  const isSession = path === '/media/session'
  entry.node = isFile ? 'media' : isSession ? 'media-session' : 'other'
  const bearer = bearerOf(call)
  const byCookie = bearer === undefined && isFile && cloud.mediaUrls.isSession(cookieOf(call, 'een_media_session'))
  if (!byCookie && !cloud.tokens.use(bearer)) return unauthenticated(call)
  entry.authenticated = true
  if (method !== 'GET')
    return apiError(call, 405, 'methodNotSupported', 'methodNotSupported', `${method} is not supported`)
  if (isSession) return beginMediaSession(call)
  return isFile ? mediaFile(call) : notFound(call)
}

function unauthenticated(call: Call): Promise<void> {
  return apiError(call, 401, 'unauthenticated', 'invalidToken', 'The access token is missing, expired or revoked')
}

function elsewhere(call: Call): Promise<void> {
  if (call.cloud.switches.wrongCluster === '401') return unauthenticated(call)
  return apiError(call, 403, 'permissionDenied', 'invalidPermission', 'The account is on another cluster')
}

function clientSettings(call: Call): Promise<void> {
  return sendJson(call, 200, { httpsBaseUrl: baseUrlOf(call.cloud) })
}

function self(call: Call): Promise<void> {
  const { credentials, world } = call.cloud
  return sendJson(call, 200, {
    ...{
      id: 'ca0e1cf2',
      email: credentials.username,
      firstName: 'Ada',
      lastName: 'Example',
      accountId: world.accountId,
    },
  })
}
