import { createHash } from 'node:crypto'
import type { Media } from '../../media/media.ts'
import { type Call, sendJson } from '../call.ts'
import { deliver, failed } from '../delivery.ts'
import { filmOf } from '../films.ts'
import { lastTokenOf, pageOf, refused, writeMoment } from './arguments.ts'
import { apiError, badArgument, notFound } from './errors.ts'
import type { MadeFile } from './export-state.ts'

type Kind = MadeFile['kind']

const includes = [
  ...['size', 'md5', 'createTimestamp', 'details', 'tags', 'notes', 'metadata', 'childCount', 'publicShare'],
  ...['accountId', 'updateTimestamp', 'expireTimestamp', 'status'],
]
const filters = [
  ...['name', 'name__contains', 'directory', 'mimeType', 'createTimestamp__gte', 'createTimestamp__lte', 'size'],
  ...['size__gte', 'size__lte'],
]

export const downloads = (call: Call) => listed(call, 'downloads')
export const files = (call: Call) => listed(call, 'files')
export const download = (call: Call, id: string) => described(call, 'downloads', id)
export const downloadFile = (call: Call, id: string) => content(call, 'downloads', id)
export const fileFile = (call: Call, id: string) => content(call, 'files', id)

/** `GET /files/{id}`; with `alt=media`, as older pages have it, the file itself. */
export async function file(call: Call, id: string): Promise<void> {
  if (call.query.get('alt') !== 'media') return described(call, 'files', id)
  call.exchange.entry.node = 'media'
  return content(call, 'files', id)
}

async function listed(call: Call, kind: Kind): Promise<void> {
  const { cloud, query } = call
  const timestamps = ['createTimestamp__gte', 'createTimestamp__lte']
  const rules = { optional: ['include', ...filters], timestamps, sortable: ['name', 'createTimestamp'], paged: true }
  if (await refused(call, rules)) return
  const name = query.get('name')
  const contains = query.get('name__contains') ?? ''
  const all = [...cloud.exports.files.values()].filter((one) => one.kind === kind)
  const found = all.filter((one) => (name ?? one.name) === one.name && one.name.includes(contains))
  const page = pageOf(call, found, lastTokenOf(call, 'other'))
  if (!page) return badArgument(call, 'invalidArgument', 'pageToken', 'The page token is not valid')
  const results = page.results.map((one) => factsOf(call, one))
  return sendJson(call, 200, { ...page, results, totalSize: all.length })
}

async function described(call: Call, kind: Kind, id: string): Promise<void> {
  if (await refused(call, { optional: ['include'] })) return
  const strange = call.query.list('include').find((name) => !includes.includes(name))
  if (strange !== undefined) {
    call.cloud.violation(`${call.exchange.method} ${call.exchange.path}: include '${strange}'`)
    return badArgument(call, 'invalidArgument', 'include', `Unknown include '${strange}'`)
  }
  const found = call.cloud.exports.files.get(id)
  return found?.kind === kind ? sendJson(call, 200, factsOf(call, found)) : notFound(call, 'The file')
}

/** `:download`. */
async function content(call: Call, kind: Kind, id: string): Promise<void> {
  const { cloud } = call
  const found = cloud.exports.files.get(id)
  if (await refused(call, { optional: kind === 'files' ? ['alt'] : [] })) return
  if (found?.kind !== kind) return notFound(call, 'The file')
  if (isExpired(call, found)) {
    if (cloud.switches.downloadExpired === '404') return notFound(call, 'The file')
    return apiError(call, 410, 'notFound', 'purged', 'The file has been deleted')
  }
  const { camera, start, name } = found
  const key = `${id} ${kind}`
  if (await failed(call, camera, start, key)) return
  const plain = name.replace(/[^\x20-\x7e]/g, '_').replaceAll(/["\\]/g, '\\$&')
  const disposition = `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`
  return deliver(call, {
    ...{ film: filmFor(call, found), camera, start, key, type: 'application/octet-stream' },
    ...{ headers: { 'Content-Disposition': disposition }, flipped: cloud.switches.md5Wrong },
  })
}

const filmFor = ({ cloud }: Call, { camera, start, end }: MadeFile): Media =>
  filmOf(camera, { start, end }, 'export', cloud.clock.now())!

const isExpired = ({ cloud }: Call, { kind, createdAt }: MadeFile) =>
  kind === 'downloads' && cloud.clock.now() - createdAt >= cloud.switches.downloadTtl

function factsOf(call: Call, one: MadeFile) {
  const { cloud, query } = call
  const film = filmFor(call, one)
  const asked = new Set(query.list('include'))
  const details = {
    ...{ type: 'exportFileDetails', deviceId: one.camera.spec.id, jobId: one.jobId, videoType: 'video' },
    ...{ startTimestamp: writeMoment(one.start), endTimestamp: writeMoment(one.end) },
  }
  const more: Record<string, unknown> = {
    ...{ size: film.size, details, accountId: cloud.world.accountId, tags: [], notes: '' },
    createTimestamp: writeMoment(one.createdAt),
    updateTimestamp: writeMoment(one.createdAt),
    ...(asked.has('md5') ? { md5: createHash('md5').update(film.bytes()).digest('hex') } : {}),
  }
  const lasts = { expireTimestamp: writeMoment(one.createdAt + cloud.switches.downloadTtl) }
  return {
    ...{ id: one.id, name: one.name, directory: '/', mimeType: 'video/mp4', filename: one.name },
    ...(one.kind === 'downloads' ? { ...lasts, status: isExpired(call, one) ? 'expired' : 'available' } : {}),
    ...Object.fromEntries(Object.entries(more).filter(([name]) => asked.has(name))),
  }
}
