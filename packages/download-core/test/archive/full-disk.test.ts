import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder, toy } from './fixture.ts'
import { sha256 } from './toy-server.ts'

/** A real disk of 4 MiB, or why there is none. */
async function smallDisk(): Promise<{ readonly path: string } | { readonly skip: string }> {
  const path = join(await temporaryFolder(), 'disk')
  await mkdir(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    return { skip: 'a disk of 4 MiB can be made only by root, on Linux' }
  }
  onTestFinished(() => void execFileSync('umount', [path]))
  return { path }
}

it('a disk that fills up in mid-file ends the run, and what was finished is safe', async (context) => {
  const disk = await smallDisk()
  if ('skip' in disk) {
    console.log(`skipped: ${disk.skip}`)
    return context.skip()
  }
  const { run, server, clip, source, rows } = await toy()
  clip('a', { size: 500_000 })
  clip('b', { size: 3_000_000 })
  clip('c')
  const filler = join(disk.path, 'filler')
  await writeFile(filler, Buffer.alloc(2_000_000))
  // Nobody states a length, so that nothing but the write itself tells.
  const real = source()
  const silent = source({
    change: {
      async *recordings(...args) {
        for await (const { bytes: _, ...recording } of real.recordings(...args) as AsyncIterable<{ bytes?: number }>)
          yield recording as never
      },
      async open(...args) {
        const { totalBytes: _, ...opened } = (await real.open(...args)) as { totalBytes?: number }
        return opened as never
      },
    },
  })
  const into = join(disk.path, 'archive')
  const ran = await run({ source: silent, into, concurrency: 1 })
  expect(ran.error).toBeUndefined()
  expect(ran.summary).toMatchObject({ planned: 3, kept: 1, failed: 2 })
  expect(ran.events.find((event) => event.type === 'stopping')).toMatchObject({
    error: { code: 'DISK_FULL', message: expect.stringMatching(/write .*the disk is full/) },
  })
  await rm(filler)
  expect((await run({ source: silent, into })).summary).toMatchObject({ planned: 3, alreadyKept: 1, kept: 2 })
  for (const [index, row] of (await rows()).entries()) {
    expect(sha256(await readFile(join(into, row.file!.path)))).toBe(sha256(server.clips[index]!.bytes))
  }
  expect(await readdir(join(into, '.cam', 'parts'))).toEqual([])
})
