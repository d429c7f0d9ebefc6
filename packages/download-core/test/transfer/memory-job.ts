import type { OpenedRecording, OpenFrom } from '../../src/footage/source.ts'
import type { TransferJob } from '../../src/transfer/job.ts'
import type { FakeClock } from './fake-clock.ts'
import { recordingOf } from './fixture.ts'
import type { MemoryFileSystem } from './memory-file-system.ts'

export interface MemorySource {
  readonly asked: OpenFrom[]
  open: TransferJob['open']
}

/** A source that serves bytes from memory, with ranges and an ETag, and lets time pass between two chunks. */
export function memorySource(
  content: Uint8Array,
  clock: FakeClock,
  chunkBytes = 512 * 1024,
  chunkMs = 2600,
): MemorySource {
  const asked: OpenFrom[] = []
  return {
    asked,
    async open(from): Promise<OpenedRecording> {
      asked.push(from)
      async function* body() {
        for (let at = from.byte; at < content.length; at += chunkBytes) {
          clock.advance(chunkMs)
          yield content.subarray(at, at + chunkBytes)
        }
      }
      return {
        body: body(),
        startsAtByte: from.byte,
        totalBytes: content.length,
        validator: { etag: '"one"' },
        representation: 'file',
      }
    },
  }
}

export function memoryJob(
  fileSystem: MemoryFileSystem,
  source: MemorySource,
  clock: FakeClock,
  more: Partial<TransferJob> = {},
): TransferJob {
  return {
    sourceId: 'source-1',
    recording: recordingOf('validated', {
      window: { start: 1_700_000_000_000, end: 1_700_000_060_000 },
      windowFrom: 'source',
    }),
    open: source.open,
    root: '/archive',
    place: async (extension, taken) => ({
      path: taken ? `a/clip-2.${extension}` : `a/clip.${extension}`,
      replace: false,
    }),
    fileSystem,
    clock,
    retry: { retries: 0 },
    signal: new AbortController().signal,
    reserveBytes: 0,
    ...more,
  }
}
