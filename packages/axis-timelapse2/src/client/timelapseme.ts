import { unreadableList } from '../failures.ts'
import { readEntry } from '../wire/list.ts'
import { encodedTarget, isPlain, nodePath, rawTarget } from '../wire/target.ts'
import type { ArchiveClient } from './archive-client.ts'
import type { Conversation } from './conversation.ts'

/** Where TimelapseMe lists its archives. */
export const timelapsemeList = nodePath('timelapseme', 'archives')

/** TimelapseMe. PROTOCOL.md, dialect A. */
export function timelapseme(conversation: Conversation): ArchiveClient {
  return {
    media: 'unknown',
    async list(signal) {
      const answer = await conversation.ask({ url: timelapsemeList }, signal)
      let list: unknown
      try {
        list = answer.json()
      } catch (error) {
        throw unreadableList(conversation.asked, 'it is not JSON, or was cut off', error)
      }
      if (!Array.isArray(list)) throw unreadableList(conversation.asked, 'it is not an array')
      return list.map((entry) => readEntry(entry, true))
    },
    targets({ name, exportId }) {
      const parameters = [
        ['export', exportId],
        ['file', name],
      ] as const
      const target = encodedTarget(timelapsemeList, parameters)
      // Whether it decodes is unknown; its only known client encodes. PROTOCOL.md §5.4.
      return isPlain(name) && isPlain(exportId) ? [target] : [target, rawTarget(timelapsemeList, parameters)]
    },
    explain: async (error) => error,
    unspeakable: () => undefined,
  }
}
