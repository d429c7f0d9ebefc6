import { connect, createServer, type Socket } from 'node:net'
import type { Clock } from '@cam/download-core/source'
import { type ReolinkSimulator, type ReolinkSimulatorOptions, startReolink } from '@cam/simulators/reolink'
import { onTestFinished } from 'vitest'
import { createDevice, type Device } from '../src/client/device.ts'
import { type ReolinkOptions, readOptions } from '../src/options.ts'

/** Never aborted. */
export const never = new AbortController().signal

/** A clock on which short waits are over at once, and long ones (time limits) only when time is told to pass. */
export interface LeapingClock extends Clock {
  advance(ms: number): Promise<void>
}

/** Longer waits are limits that nothing in a test may reach by itself. */
const leapMs = 2000

export function leapingClock(startMs = Date.UTC(2026, 4, 12, 12)): LeapingClock {
  let now = 0
  const waiting = new Set<{ readonly at: number; done(): void }>()
  return {
    now: () => startMs + now,
    monotonic: () => now,
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const entry = {
          at: now + ms,
          done() {
            waiting.delete(entry)
            signal?.removeEventListener('abort', onAbort)
            now = Math.max(now, entry.at)
            resolve()
          },
        }
        const onAbort = () => {
          waiting.delete(entry)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        if (ms <= leapMs) setImmediate(() => !signal?.aborted && entry.done())
        else waiting.add(entry)
      })
    },
    async advance(ms) {
      now += ms
      for (const entry of waiting) if (entry.at <= now) entry.done()
      await new Promise(setImmediate)
    },
  }
}

/** A device and whoever speaks to it. */
export interface Pretend {
  readonly simulator: ReolinkSimulator
  readonly clock: LeapingClock
  readonly device: Device
  /** Another client of the same device. */
  client(options?: Partial<ReolinkOptions>): Device
}

interface Wanted extends Omit<ReolinkSimulatorOptions, 'clock'> {
  readonly options?: Partial<ReolinkOptions>
}

export async function pretend({ options: own = {}, ...wanted }: Wanted = {}): Promise<Pretend> {
  const clock = leapingClock()
  const simulator = await startReolink({ ...wanted, clock })
  onTestFinished(() => simulator.close())
  const client = (options: Partial<ReolinkOptions> = {}): Device => {
    const { url, username, password, certificate } = simulator
    const tls = certificate && { tls: { fingerprint256: certificate.fingerprint256 } }
    const retry = { retries: 2, delayMs: 10 }
    const made = createDevice(
      readOptions({ host: url, username, password, clock, retry, env: {}, ...tls, ...own, ...options }),
    )
    onTestFinished(() => made[Symbol.asyncDispose]())
    return made
  }
  return { simulator, clock, client, device: client() }
}

/** What was thrown; fails where nothing was. */
export async function thrown(work: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const result = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in result) return result.error as Error & Record<string, unknown>
  throw new Error(`nothing was thrown, but ${JSON.stringify(result.value)?.slice(0, 200)} was given`)
}

/** How often a command was asked. */
export function countOf({ requests }: ReolinkSimulator, node: string): number {
  return requests.filter((entry) => entry.node === node).length
}

/** Resolves when it is so; gives real I/O its turns. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  if (!condition()) throw new Error(`never became true: ${condition}`)
}

/** Stands between, and keeps what the device answers until it is let go. */
export async function holdingRelay(port: number): Promise<{ readonly url: string; release(): void }> {
  const sockets = new Set<Socket>()
  const held = new Set<Socket>()
  let open = false
  const server = createServer((client) => {
    const device = connect(port, '127.0.0.1')
    for (const socket of [client, device]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
    }
    client.pipe(device)
    const flow = () => device.pipe(client)
    if (open) flow()
    else {
      device.pause()
      held.add(device)
      device.once('release', flow)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    release() {
      open = true
      for (const socket of held) socket.emit('release')
      held.clear()
    },
  }
}
