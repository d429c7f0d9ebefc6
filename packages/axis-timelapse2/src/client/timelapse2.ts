import { isCamError } from '@cam/download-core/source'
import { unreadableList, unspeakable } from '../failures.ts'
import { atLeast } from '../wire/app.ts'
import { readEntry } from '../wire/list.ts'
import { encodedTarget, isPlain, needsDecoding, nodePath, rawTarget } from '../wire/target.ts'
import type { ArchiveClient } from './archive-client.ts'
import type { Conversation } from './conversation.ts'
import { obstacle, whyNotReady } from './readiness.ts'

const path = (node: string) => nodePath('timelapse2', node)

/** Timelapse2 1.x and Timelapse 3.x. `version` is undefined where the app could not tell. */
export function timelapse2(conversation: Conversation, version: string | undefined): ArchiveClient {
  const { asked } = conversation
  const decodes = version !== undefined && atLeast(version, '3.1.3')

  /** The index beside the archives, for when the list comes out empty. PROTOCOL.md §3.6. */
  const readIndex = async (signal: AbortSignal): Promise<unknown> => {
    try {
      const target = encodedTarget(path('download'), [['filename', 'recordings.json']])
      return (await conversation.ask(target, signal)).json()
    } catch (error) {
      if (!isCamError(error) || !/^(NOT_FOUND|REQUEST|PROTOCOL)$/.test(error.code)) throw error
      throw unreadableList(
        asked,
        `the reply was empty, and its index could not be read either (${error.message})`,
        error,
      )
    }
  }

  const readList = async (signal: AbortSignal): Promise<unknown> => {
    const explain = (error: unknown) => whyNotReady(error, conversation, version, signal)
    const answer = await conversation.ask({ url: path('archive') }, signal, explain)
    if (answer.bytes.byteLength === 0) return readIndex(signal)
    try {
      return answer.json()
    } catch (error) {
      throw unreadableList(asked, 'it is not JSON, or was cut off', error)
    }
  }

  return {
    media: version !== undefined && atLeast(version, '3') ? 'mp4' : 'avi',
    async list(signal) {
      const list = await readList(signal)
      if (!Array.isArray(list)) throw unreadableList(asked, `it is ${kind(list)} and not an array`)
      // A list that is empty because the card is gone must not look like a camera without archives.
      const reason = list.length === 0 ? await obstacle(conversation, version, signal) : undefined
      if (reason !== undefined) throw reason
      return list.map((entry) => readEntry(entry, false))
    },
    targets({ name }) {
      const parameters = [['filename', name]] as const
      const encodedFirst = [encodedTarget(path('download'), parameters)]
      if (isPlain(name)) return encodedFirst
      const raw = rawTarget(path('download'), parameters)
      return decodes ? [...encodedFirst, raw] : [raw, ...encodedFirst]
    },
    explain: (error, signal) => whyNotReady(error, conversation, version, signal),
    unspeakable: (name) => (!decodes && needsDecoding(name) ? unspeakable(asked, name, version) : undefined),
  }
}

function kind(value: unknown): string {
  return value === null ? 'null' : `of type ${typeof value}`
}
