import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { startUnifiProtect, type UnifiProtectSimulator } from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { place, runHere, spawnUnifi } from './run.ts'
import { expectTruth, filesOf, leftovers, windowFlags } from './truth.ts'

const hour = 3_600_000
/** Six hours, the changed one among them. */
const night = { start: Date.parse('2026-10-24T22:00Z'), end: Date.parse('2026-10-25T04:00Z') }

/** The next run brings everything, and each byte is right. */
async function completes(
  console: UnifiProtectSimulator,
  line: readonly string[],
  dest: string,
  env: Record<string, string>,
) {
  const next = await runHere(line, env)
  expect([next.code, next.stderr]).toEqual([0, ''])
  expectTruth(next.json(), dest, console.truth(night))
  expect(leftovers(dest)).toEqual([])
}

/** Once so many exports were asked for, or the run has ended. */
async function whenAsked(console: UnifiProtectSimulator, exports: number, running: Promise<unknown>): Promise<void> {
  let ended = false
  void running.finally(() => {
    ended = true
  })
  while (console.exports.asked < exports && !ended) await new Promise((resolve) => setImmediate(resolve))
}

describe('a run that is disturbed', () => {
  it('goes on with a new login where the session ends in its middle', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', expireSessionAfterRequests: 15 } })
    const { dest, env, line } = place(console)
    const run = await runHere([...line, ...windowFlags(night), '--json'], env)
    expect([run.code, run.stderr]).toEqual([0, ''])
    expectTruth(run.json(), dest, console.truth(night))
    expect(console.logins.ok).toBeGreaterThan(1)
    expect(console.logins.refused + console.logins.limited).toBe(0)
  })

  it('counts what a crash of the console took, and leaves it to the next run', async () => {
    let skewMs = 0
    const clock = {
      now: () => Date.now() + skewMs,
      wait: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
    }
    await using console = await startUnifiProtect({ clock, switches: { world: 'dst', downMs: hour } })
    const { dest, env, line } = place(console)
    const asked = [...line, ...windowFlags(night), '--max-retries', '0', '--json']
    const running = runHere(asked, env)
    await whenAsked(console, 6, running)
    console.crash()
    const broken = await running
    expect(broken.code).toBe(1)
    const { planned, failed, kept, absent, alreadyKept, expired, pending, skipped } = broken.json().at(-1) as Record<
      string,
      number
    >
    expect(failed).toBeGreaterThan(5)
    expect(kept! + absent! + alreadyKept! + expired! + pending! + failed! + skipped!).toBe(planned)
    expect(planned).toBe(18)
    skewMs = 2 * hour
    await completes(console, asked, dest, env)
  })

  it('leaves what the console could not give to retry', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', overloadEvery: 4 } })
    const { dest, env, line } = place(console)
    const asked = [...line, ...windowFlags(night), '--max-retries', '0', '--json']
    const first = await runHere(asked, env)
    expect(first.code).toBe(1)
    const failed = Number(first.json().at(-1)!.failed)
    expect(failed).toBeGreaterThan(3)
    console.set({ overloadEvery: 0 })
    const again = await runHere(['retry', ...asked], env)
    expect([again.code, again.stderr]).toEqual([0, ''])
    expect(Number(again.json().at(-1)!.planned)).toBeGreaterThanOrEqual(failed)
    await completes(console, asked, dest, env)
  })

  it('that meets the login limit in its middle ends, says how long to wait, and the next run completes it', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', loginLimit: 1, loginRetryAfter: 600 } })
    const { dest, env, line } = place(console)
    const asked = [...line, ...windowFlags(night), '--max-retries', '0', '--json']
    const running = runHere(asked, env)
    await whenAsked(console, 4, running)
    console.revokeSessions()
    const stopped = await running
    expect(stopped.code).toBe(1)
    expect(stopped.json()).toContainEqual(
      expect.objectContaining({ type: 'error', code: 'RATE_LIMITED', message: expect.stringMatching(/600 seconds/) }),
    )
    expect(stopped.json().at(-1)).toMatchObject({ planned: 18, failed: expect.any(Number) })
    expect(console.logins).toMatchObject({ ok: 1, limited: 1 })
    console.set({ loginLimit: 10 })
    await completes(console, asked, dest, env)
  })

  it('that cannot log in for the limit does not begin, and the next run does', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', loginLimit: 0 } })
    const { dest, env, line } = place(console)
    const asked = [...line, ...windowFlags(night), '--json']
    expect((await runHere(asked, env)).code).toBe(2)
    expect(console.logins).toEqual({ ok: 0, refused: 0, limited: 1 })
    console.set({ loginLimit: 10 })
    await completes(console, asked, dest, env)
  })

  it('by Ctrl-C finishes the export under way, and the next run brings the rest', async () => {
    await using console = await startUnifiProtect({ switches: { world: 'dst', rate: 300_000 } })
    const { dest, env, line } = place(console)
    const asked = [...line, ...windowFlags(night), '--json']
    const run = spawnUnifi(asked, env)
    await run.said(/"type":"progress".*"bytes":[1-9]/)
    run.child.kill('SIGINT')
    const { code, signal, json } = await run.ended
    expect([code, signal]).toEqual([130, null])
    expect(json().at(-1)).toMatchObject({ type: 'archive-ended', planned: 18 })
    expect(Number(json().at(-1)!.failed)).toBeGreaterThan(10)
    console.set({ rate: 0 })
    await completes(console, asked, dest, env)
  })

  it('by a full disk keeps what is whole, and goes on once there is room', async ({ skip }) => {
    if (process.getuid?.() !== 0) {
      console.log('skipped: mounting a small disk needs root')
      return skip()
    }
    await using simulator = await startUnifiProtect({ switches: { world: 'dst' } })
    const { dest, env, line } = place(simulator)
    mkdirSync(dest)
    if (!mount(dest, 'size=66m')) return skip()
    try {
      const asked = [...line, ...windowFlags(night), '--json']
      // A process of its own: nothing may keep the small disk busy.
      const full = await spawnUnifi([...asked, '--max-retries', '0'], env).ended
      expect(full.code).toBe(1)
      expect(full.json()).toContainEqual(expect.objectContaining({ type: 'error', code: 'DISK_FULL' }))
      const truth = simulator.truth(night)
      const most = truth.filter(({ outcome }) => outcome === 'kept').length
      expect(filesOf(dest).length).toBeGreaterThan(0)
      expect(filesOf(dest).length).toBeLessThan(most)
      system('mount', '-o', 'remount,size=160m', dest)
      const next = await spawnUnifi(asked, env).ended
      expect([next.code, next.stderr]).toEqual([0, ''])
      expectTruth(next.json(), dest, truth)
      expect(leftovers(dest)).toEqual([])
    } finally {
      system('umount', dest)
    }
  })
})

function mount(folder: string, options: string): boolean {
  try {
    system('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder)
    return true
  } catch {
    console.log('skipped: a small disk cannot be mounted here')
    return false
  }
}

/** Throws where the system has no such command, or refuses it. */
function system(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'ignore' })
}
