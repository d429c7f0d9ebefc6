import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The full path of a server's binary; those of system services are often not on a user's PATH. */
function findBinary(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Why tests with this server cannot run, or `undefined` where they can. */
export function missing(name: 'apache2' | 'lighttpd'): string | undefined {
  return findBinary(name) === undefined ? `skipped: ${name} not installed` : undefined
}

export interface Running extends AsyncDisposable {
  readonly ports: readonly number[]
  /** The server's own temporary folder: configuration and logs. */
  readonly folder: string
}

/** Starts a server in the foreground on free ports and waits until it answers on all of them. */
export async function run(
  name: 'apache2' | 'lighttpd',
  portCount: number,
  prepare: (folder: string, ports: readonly number[]) => Promise<readonly string[]>,
): Promise<Running> {
  const binary = findBinary(name)
  if (!binary) throw new Error(missing(name))
  let lastWords = ''
  // A port that was free a moment ago may be taken by now.
  for (let attempt = 1; attempt <= 3; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), `cam-${name}-`))
    await chmod(folder, 0o755)
    const ports = await freePorts(portCount)
    const child = spawn(binary, await prepare(folder, ports), { stdio: ['ignore', 'pipe', 'pipe'] })
    lastWords = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        lastWords = (lastWords + text.toString()).slice(-2000)
      })
    }
    const endWithUs = () => child.kill('SIGTERM')
    process.once('exit', endWithUs)
    const stop = async () => {
      process.removeListener('exit', endWithUs)
      await end(child)
      await rm(folder, { recursive: true, force: true })
    }
    if (await answers(child, ports)) return { ports, folder, [Symbol.asyncDispose]: stop }
    await stop()
  }
  throw new Error(`${name} does not start: ${lastWords}`)
}

/** Lets a server that changes to another user read a test's folder. */
export async function makeReadable(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder)) {
    const path = join(folder, entry)
    if ((await stat(path)).isDirectory()) await makeReadable(path)
    else await chmod(path, 0o644)
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      await new Promise((resolve) => server.close(resolve))
      return typeof address === 'object' && address ? address.port : 0
    }),
  )
}

async function answers(child: ChildProcess, ports: readonly number[]): Promise<boolean> {
  for (let turn = 0; turn < 200 && child.exitCode === null && child.signalCode === null; turn++) {
    if ((await Promise.all(ports.map(isOpen))).every(Boolean)) return true
    await pause(25)
  }
  return false
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(timer)
}
