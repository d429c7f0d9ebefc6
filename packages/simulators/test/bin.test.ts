import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bundled } from '../../../tools/bundle.ts'
import { ask, askLoggedIn } from './raw-client.ts'

let bin: string
const running = new Set<ChildProcess>()

beforeAll(async () => {
  bin = await bundled(new URL('../src/bin.ts', import.meta.url))
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

function run(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args])
  running.add(child)
  let [stdout, stderr] = ['', '']
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => {
      running.delete(child)
      resolve({ code, stdout, stderr })
    })
  })
  const firstLine = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (/^\{.*\n/.test(stdout)) resolve(JSON.parse(stdout.split('\n', 1)[0]!))
    })
    child.on('close', () => reject(new Error(`ended before it listened: ${stderr}`)))
  })
  firstLine.catch(() => {})
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return { child, ended, firstLine }
}

const lastLine = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1)!)

describe('cam-simulator', () => {
  it('says how to reach it, serves, and says at the end what it was asked', async () => {
    const { child, ended, firstLine } = run('axis-timelapse2', '--set', 'version=1.1.3', '--set', 'WORLD=empty')
    const hello = await firstLine
    const url = String(hello.url)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(hello).toEqual({
      url,
      args: ['--host', url.slice('http://'.length)],
      env: { CAM_AXIS_USER: 'root', CAM_AXIS_PASSWORD: 'pass' },
    })
    expect((await askLoggedIn(url, '/local/timelapse2/archive')).body.toString()).toBe('[]')
    await ask(url, '/local/timelapse2/reset')
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    expect([code, stderr, stdout.trimEnd().split('\n').length]).toEqual([0, '', 2])
    expect(lastLine(stdout)).toMatchObject({
      type: 'simulator-ended',
      total: 3,
      nodes: { list: 2, reset: 1 },
      authenticated: 1,
      unauthenticated: 2,
      violations: ['GET /local/timelapse2/reset'],
    })
  })

  it('speaks TLS and names the fingerprint to trust', async () => {
    const { child, ended, firstLine } = run('axis-timelapse2', '--tls')
    const { url, args } = (await firstLine) as { url: string; args: string[] }
    expect(args).toEqual(['--host', url, '--fingerprint', expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)])
    expect((await ask(url, '/')).status).toBe(401)
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('ends with its parent where it was told to, even while a client hangs on it', async () => {
    const { child, ended, firstLine } = run(
      'axis-timelapse2',
      '--until-stdin-closes',
      '--set',
      'stallAt=10',
      '--set',
      'auth=none',
    )
    const { url } = (await firstLine) as { url: string }
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /local/timelapse2/download?filename=Front_Gate_2026_03_03_0000.mp4 HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    child.stdin.end()
    expect((await ended).code).toBe(0)
    if (!socket.closed) await once(socket, 'close')
    expect(lastLine((await ended).stdout)).toMatchObject({ nodes: { media: 1 }, bytes: 10 })
  })

  it('explains wrong usage in one paragraph and ends with 64', async () => {
    const wrong = [
      [[], /say which vendor/],
      [['axis-timelapse2', '--set', 'speed=1'], /no switch "speed"; there are version,/],
      [['axis-timelapse2', '--set', 'version=two'], /switch version takes timelapseme, or a version/],
      [['axis-timelapse2', '--loud'], /--loud/],
    ] as const
    const results = await Promise.all(wrong.map(([args]) => run(...args).ended))
    results.forEach(({ code, stdout, stderr }, index) => {
      expect([code, stdout]).toEqual([64, ''])
      expect(stderr).toMatch(wrong[index]![1])
      expect(stderr.trimEnd()).not.toMatch(/\n|\s{4}at /)
    })
  })

  it('lists every switch in its help', async () => {
    const { code, stdout } = await run('--help').ended
    expect(code).toBe(0)
    for (const name of ['version=3.1.4', 'truncateAt=off', 'world=default', '--until-stdin-closes'])
      expect(stdout).toContain(name)
  })

  it('says when the port is taken', async () => {
    const { firstLine, child, ended } = run('axis-timelapse2')
    const { url } = (await firstLine) as { url: string }
    const second = await run('axis-timelapse2', '--port', new URL(url).port).ended
    expect([second.code, second.stdout]).toEqual([1, ''])
    expect(second.stderr).toMatch(/could not start: .*EADDRINUSE/)
    child.kill('SIGTERM')
    await ended
  })
})
