import { createHash } from 'node:crypto'
import { type Call, retryHeaders, sendJson, sendText } from '../call.ts'
import type { Cloud } from '../cloud.ts'

/**
 * The first request for an MP4 makes a job (201), the next ones ask for it (202). Returns whether it has been answered;
 * false when the film is ready.
 */
export async function transcoding(call: Call, key: string, meant: boolean): Promise<boolean> {
  const { cloud } = call
  const { mp4Polls, mp4Bad } = cloud.switches
  const polls = meant ? mp4Polls : 1
  const asked = cloud.countedBefore(`mp4 ${key}`)
  if (asked > polls) return false
  if (asked > 0 && meant && asked <= mp4Bad) {
    await sendText(call, 502, 'Bad Gateway', retryHeaders(call))
    return true
  }
  // Of a job that never ends the ratio comes near 1, and stays there.
  const ratio = Number.isFinite(polls) ? asked / (polls + 1) : Math.min(asked / 10, 0.99)
  await sendJson(call, asked === 0 ? 201 : 202, workerBody(cloud, key, ratio))
  return true
}

/** What a transcoder says while it works. */
export function workerBody(cloud: Cloud, key: string, ratio: number): unknown {
  const hex = createHash('md5').update(key).digest('hex')
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (cloud.switches.mp4Body === 'documented') return { id: uuid }
  return {
    ...{ status_code: 202, message: 'AcceptedWorker', reason: 'AcceptedWorker' },
    data: {
      ...{ uuid, name: 'com.eencloud.svc-renderer.transcoder.mp4', urn: `transcoder/${key}` },
      ...{ status: ratio === 0 ? 'Initializing' : 'Running', error: null },
      meta: {
        'x-een-svc-renderer-service-id': 'svc-renderer-1',
        'x-een-svc-renderer-job-id': uuid,
        'x-een-svc-renderer-transcode-complete-ratio': ratio.toFixed(2),
      },
    },
  }
}
