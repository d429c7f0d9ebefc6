import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { fragmentedMp4, mjpegAvi, mp4 } from '@cam/simulators/media'
import { describe, expect, test } from 'vitest'
import type { Recording } from '../../src/footage/recording.ts'
import { disk } from '../../src/transfer/disk.ts'
import { type Evidence, prove, proveExisting } from '../../src/transfer/verify.ts'
import { opaque, recordingOf, temporaryFolder } from './fixture.ts'
import { memoryFileSystem } from './memory-file-system.ts'

const film = mp4({ frames: 50, fps: 10, width: 64, height: 48 }).bytes()
const lapse = mjpegAvi({ frames: 20, fps: 10 }).bytes()
const stream = fragmentedMp4({ frames: 50, fps: 10 }).bytes()
const unknown = opaque(5000)

async function proved(bytes: Uint8Array, recording: Partial<Recording>, more: Partial<Evidence> = {}) {
  const fileSystem = memoryFileSystem()
  fileSystem.put('/archive/x', bytes)
  return prove(await fileSystem.open('/archive/x', 'read'), {
    recording: recordingOf('never', recording),
    bytes: bytes.length,
    ...more,
  })
}
const hash = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')

describe('the proof', () => {
  test.each(['md5', 'sha1', 'sha256', 'sha512'] as const)(
    'is a checksum where one is stated: %s',
    async (algorithm) => {
      const checksum = { algorithm, hex: hash(algorithm, unknown) }
      expect(await proved(unknown, { checksum, bytes: 5000 })).toMatchObject({
        proof: { by: 'checksum', checksum },
        sha256: hash('sha256', unknown),
      })
      await expect(proved(unknown, { checksum: { algorithm, hex: hash(algorithm, film) } })).rejects.toMatchObject({
        code: 'WRONG_CHECKSUM',
      })
    },
  )

  test('is a CRC-32 too, with its leading zeros', async () => {
    let bytes = unknown
    for (let i = 0; crc32(bytes) >= 0x10000000; i++) bytes = opaque(100, i)
    const hex = crc32(bytes).toString(16).padStart(8, '0')
    expect(hex[0]).toBe('0')
    expect(await proved(bytes, { checksum: { algorithm: 'crc32', hex } })).toMatchObject({ proof: { by: 'checksum' } })
  })

  test('by what the reply states goes before what the list states', async () => {
    const right = { algorithm: 'sha256', hex: hash('sha256', film) } as const
    const wrong = { algorithm: 'sha256', hex: hash('sha256', unknown) } as const
    expect(await proved(film, { checksum: wrong }, { checksum: right })).toMatchObject({ proof: { by: 'checksum' } })
  })

  test('is every stated length, and a single other one condemns', async () => {
    const statedLengths = [{ by: 'the server', bytes: 5000 }]
    expect(await proved(unknown, { bytes: 5000 }, { statedLengths })).toMatchObject({
      proof: { by: 'length', bytes: 5000, statedBy: ['the list', 'the server'] },
    })
    await expect(proved(unknown, { bytes: 5001 }, { statedLengths })).rejects.toMatchObject({ code: 'WRONG_LENGTH' })
    await expect(
      proved(unknown, { bytes: 5000 }, { statedLengths: [{ by: 'the server', bytes: 4999 }] }),
    ).rejects.toMatchObject({ code: 'WRONG_LENGTH' })
  })

  test('is the structure where nobody states anything', async () => {
    expect(await proved(film, {})).toMatchObject({ proof: { by: 'container', format: 'mp4' } })
    expect(await proved(lapse, {})).toMatchObject({ proof: { by: 'container', format: 'avi' } })
    expect(await proved(film.subarray(0, -100), {})).toMatchObject({ unproved: 'cut' })
    expect(await proved(unknown, {})).toMatchObject({ unproved: 'repeat' })
    expect(await proved(unknown, {}, { repeated: true })).toMatchObject({ proof: { by: 'repeat' } })
  })

  test('of a format without an end mark needs a duration or a window that it reaches', async () => {
    const window = { start: 0, end: 5000 }
    expect(await proved(stream, {})).toMatchObject({ unproved: 'repeat' })
    expect(await proved(stream, { window })).toMatchObject({ proof: { by: 'container' } })
    expect(await proved(stream, { window: { start: 0, end: 6000 }, expect: { toleranceMs: 1000 } })).toMatchObject({
      proof: { by: 'container' },
    })
    expect(await proved(stream, { window: { start: 0, end: 6001 }, expect: { toleranceMs: 1000 } })).toMatchObject({
      unproved: 'cut',
    })
    expect(await proved(stream, { expect: { durationMs: 5000 } })).toMatchObject({ proof: { by: 'container' } })
  })

  test('by length is no proof against a structure that lacks pictures, nor for a page, nor for nothing', async () => {
    const cut = film.subarray(0, -100)
    await expect(proved(cut, { bytes: cut.length })).rejects.toMatchObject({ code: 'CORRUPT' })
    await expect(proved(cut, { checksum: { algorithm: 'md5', hex: hash('md5', cut) } })).rejects.toMatchObject({
      code: 'CORRUPT',
    })
    for (const page of ['<html>Log in</html>', ' {"error": 7}', '[{"cmd":"Login"}]']) {
      await expect(proved(Buffer.from(page), { bytes: page.length })).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringContaining(page.trim().slice(0, 9)),
      })
      expect(await proved(Buffer.from(page), { bytes: page.length, extension: 'json' })).toMatchObject({
        proof: { by: 'length' },
      })
    }
    await expect(proved(new Uint8Array(0), { bytes: 0 })).rejects.toMatchObject({ code: 'CORRUPT' })
  })
})

describe('what was promised', () => {
  test('is compared: too short fails, a smaller picture is a proxy', async () => {
    const expecting = (expect: Recording['expect']) => ({ bytes: film.length, ...(expect ? { expect } : {}) })
    expect(await proved(film, expecting({ durationMs: 5000, width: 64, height: 48, frames: 50 }))).toMatchObject({
      fidelity: 'full',
    })
    expect(await proved(film, expecting({ durationMs: 7000, toleranceMs: 2000 }))).toMatchObject({ fidelity: 'full' })
    await expect(proved(film, expecting({ durationMs: 7001, toleranceMs: 2000 }))).rejects.toMatchObject({
      code: 'TOO_SHORT',
    })
    await expect(proved(film, expecting({ frames: 51 }))).rejects.toMatchObject({ code: 'TOO_SHORT' })
    expect(await proved(film, expecting({ width: 65 }))).toMatchObject({ fidelity: 'proxy' })
    expect(await proved(film, expecting({ height: 1080 }))).toMatchObject({ fidelity: 'proxy' })
  })

  test('is covered: the window, what was delivered of it, or less where film time is real time', async () => {
    const start = 1_700_000_000_000
    const window = { start, end: start + 8000 }
    const covers = async (bytes: Uint8Array, recording: Partial<Recording>, more: Partial<Evidence> = {}) => {
      const verdict = await proved(bytes, { bytes: bytes.length, ...recording }, more)
      return 'unproved' in verdict ? undefined : verdict.covers
    }
    expect(await covers(film, {})).toEqual([])
    expect(await covers(film, { window })).toEqual([window])
    expect(await covers(film, { window, expect: { durationMs: 8000, toleranceMs: 4000 } })).toEqual([
      { start, end: start + 5000 },
    ])
    expect(
      await covers(film, { window: { start, end: start + 5500 }, expect: { durationMs: 5500, toleranceMs: 4000 } }),
    ).toEqual([{ start, end: start + 5500 }])
    // A time lapse: hours of life in seconds of film.
    expect(await covers(lapse, { window: { start, end: start + 86_400_000 }, expect: { durationMs: 2000 } })).toEqual([
      { start, end: start + 86_400_000 },
    ])
    const actual = { start: start + 1000, end: start + 3000 }
    expect(await covers(film, { window }, { actual })).toEqual([actual])
  })

  test('is told as facts', async () => {
    expect(await proved(film, {})).toMatchObject({
      facts: {
        format: 'mp4',
        durationMs: 5000,
        width: 64,
        height: 48,
        frames: 50,
        codec: 'avc1',
        createdAt: '2026-03-01T00:00:00.000Z',
      },
    })
  })
})

describe('a file that is already there', () => {
  async function existing(bytes: Uint8Array, recording: Partial<Recording>) {
    const path = join(await temporaryFolder(), 'clip.mp4')
    await writeFile(path, bytes)
    return proveExisting(disk, path, recordingOf('validated', recording))
  }

  test('is the recording by its checksum, or by exact size and whole structure', async () => {
    expect(await existing(unknown, { checksum: { algorithm: 'md5', hex: hash('md5', unknown) } })).toMatchObject({
      bytes: 5000,
      proof: { by: 'checksum' },
    })
    expect(await existing(film, { bytes: film.length })).toMatchObject({
      proof: { by: 'length' },
      sha256: hash('sha256', film),
    })
  })

  test.each([
    ['nothing to compare with', film, {}],
    ['another size', film, { bytes: film.length + 1 }],
    ['the size alone, of no known format', unknown, { bytes: 5000 }],
    ['a cut film of the stated size', film.subarray(0, -50), { bytes: film.length - 50 }],
    ['another checksum', film, { bytes: film.length, checksum: { algorithm: 'md5', hex: '0'.repeat(32) } }],
    ['a film shorter than promised', film, { bytes: film.length, expect: { durationMs: 60_000 } }],
    ['a window alone', stream, { window: { start: 0, end: 5000 } }],
  ] as [string, Uint8Array, Partial<Recording>][])('is left alone with %s', async (_why, bytes, recording) => {
    expect(await existing(bytes, recording)).toBeUndefined()
  })

  test('is not looked for in folders or where there is none', async () => {
    const folder = await temporaryFolder()
    expect(await proveExisting(disk, folder, recordingOf('never', { bytes: 1 }))).toBeUndefined()
    expect(await proveExisting(disk, join(folder, 'none'), recordingOf('never', { bytes: 1 }))).toBeUndefined()
  })
})
