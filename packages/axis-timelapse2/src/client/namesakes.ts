import type { OpenedRecording, Recording } from '@cam/download-core/source'
import { overwritten } from '../failures.ts'

/**
 * Opens an archive whose name others share: the camera holds the content of one of them, the later one. PROTOCOL.md §3.5.
 * The stated lengths tell whose content comes; where they do not, only the last of the list is believed.
 */
export async function onlyOwnContent(
  recording: Recording,
  listed: readonly Recording[],
  open: () => Promise<OpenedRecording>,
): Promise<OpenedRecording> {
  const name = recording.name ?? ''
  const all = listed.filter((other) => other.name === name)
  const others = all.filter(({ id }) => id !== recording.id)
  const { bytes } = recording
  const untold = bytes === undefined || others.some((other) => other.bytes === bytes)
  if (untold && all.at(-1)?.id !== recording.id) throw overwritten(name, 'UNPROVABLE')
  const lengths = new Set(others.map((other) => other.bytes).filter((length) => length !== bytes))
  const opened = await open()
  if (bytes === undefined) return opened
  if (opened.totalBytes !== undefined && lengths.has(opened.totalBytes)) {
    await opened.body[Symbol.asyncIterator]().return?.()
    throw overwritten(name, 'WRONG_LENGTH')
  }
  return { ...opened, body: counted(opened, bytes, lengths, name) }
}

/** Without a stated length only the end of the body shows whose content it was. */
function counted(
  { body, startsAtByte }: OpenedRecording,
  bytes: number,
  lengths: ReadonlySet<number | undefined>,
  name: string,
): AsyncIterable<Uint8Array> {
  const inner = body[Symbol.asyncIterator]()
  let position = startsAtByte
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    await inner.return?.()
    return { done: true, value: undefined }
  }
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = await inner.next()
        position += result.done ? 0 : result.value.byteLength
        if (position > bytes || (result.done && position !== bytes && lengths.has(position))) {
          await close()
          throw overwritten(name, 'WRONG_LENGTH')
        }
        return result
      },
      return: close,
    }),
  }
}
