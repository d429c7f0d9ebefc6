import { sendBody } from '../kit/send-body.ts'
import { bytesFile, type SyncVirtualFile } from '../kit/virtual-file.ts'
import { type Call, sendError } from './replies.ts'
import type { Archive } from './world.ts'

/** `GET download?filename=` of both Timelapse2 dialects. */
export async function download(call: Call): Promise<void> {
  const { exchange, camera } = call
  if (exchange.method !== 'GET') return sendError(call, 405, 'Method not allowed')
  const name = call.parameter('filename')
  if (name === undefined || name === '') return sendError(call, 400, 'Missing filename parameter')
  // The index lies beside the archives, and 1.x serves whatever lies there.
  if (name === 'recordings.json' && camera.dialect.container === 'avi') {
    exchange.entry.node = 'index'
    const index = Buffer.from(JSON.stringify(camera.archives.map(({ entry }) => entry)))
    return sendFile(call, { name, file: bytesFile(index), etag: undefined })
  }
  if (camera.dialect.refusesPathNames && (name === '.' || name === '..' || /[/\\\x00-\x1f\x7f]/.test(name)))
    return sendError(call, 400, 'Invalid filename parameter')
  const archive = name === '.' || name === '..' ? undefined : camera.find(name)
  if (!archive) return sendError(call, 404, 'File not found')
  await sendArchive(call, archive, name)
}

/** An archive with all that can go wrong on its way. */
export async function sendArchive(call: Call, archive: Archive, name: string): Promise<void> {
  const { exchange, camera } = call
  const { vanish, dropBeforeHeaders, failN, failStatus, changeMidRun } = camera.switches
  const key = `${archive.id}/${name}`
  if (camera.archives.indexOf(archive) < vanish) return sendError(call, 404, 'File not found')
  if (dropBeforeHeaders > 0 && camera.countedBefore(`drop ${key}`) < dropBeforeHeaders) return exchange.drop()
  if (failN > 0 && camera.countedBefore(`fail ${key}`) < failN) return sendError(call, failStatus, 'Try again later')
  const etag = `"${archive.file.size}-${archive.modifiedAt}"`
  const faulty = camera.countedBefore(`body ${key}`) < camera.switches.faultTimes
  try {
    await sendFile(call, { name, file: archive.file, etag, faulty, key })
  } finally {
    if (changeMidRun > 0 && camera.countedBefore(`change ${key}`) + 1 === changeMidRun) camera.change(archive)
  }
}

interface Sent {
  /** One character per byte. */
  readonly name: string
  readonly file: SyncVirtualFile
  readonly etag: string | undefined
  readonly faulty?: boolean
  readonly key?: string
  readonly type?: string
}

/** A file as the application sends it: whole, or a range where the version knows ranges. */
export async function sendFile(call: Call, { name, file, etag, faulty = false, type }: Sent): Promise<void> {
  const { exchange, camera } = call
  const { dialect, switches } = camera
  const ranges = etag !== undefined && (switches.ranges === 'auto' ? dialect.ranges : switches.ranges === 'on')
  const headers: Record<string, string> = {
    'Content-Type': type ?? (dialect.container === 'mp4' ? 'video/mp4' : 'video/x-msvideo'),
    'Content-Disposition': disposition(call, name),
    ...(ranges ? { 'Accept-Ranges': 'bytes', ETag: etag } : {}),
  }
  const range = ranges ? rangeOf(exchange.header('range'), exchange.header('if-range'), etag, file.size) : undefined
  if (range === 'unsatisfiable') {
    const unsatisfiable = { ...headers, 'Content-Type': 'text/plain', 'Content-Range': `bytes */${file.size}` }
    return exchange.reply(416, {
      reason: 'Client Error',
      headers: unsatisfiable,
      body: 'Range not satisfiable',
      chunked: true,
    })
  }
  const { from, to } = range ?? { from: 0, to: file.size }
  if (range) headers['Content-Range'] = `bytes ${from}-${to - 1}/${file.size}`
  const lengthStated = switches.length === 'kept'
  if (lengthStated) headers['Content-Length'] = String(to - from)
  exchange.head(range ? 206 : 200, { headers })
  if (exchange.method === 'HEAD') {
    exchange.response.end()
    return
  }
  await sendBody(exchange, file, {
    ...{ from, to, lengthStated },
    rate: switches.rate,
    writeTimeoutMs: switches.writeTimeout ?? dialect.writeTimeoutMs,
    ...(faulty
      ? {
          stallAt: switches.stallAt,
          stallMs: switches.stallMs,
          cutAt: switches.truncateAt,
          cut: switches.truncate,
          extra: switches.grow,
        }
      : {}),
  })
}

function disposition(call: Call, name: string): string {
  const { dialect } = call.camera
  // A header cannot hold control characters, whatever the file is called.
  const shown = name.replace(/[^\x20-\x7e\x80-\xff]/g, '_')
  const how = dialect.container === 'mp4' && call.parameter('inline') === '1' ? 'inline' : 'attachment'
  return dialect.ranges ? `${how}; filename="${shown}"; filename*=UTF-8''${shown}` : `${how}; filename=${shown}`
}

/** One range, or undefined for the whole file: also when it is malformed, one of many, or for another version. */
function rangeOf(
  header: string | undefined,
  condition: string | undefined,
  etag: string,
  size: number,
): { from: number; to: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (condition !== undefined && condition !== etag) return undefined
  if (first === '') {
    const from = Math.max(0, size - Number(last))
    return Number(last) === 0 || size === 0 ? 'unsatisfiable' : { from, to: size }
  }
  const from = Number(first)
  const to = last === '' ? size : Math.min(size, Number(last) + 1)
  if (last !== '' && Number(last) < from) return undefined
  return from >= size ? 'unsatisfiable' : { from, to }
}
