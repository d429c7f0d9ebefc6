import { chmod, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFfmpeg } from '../src/index.ts'
import { encoder as real, scratch } from './media.ts'

/** A program that is the real one under another name. */
async function standIn(folder: string, name = 'ffmpeg', script = `exec '${real}' "$@"`): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

describe('findFfmpeg', () => {
  it('takes the option, then FFMPEG_PATH, then PATH', async () => {
    const [one, two] = [await standIn(await scratch(), 'mine'), await standIn(await scratch())]
    const env = { FFMPEG_PATH: two, PATH: ['/nowhere', dirname(real)].join(delimiter) }
    expect(await findFfmpeg({ path: one, env })).toMatchObject({ path: one, from: 'option' })
    expect(await findFfmpeg({ env })).toMatchObject({ path: two, from: 'FFMPEG_PATH' })
    expect(await findFfmpeg({ env: { PATH: env.PATH } })).toMatchObject({ path: real, from: 'PATH' })
  })

  it('tells what it can do', async () => {
    const { encoders, filters, version } = await findFfmpeg({ path: real })
    expect(version).toMatch(/^N-47683/)
    for (const name of ['libx264', 'aac', 'pcm_s16le']) expect(encoders).toContain(name)
    for (const name of ['hstack', 'overlay', 'color', 'amix', 'tpad']) expect(filters).toContain(name)
  })

  it('says how to install one where there is none', async () => {
    const nothing = findFfmpeg({ env: { PATH: await scratch() } })
    await expect(nothing).rejects.toMatchObject({ code: 'NO_FFMPEG', retryable: false })
    await expect(nothing).rejects.toThrow(/apt install ffmpeg.*FFMPEG_PATH/)
  })

  it('does not quietly take another one than was named', async () => {
    const folder = await scratch()
    const PATH = dirname(real)
    const text = join(folder, 'text')
    await writeFile(text, 'no program')
    const other = await standIn(folder, 'other', 'echo some other program')
    for (const [path, why] of [
      [join(folder, 'none'), 'there is no such file'],
      [text, 'may not be executed'],
      [other, 'does not say that it is ffmpeg'],
    ] as const) {
      await expect(findFfmpeg({ path, env: { PATH } })).rejects.toThrow(why)
      await expect(findFfmpeg({ env: { PATH, FFMPEG_PATH: path } })).rejects.toThrow('named by FFMPEG_PATH')
    }
  })
})
