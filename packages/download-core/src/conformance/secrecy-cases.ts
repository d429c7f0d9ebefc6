import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isCamError } from '../footage/errors.ts'
import { bench, calm } from './running.ts'
import type { ConformanceCase, ConformanceTarget } from './target.ts'

/** Who gets to see passwords and tokens. */
export const secrecyCases: readonly ConformanceCase[] = [
  {
    name: 'a wrong password costs one authenticated request, and ends the run',
    async run(target) {
      const { run } = await bench(target)
      await using source = target.makeSource({ wrongPassword: true })
      const { error } = await run(source)
      assert.ok(isCamError(error) && error.code === 'AUTHENTICATION', `it ended with ${error}`)
      assert.equal(error.stops, 'run')
      await assert.rejects(source.identify(calm()))
      const tries = target.requests().filter(({ authenticated }) => authenticated)
      assert.equal(tries.length, 1, `${tries.length} authenticated requests`)
    },
  },
  {
    name: 'credentials never go to another origin',
    notApplicable: ({ otherOrigin }) => ('impossible' in otherOrigin ? otherOrigin.impossible : undefined),
    async run(target) {
      const { otherOrigin } = target
      if ('impossible' in otherOrigin) return
      const { run } = await bench(target)
      otherOrigin.redirectMedia(true)
      await using source = target.makeSource()
      await run(source, { retry: { retries: 0 } })
      assert.ok(
        target.requests().some(({ kind }) => kind === 'media'),
        'no media was asked for',
      )
      for (const { url, headers } of otherOrigin.requests()) {
        const names = Object.keys(headers).map((header) => header.toLowerCase())
        for (const forbidden of ['authorization', 'cookie', 'proxy-authorization']) {
          assert.ok(!names.includes(forbidden), `${forbidden} was sent to ${url}`)
        }
        assertNoSecret(target, { url, headers }, 'a request to another origin')
      }
    },
  },
  {
    name: 'no secret is in any event, error or ledger row',
    async run(target) {
      const { run, rows, ledger } = await bench(target)
      {
        await using source = target.makeSource({ wrongPassword: true })
        const { error, events } = await run(source)
        assertNoSecret(target, { error, events }, 'the refusal of a wrong password')
      }
      await using source = target.makeSource()
      target.faults.failListing(true)
      target.faults.cutBodies(1_000_000)
      const broken = await run(source, { retry: { retries: 0 } })
      assertNoSecret(target, broken, 'what a broken run tells')
      target.faults.failListing(false)
      target.faults.cutBodies(0)
      const whole = await run(source)
      assertNoSecret(target, whole, 'what a run tells')
      const { id } = await source.identify(calm())
      const kept = { rows: await rows(), runs: await ledger.runs(), notes: await ledger.notes(id) }
      assertNoSecret(target, kept, 'the ledger')
    },
  },
]

/** Errors count with message, stack and causes: with all that is printed where somebody logs them. */
function assertNoSecret(target: ConformanceTarget, value: unknown, where: string): void {
  const text = inspect(value, { depth: 12, maxArrayLength: null, maxStringLength: null })
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  for (const secret of target.secrets) {
    assert.ok(!text.includes(secret) && !decoded.includes(secret), `${where} shows a secret (${secret.slice(0, 2)}…)`)
  }
}
