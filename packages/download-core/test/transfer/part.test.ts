import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openPart, partsFolder } from '../../src/transfer/part-file.ts'
import { blockBytes, decodeNote, encodeNote, type PartIdentity, partKey } from '../../src/transfer/part-note.ts'
import { fakeClock } from './fake-clock.ts'
import { opaque } from './fixture.ts'
import { type MemoryFileSystem, memoryFileSystem } from './memory-file-system.ts'

const identity: PartIdentity = { sourceId: 's', cameraId: 'c', view: '', recordingId: 'r' }
const parts = '/archive/.cam/parts'
const key = partKey(identity)
const content = opaque(2 * blockBytes + 1000, 'part')
const facts = { representation: 'file', validator: { etag: '"x"' }, total: 20_000_000 }

/** A disk on which a run left `content`, of which all was committed. */
async function left(): Promise<MemoryFileSystem> {
  const disk = memoryFileSystem()
  await partsFolder(disk, '/archive')
  const part = await openPart(disk, parts, identity, fakeClock())
  await part.restart(facts)
  const gather = part.gather()
  await gather.push(content)
  await gather.checkpoint()
  await part.close()
  return disk
}

const reopen = (disk: MemoryFileSystem) => openPart(disk, parts, identity, fakeClock())
const bytesOf = (disk: MemoryFileSystem) => disk.files.get(`${parts}/${key}.part`)!
const noteOf = (disk: MemoryFileSystem) => disk.files.get(`${parts}/${key}.json`)!

describe('a part and its note', () => {
  test('are continued exactly where the checkpoint was', async () => {
    const disk = await left()
    const part = await reopen(disk)
    expect(part.bytes).toBe(content.length)
    expect(part.facts).toMatchObject(facts)
    const { createHash } = await import('node:crypto')
    expect(part.sha256()).toBe(createHash('sha256').update(content).digest('hex'))
    await part.opened()
    const more = opaque(3000, 'more')
    const gather = part.gather()
    await gather.push(more)
    await gather.checkpoint()
    const note = decodeNote(noteOf(disk), identity)!
    expect(note.committed).toBe(content.length + 3000)
    expect(note.crcs).toEqual([
      crc32(content.subarray(0, blockBytes)),
      crc32(content.subarray(blockBytes, 2 * blockBytes)),
      crc32(Buffer.concat([content.subarray(2 * blockBytes), more])),
    ])
  })

  test('that went on behind the checkpoint is cut back to it', async () => {
    const disk = await left()
    disk.put(`${parts}/${key}.part`, Buffer.concat([content, opaque(500)]))
    expect((await reopen(disk)).bytes).toBe(content.length)
    expect(bytesOf(disk).length).toBe(content.length)
  })

  test('that is shorter than its checkpoint keeps its whole, good blocks', async () => {
    const disk = await left()
    disk.put(`${parts}/${key}.part`, content.slice(0, 2 * blockBytes - 1))
    expect((await reopen(disk)).bytes).toBe(blockBytes)
    disk.put(`${parts}/${key}.part`, content.slice(0, 1000))
    expect((await reopen(disk)).bytes).toBe(0)
  })

  test.each([
    [content.length - 1, 2 * blockBytes],
    [blockBytes + 5, blockBytes],
    [0, 0],
  ])('with zeros or a flipped bit at %i keeps what comes before that block', async (at, kept) => {
    const disk = await left()
    const bytes = content.slice()
    bytes[at] = bytes[at]! ^ 1
    disk.put(`${parts}/${key}.part`, bytes)
    expect((await reopen(disk)).bytes).toBe(kept)
    const zeroed = content.slice()
    zeroed.fill(0, at)
    disk.put(`${parts}/${key}.part`, zeroed)
    expect((await reopen(disk)).bytes).toBe(kept)
  })

  test('whose note is missing, cut, flipped, of another version or of another recording are not trusted', async () => {
    const good = noteOf(await left())
    const text = Buffer.from(good).toString()
    const other = encodeNote({ ...decodeNote(good, identity)!, identity: { ...identity, recordingId: 'another' } })
    const notes: Record<string, Uint8Array> = {
      empty: new Uint8Array(0),
      cut: good.subarray(0, good.length - 10),
      zeros: new Uint8Array(good.length),
      flipped: Buffer.from(text.replace('"committed":8', '"committed":7')),
      future: Buffer.from(text.replace('"v":1', '"v":2')),
      another: other,
      list: Buffer.from('[]'),
      null: Buffer.from('null'),
    }
    for (const [name, note] of Object.entries(notes)) {
      expect(decodeNote(note, identity), name).toBeUndefined()
      const disk = await left()
      disk.put(`${parts}/${key}.json`, note)
      const part = await reopen(disk)
      expect([part.bytes, part.facts], name).toEqual([0, undefined])
      await part.restart({ representation: 'new' })
      expect(bytesOf(disk).length, name).toBe(0)
    }
    const disk = await left()
    await disk.remove(`${parts}/${key}.json`)
    expect((await reopen(disk)).bytes).toBe(0)
  })

  test('have one name for one recording, and another for any other', () => {
    const keys = [
      identity,
      { ...identity, view: 'front' },
      { ...identity, sourceId: 'sc', cameraId: '' },
      { ...identity, cameraId: 'c2' },
    ].map(partKey)
    expect(new Set(keys).size).toBe(4)
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  test('are refused where something else stands in their place', async () => {
    const disk = memoryFileSystem()
    disk.put('/archive/.cam', Buffer.from('a file'))
    await expect(partsFolder(disk, '/archive')).rejects.toMatchObject({ code: 'DISK_DENIED' })
  })

  test('whose file vanished in between is never published', async () => {
    const disk = await left()
    const part = await reopen(disk)
    await part.close()
    await disk.remove(`${parts}/${key}.part`)
    await expect(part.finish({ extension: 'mp4', kept: {} as never })).rejects.toMatchObject({ code: 'DISK_IO' })
  })
})
