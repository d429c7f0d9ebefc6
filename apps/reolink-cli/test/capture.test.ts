import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { type ReolinkSimulator, reolinkZones } from '@cam/simulators/reolink'
import { expect, test } from 'vitest'
import { type Env, emptyFolder, filesOf, place, runHere, spawnReolink } from './run.ts'

/** A pretend camera of its own name, and so of its own identity. */
function camera(name: string, switches: Parameters<typeof place>[0] = {}) {
  const channels = [{ channel: 0, name, recordings: [], width: 64, height: 48 }]
  return place(switches, { world: { name, zone: reolinkZones.utc, channels } })
}

/** `11:59:58 kept` or `11:59:58 SLOT_MISSED` for each slot of a device, in order. */
async function slotsOf(dest: string): Promise<Map<string, string[]>> {
  await using ledger = await openLedger(dest, { readOnly: true })
  const slots = new Map<string, string[]>()
  for await (const {
    key,
    camera: { name },
    outcome,
  } of ledger.rows({ kind: 'slot' })) {
    const text = outcome?.outcome === 'failed' ? outcome.code : outcome?.outcome
    slots.set(name, [...(slots.get(name) ?? []), `${key.recordingId} ${text}`])
  }
  return slots
}

/** Every second from the first to the last, each once. */
function expectNoHole(slots: readonly string[]): void {
  const seconds = slots.map((text) => Date.parse(text.split(' ')[0]!) / 1000)
  expect(seconds).toEqual(Array.from({ length: seconds.length }, (_, nth) => seconds[0]! + nth))
}

function expectOnlyWhatWasSent(dest: string, ...devices: readonly ReolinkSimulator[]): void {
  const sent = new Set(devices.flatMap((device) => device.truth().shots.map(({ sha256 }) => sha256)))
  for (const path of filesOf(dest)) {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(dest, path)))
      .digest('hex')
    expect(sent.has(sha256), path).toBe(true)
  }
}

test('two devices, each second: every slot has an outcome, the one with faults loses none in silence, and nobody is left logged in', async () => {
  const [gate, yard] = [await camera('gate'), await camera('yard', { snapFault: '-17', snapFaultEvery: 2 })]
  const hosts = ['--host', `Gate=${gate.device.host}`, '--host', `Yard=${yard.device.host}`]
  const { code, json } = await runHere(
    ['capture', ...hosts, '--interval', '1s', '--for', '4s', '--dest', gate.dest, '--json'],
    gate.env,
  )
  const { type, planned, kept, failed } = json().at(-1) as Record<string, number | string>
  expect([type, Number(kept) + Number(failed)]).toEqual(['capture-ended', planned])
  expect(code).toBe(failed === 0 ? 0 : 1)
  const slots = await slotsOf(gate.dest)
  expect([...slots.keys()].sort()).toEqual(['Gate', 'Yard'])
  expect([...slots.values()].flat()).toHaveLength(Number(planned))
  for (const each of slots.values()) expectNoHole(each)
  expect(filesOf(gate.dest)).toHaveLength(Number(kept))
  expectOnlyWhatWasSent(gate.dest, gate.device, yard.device)
  for (const { device } of [gate, yard]) {
    expect(device.truth().sessions.open).toBe(0)
    expect(device.violations).toEqual([])
  }
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('%s ends it with its summary, and without a login left', async (signal, code) => {
  const { device, dest, env } = await camera('gate')
  const cli = spawnReolink(['capture', ...device.args, '--interval', '1s', '--dest', dest, '--json'], env)
  await cli.said('"outcome":"kept"')
  cli.child.kill(signal)
  const ended = await cli.ended
  expect(ended.code).toBe(code)
  expect(ended.json().at(-1)).toMatchObject({ type: 'capture-ended' })
  expect(device.truth().sessions.open).toBe(0)
})

test('killed, and started again: what was missed meanwhile is in the ledger, second by second, and is said (silent-loss 35)', async () => {
  const { device, dest, env } = await camera('gate')
  const line = ['capture', ...device.args, '--interval', '1s', '--dest', dest, '--json']
  const first = spawnReolink(line, env)
  await first.said('"outcome":"kept"')
  first.child.kill('SIGKILL')
  await first.ended
  const [last] = (await slotsOf(dest)).get('gate')!.slice(-1)
  // Seconds pass in which nobody asks.
  await systemClock.wait(Date.parse(last!.split(' ')[0]!) + 3100 - Date.now())
  const second = spawnReolink(line, env)
  await second.said('"outcome":"kept"')
  second.child.kill('SIGINT')
  const ended = await second.ended
  const types = ended.json().map(({ type }) => type)
  expect(types).toContain('interrupted-run-found')
  expect(types).toContain('slots-missed')
  const slots = (await slotsOf(dest)).get('gate')!
  expectNoHole(slots)
  expect(slots.filter((text) => text.endsWith('SLOT_MISSED')).length).toBeGreaterThanOrEqual(2)
  expectOnlyWhatWasSent(dest, device)
})

test('a wrong password ends its device after one try, and the others go on', async () => {
  const [gate, yard] = [await camera('gate'), await camera('yard')]
  const hosts = ['--host', `gate=${gate.device.host}`, '--host', `yard=${yard.device.host}`]
  const env: Env = { ...gate.env, CAM_REOLINK_PASSWORD_YARD: 'sesame-9' }
  const { code, stdout, stderr } = await runHere(
    ['capture', ...hosts, '--interval', '1s', '--for', '3s', '--dest', gate.dest],
    env,
  )
  expect(code).toBe(1)
  expect(stderr).toMatch(/ERROR .*password/i)
  expect(`${stdout}${stderr}`).not.toContain('sesame-9')
  expect(stdout).toMatch(/SAVE {2}gate/)
  expect(yard.device.log.entries.filter(({ node }) => node === 'Login')).toHaveLength(1)
})

test('the only device with a wrong password: 2, after one try', async () => {
  const { device, dest, env } = await camera('gate')
  const wrong = { ...env, CAM_REOLINK_PASSWORD: 'sesame-9' }
  const { code, stderr } = await runHere(['capture', ...device.args, '--interval', '1s', '--dest', dest], wrong)
  expect(code).toBe(2)
  expect(stderr).toMatch(/password/i)
  expect(device.log.entries.filter(({ node }) => node === 'Login')).toHaveLength(1)
})

test("the seed's settings and tree, and a sync job that takes files away at any time", async () => {
  const { device, dest } = await camera('gate')
  const file = join(emptyFolder(), 'settings.env')
  const settings = `CAMERA_NAME=reolink1\nCAMERA_IP=${device.host}\nUSERNAME=admin\nPASSWORD=pass-1234\nformatExpected=minutely\n`
  writeFileSync(file, settings, { mode: 0o600 })
  const line = ['capture', '--env-file', file, '--layout', 'seed', '--interval', '1s', '--for', '3s', '--dest', dest]
  expect((await runHere(line)).stderr).not.toContain('ERROR')
  const files = filesOf(dest)
  expect(files.length).toBeGreaterThan(0)
  const name = /^logging-folder\/tosync\/cameras\/reolink1\/(\d{4}-\d\d-\d\d)\/reolink1_\1_\d\d-\d\d-\d\d\+0000\.jpg$/
  for (const path of files) expect(path).toMatch(name)
  rmSync(join(dest, 'logging-folder'), { recursive: true })
  const again = await runHere(line)
  expect(again.stderr).not.toMatch(/lost/i)
  const verified = await runHere(['verify', '--handed-over', '--dest', dest])
  expect(verified.stdout + verified.stderr).toMatch(/missing=0 .*handedOver=[1-9]/)
  expect(verified.code).toBe(0)
})

/** The machine's clock, set to another time of the day. */
function clockAt(moment: number): Clock {
  const shift = moment - systemClock.now()
  return { ...systemClock, now: () => systemClock.now() + shift }
}

test('a film of the day that is over, of the pictures that were kept', async () => {
  const { device, dest, env } = await camera('gate')
  const midnight = Date.UTC(2026, 2, 3)
  const line = [
    'capture',
    ...device.args,
    '--interval',
    '1s',
    '--for',
    '8s',
    '--daily-film',
    '2',
    '--dest',
    dest,
    '--json',
  ]
  const { json } = await runHere(line, env, { clock: clockAt(midnight - 5000) })
  const film = json().find(({ type }) => type === 'film')
  expect(film).toMatchObject({ camera: 'gate', date: '2026-03-02', path: 'gate/2026-03-02.mp4' })
  const before = filesOf(dest).filter((path) => path.startsWith('gate/2026-03-02/'))
  expect(film!.pictures).toBe(before.length)
  expect(filesOf(dest)).toContain('gate/2026-03-02.mp4')
})

test.each([
  ['0', /the one try ended/],
  ['1', /the last of 2 tries ended/],
])('--max-retries %s is that of one picture', async (retries, says) => {
  const { device, dest, env } = await camera('gate', { snapFault: '-17' })
  const line = ['capture', ...device.args, '--interval', '2s', '--for', '2s', '--retry-delay', '0', '--dest', dest]
  // A whole grace is left: the slot is a second and more away.
  const clock = clockAt(Date.UTC(2026, 2, 2, 12) - 1500)
  const { code, stderr } = await runHere([...line, '--max-retries', retries], env, { clock })
  expect(code).toBe(1)
  expect(stderr).toMatch(says)
})
