import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@cam/download-core'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { faultTable } from './fault-table.ts'
import { type Fault, faults, window, worlds } from './faults.ts'
import { place, runHere, startHere, windowFlags } from './run.ts'
import { day, expectSums, filesOf, hurriedClock, outcomesIn, seedName, sha256, worldEnd } from './world.ts'

/** Waits last as long as they last; time can be moved on. */
function movableClock() {
  let ahead = worldEnd + day - Date.now()
  const begun = ahead
  return {
    ...systemClock,
    now: () => Date.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead - begun,
    advance(ms: number) {
      ahead += ms
    },
    skipped: [] as number[],
  }
}

async function run(fault: Fault, api: 'classic' | 'v3') {
  const clock = fault.during ? movableClock() : hurriedClock(worldEnd + day)
  const world = worlds[fault.world ?? 'one']
  const cloud = await startEagleEye({ world, clock, switches: { api, ...fault.switches } })
  try {
    const { dest, env, line } = await place(cloud, { clock })
    if (fault.afterLogin) cloud.set(fault.afterLogin)
    fault.before?.(cloud)
    const asked = (node: string) => cloud.log.ofNode(node).length
    const exchanged = asked('token')
    const args = [...line, ...windowFlags(window), '--timeout', '30', '--json', ...(fault.args ?? [])]
    const running = startHere(args, env, { clock })
    await fault.during?.({ cloud, clock, another: (command) => runHere([command, ...cloud.args], env, clock) })
    const { code, json } = await running.ended
    const lines = json()
    return {
      ...{ cloud, dest, lines, clock },
      told: {
        outcomes: outcomesIn(lines)
          .sort((a, b) => a.start - b.start)
          .map(({ outcome, code }) => (code === undefined ? outcome : `${outcome}: ${code}`)),
        ...{ films: asked('media'), exports: asked('export'), lists: asked('list') },
        logins: api === 'classic' ? asked('authenticate') - 1 : asked('token') - exchanged,
        exit: code,
      },
    }
  } finally {
    await cloud.close()
  }
}

const cases = faults.flatMap((fault) =>
  (fault.api === 'both' ? (['classic', 'v3'] as const) : [fault.api]).map((api) => ({ what: fault.what, api, fault })),
)

describe('each fault ends in its outcome, after so many requests', () => {
  it.each(cases)('$api: $what', async ({ api, fault }) => {
    const { told, cloud, dest, lines, clock } = await run(fault, api)
    const { outcomes, films, exports = 0, lists, logins = 0, exit, waits } = fault
    expect(told).toEqual({ outcomes, films, exports, lists, logins, exit })
    expectSums(lines)
    expect(cloud.violations).toEqual([])
    if (waits !== undefined) expect(clock.skipped).toContain(waits)

    // What is on the disk is what was kept, byte for byte, and nothing else.
    const form = api === 'v3' || fault.args?.includes('mp4') ? 'mp4' : 'flv'
    const kept = outcomesIn(lines).filter(({ outcome }) => outcome === 'kept')
    expect(filesOf(dest)).toEqual(kept.map((one) => seedName(one, form)).sort())
    for (const { cameraId, start, end, path } of kept) {
      const film = cloud.film(cameraId, { start, end }, exports > 0 && fault.switches?.mp4UrlNull ? 'export' : form)
      const exported = cloud.film(cameraId, { start, end }, 'export')
      expect([film?.sha256, exports > 0 && exported?.sha256]).toContain(sha256(join(dest, path!)))
    }
    expectNoErrorBody(dest)
  })

  it('is what the README says', () => {
    expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(faultTable())
  })
})

/** Neither under a final name nor in what is left of a transfer. */
function expectNoErrorBody(dest: string): void {
  if (!existsSync(dest)) return
  for (const path of readdirSync(dest, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(dest, path)).isFile() || !/\.(flv|mp4|part)$/.test(path)) continue
    expect(readFileSync(join(dest, path), 'latin1'), path).not.toMatch(/<html|AcceptedWorker|"status/)
  }
}
