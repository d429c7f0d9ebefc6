import { createHash } from 'node:crypto'
import { type CaptureEvent, capture, memoryLedger, parseTimetable } from '@cam/download-core'
import {
  type ReolinkSimulator,
  type ReolinkSimulatorOptions,
  reolinkZones,
  startReolink,
} from '@cam/simulators/reolink'
import { expect, onTestFinished, test } from 'vitest'
import { memoryFileSystem } from '../../../download-core/test/transfer/memory-file-system.ts'
import { reolink } from '../../src/index.ts'
import { type DrivenClock, drivenClock } from './driven-clock.ts'

const minute = 60_000
const hour = 60 * minute
/** Noon of the day before the clocks go forward in Berlin. */
const begin = Date.UTC(2026, 2, 28, 12)
const end = begin + 24 * hour

async function command(simulator: ReolinkSimulator, cmd: string, param: object, token = ''): Promise<unknown> {
  const url = `${simulator.url}/cgi-bin/api.cgi?cmd=${cmd}${token && `&token=${token}`}`
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify([{ cmd, action: 0, param }]) })
  return ((await reply.json()) as { value: unknown }[])[0]!.value
}

async function somebodyLogsIn(simulator: ReolinkSimulator): Promise<string> {
  const { username: userName, password } = simulator
  const value = await command(simulator, 'Login', { User: { Version: '0', userName, password } })
  return (value as { Token: { name: string } }).Token.name
}

test('a picture a minute for 24 hours over a change of the clocks, of four cameras with faults: every slot has one outcome, no wrong picture is saved, and nobody is left logged in', {
  timeout: 300_000,
}, async () => {
  let told = 0
  const clock: DrivenClock = drivenClock(begin - 5000, () => told)
  const device = async (name: string, switches: NonNullable<ReolinkSimulatorOptions['switches']>) => {
    const channels = [{ channel: 0, name, recordings: [], width: 64, height: 48 }]
    const simulator = await startReolink({ clock, world: { name, zone: reolinkZones.berlin, channels }, switches })
    onTestFinished(() => simulator.close())
    const { url: host, username, password } = simulator
    const source = reolink({ host, username, password, clock, env: {} })
    onTestFinished(() => source[Symbol.asyncDispose]())
    return { simulator, source }
  }
  // An error text in place of every seventh picture; its clock is an hour ahead.
  const text = await device('text', { snapFault: '-12', snapFaultEvery: 7, skew: hour })
  // Half of every ninth picture, stated as whole.
  const half = await device('half', { snapFault: 'short', snapFaultEvery: 9 })
  // One place for a login, which somebody else takes for ten minutes, and sessions that end in the middle.
  const full = await device('full', { sessionCap: 1, lease: 45 * minute })
  const rebooting = await device('rebooting', { bootMs: 90_000 })
  const devices = [text, half, full, rebooting]
  const ledger = memoryLedger()
  const disk = memoryFileSystem()
  const events: CaptureEvent[] = []
  const stop = new AbortController()
  const running = (async () => {
    const run = capture({
      ...{ source: devices.map(({ source }) => source), into: '/archive', ledger, fileSystem: disk, clock },
      timetable: parseTimetable('minutely', { timeZone: 'Europe/Berlin' }),
      layout: '{source}/{start:yyyy-MM-dd_HH-mm-ssxx}.{ext}',
      until: end - 1,
      stop: stop.signal,
    })
    for await (const event of run) {
      told++
      events.push(event)
    }
  })()
  let over = false
  void running.finally(() => (over = true))
  // Taking the locks of the archive looks at the machine, which takes real time.
  while (!over && events.filter(({ type }) => type === 'capture-started').length < 4) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (clock.now() < begin - 1000) await clock.runUntil(clock.now() + 100)
  }
  await clock.runUntil(begin + hour)
  full.simulator.revokeSessions()
  const token = await somebodyLogsIn(full.simulator)
  await clock.runUntil(begin + hour + 10 * minute)
  await command(full.simulator, 'Logout', {}, token)
  await clock.runUntil(begin + 11 * hour)
  rebooting.simulator.reboot()
  await clock.runUntil(end + minute)
  await running

  const sources = await ledger.sources()
  expect(sources).toHaveLength(4)
  const failures: number[] = []
  for (const { source } of devices) {
    const sourceId = `${(await source.identify({ signal: stop.signal })).id}#snapshots`
    const slots: string[] = []
    const counts = { kept: 0, failed: 0 }
    for await (const { key, outcome } of ledger.rows({ sourceId })) {
      slots.push(key.recordingId)
      counts[outcome?.outcome as 'kept' | 'failed']++
    }
    const due = Array.from({ length: 1440 }, (_, nth) => new Date(begin + nth * minute).toISOString())
    expect(slots).toEqual(due)
    expect(counts.kept + counts.failed).toBe(1440)
    // Everything is taken within its slot, there being time to ask again: but for the reboot, and for the ten minutes without a place.
    failures.push(counts.failed)
  }
  expect(failures).toEqual([0, 0, 9, 2])
  const sent = new Set(devices.flatMap(({ simulator }) => simulator.truth().shots.map(({ sha256 }) => sha256)))
  const saved = [...disk.files].filter(([path]) => path.endsWith('.jpg'))
  expect(saved.length).toBeGreaterThanOrEqual(4 * 1440 - 13)
  const wrong = saved.filter(([, file]) => !sent.has(createHash('sha256').update(file).digest('hex')))
  expect(wrong.map(([path]) => path)).toEqual([])
  for (const { source } of devices) await source[Symbol.asyncDispose]()
  for (const { simulator } of devices) {
    expect(simulator.truth().sessions.open).toBe(0)
    expect(simulator.violations).toEqual([])
  }
})
