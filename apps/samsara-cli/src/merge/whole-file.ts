import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { disk } from '@cam/download-core'

/** Writes a small file whole or not at all; it is on the disk when this returns. Replaces what is there. Throws DiskError. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    const file = await disk.open(temporary, 'create-exclusive')
    try {
      await file.write([new TextEncoder().encode(text)], 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(temporary, path)
  } catch (error) {
    await disk.remove(temporary).catch(() => {})
    throw error
  }
  await disk.syncFolder(dirname(path))
}

/** Makes what another program wrote durable. */
export async function makeDurable(path: string): Promise<void> {
  const file = await disk.open(path, 'read-write')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a file another name on its disk. False where something has that name already. */
export async function renameUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await disk.link(from, to)
    await disk.remove(from)
  } catch {
    // Not every disk has links.
    if (await disk.lstat(to)) return false
    await disk.rename(from, to)
  }
  return true
}
