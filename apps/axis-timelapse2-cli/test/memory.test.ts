import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, it } from 'vitest'
import { runCli } from './cli.ts'
import { emptyFolder, sums } from './files.ts'

const mebibyte = 1024 * 1024
/** V8 of Node 22 and later lets more network buffers lie before it collects them: 150 and 167 MB were measured there, 126 on Node 20. */
const limitMb = Number(process.versions.node.split('.')[0]) < 22 ? 150 : 200

/** The high-water mark of resident memory as the kernel has it, written by the process itself at its very end. */
function reportsMemoryTo(file: string): string[] {
  const code = `import fs from 'node:fs'
    process.on('exit', () => fs.writeFileSync(${JSON.stringify(file)}, fs.readFileSync('/proc/self/status')))`
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

const noProc = process.platform === 'linux' ? undefined : 'skipped: VmHWM is read from /proc, which only Linux has'
if (noProc) console.log(noProc)

describe.skipIf(noProc)('memory', () => {
  it(`stays under ${limitMb} MB for a file of 512 MB without a speed limit`, { timeout: 120_000 }, async () => {
    const notes = mkdtempSync(join(tmpdir(), 'cam-memory-'))
    await using camera = await startAxisTimelapse2({ switches: { world: 'huge' } })
    try {
      const dest = emptyFolder()
      const line = [...camera.args, '--outdir', dest, '--rate-limit', '0', '--no-progress']
      const nodeArgs = reportsMemoryTo(join(notes, 'status'))
      const ended = await runCli(line, { env: camera.env, nodeArgs })
      expect([ended.code, ended.stderr]).toEqual([0, ''])
      const [film] = camera.truth()
      expect(film!.size).toBeGreaterThanOrEqual(512_000_000)
      expect(sums(dest)).toEqual({ [film!.filename]: film!.sha256 })
      const kilobytes = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(join(notes, 'status'), 'utf8'))?.[1])
      console.log(
        `peak memory for ${Math.round(film!.size / mebibyte)} MiB: ${Math.round((kilobytes * 1024) / 1e6)} MB`,
      )
      expect(kilobytes * 1024).toBeGreaterThan(20 * mebibyte)
      expect(kilobytes * 1024).toBeLessThan(limitMb * 1e6)
    } finally {
      rmSync(notes, { recursive: true, force: true })
    }
  })
})
