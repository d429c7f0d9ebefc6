import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** What a download came to: right bytes, wrong bytes called success, an honest error, or no end. */
export type Verdict = '✔' | '✗' | `E${string}` | 'hang'

/** How other downloaders are called: as their users call them, bounded so that a stall ends. */
const tools: Readonly<Record<string, (url: string, folder: string, resume: boolean) => readonly string[]>> = {
  curl: (url, folder, resume) => [
    ...['-sS', '--fail', '--noproxy', '*', '-o', join(folder, 'clip.mp4')],
    ...(resume ? ['-C', '-'] : ['--retry', '2']),
    url,
  ],
  wget: (url, folder, resume) => [
    ...['-q', '--no-proxy', '--waitretry=1', '--tries=4', '-O', join(folder, 'clip.mp4')],
    ...(resume ? ['-c'] : []),
    url,
  ],
  aria2c: (url, folder, resume) => [
    ...['-q', '--no-conf', '--all-proxy=', '--file-allocation=none', '-d', folder, '-o', 'clip.mp4'],
    ...(resume ? ['-c'] : []),
    url,
  ],
}

export const toolNames = Object.keys(tools)

export function isInstalled(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Runs a tool for at most `limitMs` and judges what stands under the final name. */
export async function download(
  tool: string,
  url: string,
  folder: string,
  options: { readonly resume: boolean; readonly limitMs: number; readonly right: Uint8Array | undefined },
): Promise<Verdict> {
  const child = spawn(tool, tools[tool]!(url, folder, options.resume), { stdio: 'ignore' })
  let over = false
  const timer = setTimeout(() => {
    over = true
    child.kill('SIGKILL')
  }, options.limitMs)
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(127))
    child.on('close', resolve)
  })
  clearTimeout(timer)
  if (over) return 'hang'
  if (code !== 0) return `E${code}`
  const bytes = await readFile(join(folder, 'clip.mp4')).catch(() => undefined)
  return bytes && options.right && bytes.equals(options.right) ? '✔' : '✗'
}
