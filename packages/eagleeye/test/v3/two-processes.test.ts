import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@cam/download-core/source'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { expect, it, onTestFinished } from 'vitest'
import { fileSessionStore } from '../../../cli-kit/src/state/session-store.ts'
import { loadTokens, saveTokens } from '../../src/session/v3-stored.ts'
import { client, hour, keyOf, optionsFor } from './pretend-cloud.ts'

it('two processes whose login has ended renew it once, and both go on', async () => {
  // Long enough that the second one comes while the first one waits for its answer.
  await using cloud = await startEagleEye({ switches: { tokenMs: 1500 } })
  const folder = await mkdtemp(join(tmpdir(), 'eagleeye-processes-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const store = fileSessionStore(folder)
  const { access_token, refresh_token } = cloud.issueTokens()
  const earlier = Date.now() - 13 * hour
  await saveTokens(store, keyOf(cloud), {
    ...{ accessToken: access_token, refreshToken: refresh_token!, receivedAt: earlier, expiresAt: earlier + 12 * hour },
    ...{ firstLoginAt: earlier, lastRefreshAt: earlier, base: cloud.hosts.apiCluster },
  })
  const { hosts } = optionsFor(cloud, store, systemClock)
  const options = JSON.stringify({ api: 'v3', v3: client, hosts, env: {} })
  const script = fileURLToPath(import.meta.resolve('./renewing.ts'))
  const processes = [1, 2].map(() => {
    const child = spawn(process.execPath, ['-C', '@cam/source', '--import', 'tsx', script, folder, options], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const said: string[] = []
    child.stdout.on('data', (chunk) => said.push(String(chunk)))
    return { child, said, ready: once(child.stdout, 'data'), closed: once(child, 'close') }
  })
  await Promise.all(processes.map(({ ready }) => ready))
  for (const { child } of processes) child.stdin.write('go\n')
  for (const { said, closed } of processes) {
    expect(await closed).toEqual([0, null])
    expect(said.join('')).toMatch(/^ready\n[1-9]\d* cameras\n$/)
  }
  expect(cloud.tokens).toEqual({ exchanged: 0, refreshed: 1, reused: 0, overlapping: 0, refused: 0 })
  const stored = await loadTokens(store, keyOf(cloud))
  expect(stored?.refreshToken).not.toBe(refresh_token)
  expect(stored?.expiresAt).toBeGreaterThan(Date.now() + hour)
})
