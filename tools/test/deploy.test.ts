import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const script = join(root, 'deploy', 'cam-service')

async function service(program: string, ...more: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'cam-deploy-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const ended = join(folder, 'ended')
  const env = { ...process.env, CAM_ENDED_FILE: ended }
  const child = spawn(script, [process.execPath, '-e', program, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (said.out += chunk))
  child.stderr.on('data', (chunk) => (said.err += chunk))
  const until = async (stream: 'out' | 'err', text: string) => {
    while (!said[stream].includes(text)) await once(child[stream === 'out' ? 'stdout' : 'stderr'], 'data')
  }
  const isHealthy = async () => {
    const [code] = await once(spawn(script, ['--healthy'], { env }), 'close')
    return code === 0
  }
  return { child, closed, said, until, isHealthy, ended }
}

test.each([0, 1, 75, 143])(
  'a line that ends with %d ends its container, whose restart policy decides',
  async (code) => {
    const { closed, isHealthy } = await service(`process.exit(${code})`)
    expect((await closed)[0]).toBe(code)
    expect(await isHealthy()).toBe(true)
  },
)

test.each([2, 64])('one that ends with %d stays ended and unhealthy until the container is stopped', async (code) => {
  const { child, closed, until, said, isHealthy, ended } = await service(`console.log('tried'); process.exit(${code})`)
  await until('err', 'Mend it')
  // It is written right after it is said.
  while (!existsSync(ended)) await new Promise((resolve) => setImmediate(resolve))
  expect(await isHealthy()).toBe(false)
  expect(child.exitCode).toBeNull()
  child.kill('SIGTERM')
  await closed
  expect(said.out).toBe('tried\n')
})

test('a stop reaches the line, which ends in its own time and with its own code', async () => {
  const program =
    "process.on('SIGTERM', () => setTimeout(() => { console.log('logged out'); process.exit(143) }, 50)); console.log('up'); setInterval(() => {}, 1000)"
  const { child, closed, until, said } = await service(program)
  await until('out', 'up')
  child.kill('SIGTERM')
  expect((await closed)[0]).toBe(143)
  expect(said.out).toContain('logged out')
})

const compose = readFileSync(join(root, 'deploy', 'compose.yaml'), 'utf8')
const lines = [...compose.matchAll(/^ +command: (?:>-\n)?(.*(?:\n {6,}\S.*)*)/gm)].map(([, line]) =>
  line!.trim().replace(/\s+/g, ' '),
)

test('the compose file has every command line', () => {
  const apps = readdirSync(join(root, 'apps')).filter((app) => existsSync(join(root, 'apps', app, 'package.json')))
  expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(apps.sort())
})

test.each(lines)('and each of its lines would run: %s', async (line) => {
  const [app, ...rest] = line.split(' ')
  const program = `node ${join(inject('bundledClis'), `${app}.mjs`)} service print ${rest.join(' ').replace('REPLACE-ME', '0'.repeat(64))}`
  const child = spawn('sh', ['-c', program], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  child.stdout.on('data', (chunk) => said.push(String(chunk)))
  child.stderr.on('data', (chunk) => said.push(String(chunk)))
  await once(child, 'close')
  expect(said.join('')).toContain('RequiresMountsFor=/footage/')
  expect(child.exitCode).toBe(0)
})
