import { expect, it } from 'vitest'
import { unifiProtect } from '../src/index.ts'

const account = { address: '127.0.0.1', username: 'archivist', password: 'pass' }

it('a console is given the time that it may take before an export begins', async () => {
  await using usual = unifiProtect(account)
  const { openMs = 0, idleMs } = usual.patience ?? {}
  // Rendering alone may take three minutes.
  expect(openMs).toBeGreaterThan(180_000 + 20_000)
  expect(idleMs).toBe(60_000)

  const pauseBetweenMs = 15 * 60_000
  await using paced = unifiProtect({ ...account, pauseBetweenMs, timeouts: { firstByteMs: 240_000, idleMs: 90_000 } })
  expect(paced.patience).toEqual({ openMs: openMs + pauseBetweenMs + 60_000, idleMs: 90_000 })
})
