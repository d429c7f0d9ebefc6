import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import type { Clock } from '@cam/download-core'
import type { CliDefinition } from '../src/definition.ts'
import type { OutputStream, SignalSource } from '../src/surroundings.ts'

/** A stream that remembers; a terminal where `columns` is given. */
export function recorder(columns?: number): OutputStream & { text(): string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return Object.assign(stream, {
    text: () => chunks.join(''),
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  }) as unknown as OutputStream & { text(): string }
}

/** A keyboard. */
export function keyboard() {
  const input = new PassThrough()
  const raw: boolean[] = []
  return Object.assign(input, { isTTY: true, setRawMode: (on: boolean) => raw.push(on), raw })
}

export function signalSource(): SignalSource & EventEmitter {
  return new EventEmitter() as SignalSource & EventEmitter
}

/** Stands still until it is told to go on. */
export function stoppedClock(startMs: number): Clock & { advance(ms: number): void } {
  let now = startMs
  return {
    now: () => now,
    monotonic: () => now,
    wait: async (ms) => {
      now += ms
    },
    advance(ms) {
      now += ms
    },
  }
}

export const words = {
  fetching: (address: string) => `Fetching from ${address}...`,
  found: (count: number) => `Found ${count} to download.`,
  none: 'Nothing found.',
}

export const definition: CliDefinition = {
  name: 'pretend-cli',
  version: '1.2.3',
  summary: 'Archives what a pretend camera recorded.',
  vendor: 'Pretend',
  connection: [
    { name: 'host', value: 'ADDRESS', byDefault: '192.0.2.1', group: 'Camera', help: 'where the camera is' },
  ],
  credentials: {
    username: { flag: 'user', env: 'CAM_PRETEND_USER' },
    password: { flag: 'pass', alias: 'password', env: 'CAM_PRETEND_PASSWORD' },
    settingsFile: { username: 'USERNAME' },
  },
  defaults: {
    dest: '.',
    layout: 'seed',
    seedLayout: '{name}',
    rateLimitMbps: 90,
    maxRetries: 3,
    retryDelaySeconds: 5,
    retryGrowth: 'fixed',
    timeoutSeconds: 60,
  },
  seedAliases: { dest: 'outdir' },
  words,
  makeSource: () => {
    throw new TypeError('a pretend camera cannot be reached')
  },
  address: (flags) => flags.text('host')!,
  helpNotes: ['A note at the end.'],
}
