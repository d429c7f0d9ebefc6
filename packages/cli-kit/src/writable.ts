import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Throws what really keeps a folder from being made: of several folders to create on a read-only disk, Node says that one is
 * missing. Throws `error` itself where nothing better is found.
 */
export async function sayWhy(error: unknown, path: string): Promise<never> {
  if (rootCode(error) === 'ENOENT') await access(await nearestFolder(resolve(path)), constants.W_OK)
  throw error
}

async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found || dirname(path) === path ? path : nearestFolder(dirname(path))
}

function rootCode(error: unknown): string | undefined {
  let code: string | undefined
  for (let current = error, depth = 0; current instanceof Error && depth < 4; depth++) {
    code = (current as NodeJS.ErrnoException).code ?? code
    current = current.cause
  }
  return code
}
