import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAxisTimelapse2 } from '@cam/simulators/axis-timelapse2'
import { describe, expect, inject, it } from 'vitest'
import type {} from '../../../tools/bundled-cli.ts'
import { httpServer } from '../../notify/test/http-server.ts'
import { spawnProgram } from './spawn.ts'
import { mailServer } from './unattended.ts'

const program = join(inject('bundledClis'), 'axis-timelapse2-cli.mjs')
const uuid = '5c1f9d0e-6a5b-4c3d-9e8f-7a6b5c4d3e2f'
const first = Date.UTC(2026, 2, 2, 6)
const archives = [300_000, 400_000].map((bytes, index) => ({
  bytes,
  first: first + index * 86_400_000,
  last: first + index * 86_400_000 + 14 * 3_600_000,
}))

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 3))
}

describe('a real process', () => {
  it('that is killed in the middle is told of by the next one, before its own start and finish', async () => {
    const dest = await mkdtemp(join(tmpdir(), 'cam-told-'))
    try {
      await using camera = await startAxisTimelapse2({ archives, switches: { version: '3.1.4', rate: 400_000 } })
      await using monitor = await httpServer()
      await using mail = await mailServer()
      const targets = {
        MAIL_URL: mail.url(),
        PING_URL: `healthchecks:${monitor.url}/${uuid}`,
        HOOK_URL: `${monitor.url}/hook-of-mine`,
      }
      const line = [...camera.args, '--outdir', dest, '--json', '--rate-limit', '0', '--notify', 'env:PING_URL']
      const argv = [
        ...line,
        '--notify',
        'env:HOOK_URL',
        '--notify',
        'env:MAIL_URL',
        '--notify-on',
        'start,finish,interrupted',
      ]
      const start = () => spawnProgram(program, argv, { env: { ...camera.env, ...targets } })
      const asked = () => monitor.requests.map(({ url }) => url.replace(`/${uuid}`, ''))

      const killed = start()
      // Its start has arrived, and bytes are under way.
      await until(
        () => monitor.requests.length >= 2 && mail.received.length === 1 && camera.log.counts().bytes > 50_000,
      )
      killed.child.kill('SIGKILL')
      expect((await killed.ended).signal).toBe('SIGKILL')
      const died = killed.stdout().match(/"runId":"([^"]+)"/)![1]
      expect(asked().sort()).toEqual([`/hook-of-mine`, `/start?rid=${died}`].sort())

      camera.set({ rate: 0 })
      monitor.requests.length = 0
      const next = await start().ended
      expect([next.code, next.stderr]).toEqual([0, ''])
      const { runId } = next.json().find(({ type }) => type === 'archive-started') as { runId: string }
      const hooks = monitor.requests.filter(({ url }) => url === '/hook-of-mine').map(({ body }) => JSON.parse(body))
      expect(hooks.map(({ event, runId: id }) => [event, id])).toEqual([
        ['interrupted', died],
        ['start', runId],
        ['finish', runId],
      ])
      expect(asked().filter((path) => path !== '/hook-of-mine')).toEqual([
        `/fail?rid=${died}`,
        `/start?rid=${runId}`,
        `?rid=${runId}`,
      ])
      const { type: _, ...sum } = next.json().at(-1)!
      expect(hooks.at(-1).summary).toEqual(sum)
      expect(mail.received.map(({ mail: { subject } }) => subject?.split(' — ')[0])).toEqual([
        expect.stringMatching(/^\[Axis Timelapse2\] START /),
        expect.stringMatching(
          /^\[Axis Timelapse2\] INTERRUPTED counts unknown: The run of \S+ ended without saying so/,
        ),
        expect.stringMatching(/^\[Axis Timelapse2\] START /),
        expect.stringMatching(/^\[Axis Timelapse2\] FINISH 2\/2 kept, /),
      ])
      for (const said of [next.stdout, next.stderr]) expect(said).not.toMatch(/5c1f9d0e|hook-of-mine/)

      monitor.requests.length = 0
      expect((await start().ended).code).toBe(0)
      expect(asked().filter((path) => path.startsWith('/fail'))).toEqual([])
      expect(monitor.requests).toHaveLength(4)
    } finally {
      await rm(dest, { recursive: true, force: true })
    }
  })

  it('that repeats itself ends at SIGTERM while it waits, at once and with 143', async () => {
    const dest = await mkdtemp(join(tmpdir(), 'cam-repeats-'))
    try {
      await using camera = await startAxisTimelapse2({ archives: archives.slice(0, 1) })
      const argv = [...camera.args, '--outdir', dest, '--rate-limit', '0', '--every', '31d']
      const { child, ended, said } = spawnProgram(program, argv, { env: camera.env })
      await said(/Next run at \d{4}-/)
      child.kill('SIGTERM')
      const { code, stderr } = await ended
      expect([code, stderr]).toEqual([143, 'Stopped while waiting for the next run.\n'])
    } finally {
      await rm(dest, { recursive: true, force: true })
    }
  })
})
