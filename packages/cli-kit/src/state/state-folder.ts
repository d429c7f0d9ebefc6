import { chmod, mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where sessions and the list of known archives live. `CAM_STATE_DIR` overrides the platform's own place. */
export function stateFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (env.CAM_STATE_DIR) return env.CAM_STATE_DIR
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'cam')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'cam')
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'cam')
}

/** Makes a folder that only its owner can enter. */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) await chmod(path, 0o700)
}
