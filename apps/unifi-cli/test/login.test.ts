import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { emptyFolder, place, runHere, sessionFiles } from './run.ts'

describe('one login for many runs', () => {
  it('is kept in a file of its owner, and used by every command', async () => {
    await using console = await startUnifiProtect()
    const { env, state, line } = place(console)
    const cameras = ['cameras', ...console.args]
    expect((await runHere(cameras, env)).code).toBe(0)
    const files = sessionFiles(state)
    expect(files).toHaveLength(1)
    expect(statSync(files[0]!).mode & 0o777).toBe(0o600)
    expect(readFileSync(files[0]!, 'utf8')).not.toContain('pass"')
    expect((await runHere(cameras, env)).code).toBe(0)
    expect((await runHere(['plan', ...line], env)).code).toBe(0)
    expect(console.logins.ok).toBe(1)
    expect(console.log.of('logout')).toEqual([])
  })

  it('is neither used nor kept with --forget-session: logs in, and out again', async () => {
    await using console = await startUnifiProtect()
    const { env, state } = place(console)
    const cameras = ['cameras', ...console.args]
    expect((await runHere([...cameras, '--forget-session'], env)).code).toBe(0)
    expect([console.logins.ok, console.log.of('logout').length, sessionFiles(state)]).toEqual([1, 1, []])
    expect((await runHere(cameras, env)).code).toBe(0)
    expect((await runHere([...cameras, '--forget-session'], env)).code).toBe(0)
    expect([console.logins.ok, console.log.of('logout').length, sessionFiles(state).length]).toEqual([3, 2, 1])
    expect((await runHere(cameras, env)).code).toBe(0)
    expect(console.logins.ok).toBe(3)
  })

  it('reads names of the successor from --env-file, and from there alone', async () => {
    await using console = await startUnifiProtect()
    const env = { CAM_STATE_DIR: emptyFolder() }
    const file = join(emptyFolder(), 'protect.env')
    writeFileSync(file, 'PROTECT_USERNAME=archivist\nPROTECT_PASSWORD=pass\nPROTECT_ADDRESS=192.0.2.1\n', {
      mode: 0o600,
    })
    expect((await runHere(['cameras', ...console.args, '--env-file', file], env)).code).toBe(0)
    const fromEnv = { ...env, PROTECT_USERNAME: 'archivist', PROTECT_PASSWORD: 'pass' }
    expect((await runHere(['cameras', ...console.args], fromEnv)).code).toBe(64)
  })
})
