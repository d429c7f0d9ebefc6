import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyFolder, paragraph, place, runHere } from './run.ts'

/** A port at which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test.each(['download', 'cameras', 'doctor', 'sessions'])(
  '%s: a wrong password is sent once, and said to be wrong',
  async (command) => {
    const { device, env, line } = await place()
    const own = command === 'download' ? line : device.args
    const { code, stderr } = await runHere([command, ...own], { ...env, CAM_REOLINK_PASSWORD: 'sesame-9' })
    expect(code).toBe(2)
    expect(paragraph(stderr)).toMatch(/password/i)
    expect(stderr).not.toContain('sesame-9')
    expect(device.log.entries.filter(({ node }) => node === 'Login')).toHaveLength(1)
  },
)

test('nobody there: 2, and what to look at', async () => {
  const port = await deadPort()
  const { code, stderr } = await runHere(
    ['--host', `127.0.0.1:${port}`, '--username', 'admin', '--max-retries', '0', '--dest', emptyFolder()],
    { CAM_REOLINK_PASSWORD: 'x' },
  )
  expect(code).toBe(2)
  expect(paragraph(stderr)).toMatch(/ECONNREFUSED.*https:\/\/ in front of.*http and https switched off/)
})

test('somebody else there: 2, and what to look at', async () => {
  const { device, env, line } = await place({ jsonFault: 'html' })
  const { code, stderr } = await runHere(['--max-retries', '0', ...line], env)
  expect(code).toBe(2)
  expect(paragraph(stderr)).toMatch(/--host/)
  expect(device.truth().sessions.open).toBe(0)
})

test.each([
  ['no device', [], /No device is named: --host ADDRESS, or CAMERA_IP/],
  [
    'several, for what speaks to one',
    ['--host', 'a=192.0.2.1', '--host', 'b=192.0.2.2'],
    /several --host are for capture/,
  ],
  [
    'an interval that does not divide a day',
    ['capture', '--host', 'x', '--interval', '7h'],
    /--interval: .*divide a day/,
  ],
  [
    'an interval of download',
    ['--host', 'x', '--interval', '1m'],
    /--interval means nothing to download; it belongs to capture/,
  ],
  ['a place that is none', ['capture', '--host', 'x', '--daylight', 'Berlin'], /--daylight: "Berlin" is no place/],
  ['a part of the day that is none', ['capture', '--host', 'x', '--between', '8'], /--between: "8"/],
  ['ffmpeg for nothing', ['capture', '--host', 'x', '--ffmpeg', '/usr/bin/ffmpeg'], /--ffmpeg is for --daily-film/],
  ['a name twice', ['capture', '--host', 'a=192.0.2.1', '--host', 'a=192.0.2.2'], /the name "a" is there twice/],
  ['an unknown trigger', ['--host', 'x', '--triggers', 'dog'], /triggers/],
  ['an unknown zone of the device', ['--host', 'x', '--device-timezone', 'Mars'], /Mars/],
])('a mistake on the command line is 64, and nothing is asked: %s', async (_, args, says) => {
  const { code, stderr } = await runHere(args, { CAM_REOLINK_USERNAME: 'admin', CAM_REOLINK_PASSWORD: 'x' })
  expect(code).toBe(64)
  expect(paragraph(stderr)).toMatch(says)
})

test.each([
  ['a template that cannot be', ['--layout', '{nobody}'], /layout "\{nobody\}" has the unknown token/],
  ['a camera that is not there', ['--cameras', 'nobody'], /no camera fits "nobody"; there are Yard/],
])('capture: %s is a mistake on the command line, too', async (_, args, says) => {
  const { device, env, line } = await place()
  const { code, stderr } = await runHere(['capture', ...line, ...args], env)
  expect(code).toBe(64)
  expect(paragraph(stderr)).toMatch(says)
  expect(device.truth().sessions.open).toBe(0)
})

test.each(['download', 'capture'])(
  '%s: a destination that cannot be written to is 2, and no login is left',
  async (command) => {
    const { device, env } = await place()
    const file = join(emptyFolder(), 'a-file')
    writeFileSync(file, '')
    const { code, stderr } = await runHere([command, ...device.args, '--dest', join(file, 'archive')], env)
    expect(code).toBe(2)
    expect(paragraph(stderr)).toContain('a-file')
    expect(device.truth().sessions.open).toBe(0)
  },
)

test('sessions: who is there, and one is ended', async () => {
  const { device, env } = await place()
  const shown = await runHere(['sessions', ...device.args, '--json'], env)
  expect(shown.code).toBe(0)
  expect(shown.json().map(({ type }) => type)).toEqual(['session', 'sessions-ended'])
  const none = await runHere(['sessions', ...device.args, '--kick', '4711'], env)
  expect(none.code).toBe(2)
  expect(paragraph(none.stderr)).toMatch(/4711.*reolink-cli sessions/)
  expect(device.truth().sessions.open).toBe(0)
})

test('doctor says what is in the way, with 1', async () => {
  const { device, env } = await place({ snapFault: '-17', skew: 120_000 })
  const { code, json } = await runHere(['doctor', ...device.args, '--json', '--max-retries', '0'], env)
  expect(code).toBe(1)
  const states = Object.fromEntries(json().flatMap(({ check, state }) => (check ? [[String(check), state]] : [])))
  expect(states).toMatchObject({ ports: 'ok', device: 'ok', clock: 'warning', disk: 'ok', 'picture of Yard': 'failed' })
})
