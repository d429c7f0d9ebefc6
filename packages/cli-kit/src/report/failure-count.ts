import type { ArchiveEvent } from '@cam/download-core'
import type { Words } from '../definition.ts'
import { cameraName, recordingName } from './event-lines.ts'

/** A camera that is refused fails in the same words for each of its hours: they are said once, and the rest is counted. */
export interface FailureCount {
  /** Whether this failure is only counted. Says first how many there were before one in other words. */
  isCounted(event: Extract<ArchiveEvent, { type: 'recording-ended' }>): boolean
  end(): void
}

interface Row {
  readonly message: string
  readonly name: string
  more: number
  last: string
}

export function failureCount(words: Words, say: (text: string) => void): FailureCount {
  const rows = new Map<string, Row>()
  const close = ({ more, name, last }: Row) => {
    if (more > 0) say(`${more} more of ${name} in the same way, the last of them ${last}`)
  }
  return {
    isCounted({ camera, recording, outcome }) {
      if (outcome.outcome !== 'failed') return false
      const { message } = outcome
      const last = recordingName(recording, camera, words)
      const row = rows.get(camera.id)
      if (row?.message === message) {
        row.more++
        row.last = last
        return true
      }
      if (row) close(row)
      rows.set(camera.id, { message, name: cameraName(camera), more: 0, last })
      return false
    },
    end() {
      for (const row of rows.values()) close(row)
      rows.clear()
    },
  }
}
