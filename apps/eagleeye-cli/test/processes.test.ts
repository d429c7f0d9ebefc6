import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '@cam/download-core'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { emptyFolder, place, spawnEagleEye, storeLogin, windowFlags } from './run.ts'
import { day, filesOf, leftovers, outcomesIn, seedName, sha256, worldEnd } from './world.ts'

const lastDay = { start: worldEnd - day, end: worldEnd }

/** Takes notices, and keeps what they tell. */
async function bell() {
  const told: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    told.push(JSON.parse(text) as Record<string, unknown>)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { told, url, [Symbol.asyncDispose]: async () => void server.close() }
}

describe('two processes with one login', () => {
  it('renew the tokens once, one after the other, and both archive everything', async () => {
    // Whoever asks is answered late, so that both would ask at once.
    await using cloud = await startEagleEye({ switches: { tokenMs: 700 } })
    const { env, state } = await place(cloud, { loggedIn: false })
    const almostOver = 43_198_000 - 5000
    await storeLogin(cloud, state, { ...systemClock, now: () => Date.now() - almostOver })
    const dests = [join(emptyFolder(), 'a'), join(emptyFolder(), 'b')]
    const runs = dests.map((dest) => spawnEagleEye([...cloud.args, '--dest', dest, ...windowFlags(lastDay)], env).ended)
    for (const { code, stderr } of await Promise.all(runs)) expect([code, stderr]).toEqual([0, ''])
    expect(cloud.tokens).toEqual({ exchanged: 1, refreshed: 1, reused: 0, overlapping: 0, refused: 0 })
    const names = cloud.truth(lastDay).map((clip) => seedName(clip, 'mp4'))
    for (const dest of dests) expect(filesOf(dest)).toEqual(names.sort())
    expect(cloud.violations).toEqual([])
  })
})

describe('kill -9 in mid-run', () => {
  it.each(['v3', 'classic'] as const)('the next run says so, tells it, goes on and completes (%s)', async (api) => {
    await using cloud = await startEagleEye({ switches: { api, firstByteMs: 100 } })
    await using monitor = await bell()
    const { dest, env, line } = await place(cloud)
    const notices = ['--notify', 'env:BELL', '--notify-on', 'start,finish,interrupted']
    const args = [...line, ...windowFlags(lastDay), ...notices, '--json', '--no-progress']
    const killed = spawnEagleEye(args, { ...env, BELL: monitor.url })
    await killed.said('"recording-ended"')
    const kept = () => killed.stdout().match(/"recording-ended".*"kept"/g)?.length ?? 0
    while (kept() < 3 && killed.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2))
    killed.child.kill('SIGKILL')
    expect(await killed.ended).toMatchObject({ code: null, signal: 'SIGKILL' })
    const before = outcomesIn(linesOf(killed.stdout())).filter(({ outcome }) => outcome === 'kept')
    const films = cloud.log.ofNode('media').length

    const next = await spawnEagleEye(args, { ...env, BELL: monitor.url }).ended
    expect([next.code, next.stderr]).toEqual([0, ''])
    const lines = next.json()
    const started = linesOf(killed.stdout()).find(({ type }) => type === 'archive-started') as { runId: string }
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'interrupted-run-found', run: expect.objectContaining({ id: started.runId }) }),
    )
    const told = monitor.told.map(({ event, runId }) => `${event} of ${runId === started.runId ? 'that' : 'this'} run`)
    expect([told[0], ...told.slice(1, -1).sort(), told.at(-1)]).toEqual([
      'start of that run',
      ...['interrupted of that run', 'start of this run'],
      'finish of this run',
    ])

    const truth = cloud.truth(lastDay)
    const form = api === 'v3' ? 'mp4' : 'flv'
    expect(filesOf(dest)).toEqual(truth.map((clip) => seedName(clip, form)).sort())
    for (const clip of truth) expect(sha256(join(dest, seedName(clip, form)))).toBe(clip[form].sha256)
    expect(leftovers(dest)).toEqual([])
    // What was kept is not asked for again.
    const again = cloud.log.ofNode('media').length - films
    expect(again).toBeLessThanOrEqual(truth.length - before.length)
    expect(before.length).toBeGreaterThanOrEqual(3)
  })
})

describe('--every', () => {
  it('runs at once, waits for the next slot, and ends there by SIGTERM', async () => {
    await using cloud = await startEagleEye({ switches: { api: 'classic' } })
    const { dest, env, line } = await place(cloud)
    const run = spawnEagleEye([...line, ...windowFlags(lastDay), '--every', '31d', '--json', '--no-progress'], env)
    await run.said(/"type":"waiting".*"until":"/)
    run.child.kill('SIGTERM')
    const { code, json } = await run.ended
    expect([code, filesOf(dest).length]).toEqual([143, cloud.truth(lastDay).length])
    expect(json()).toContainEqual(
      expect.objectContaining({ type: 'archive-ended', failed: 0, kept: filesOf(dest).length }),
    )
  })
})

/** The lines that are whole: the last one may have been cut. */
function linesOf(stdout: string): Record<string, unknown>[] {
  const lines = stdout.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
