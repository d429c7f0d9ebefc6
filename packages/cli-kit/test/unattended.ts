import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type Clock, type FootageSource, ProtocolError, type Recording, systemClock } from '@cam/download-core'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { CliDefinition } from '../src/definition.ts'
import { runCli } from '../src/run.ts'
import { parsedLines } from './spawn.ts'
import { definition, recorder, signalSource } from './streams.ts'

const hour = 3_600_000
const picture = Buffer.from('one picture')

/** Has these recordings of two cameras, an hour each; what happens when one is opened can be chosen. */
export interface Pretend {
  readonly id?: string
  readonly recordings?: number
  readonly failing?: (recording: Recording) => Error | undefined
  readonly identify?: () => Promise<{ id: string; name: string }>
  readonly opened?: (recording: Recording) => unknown
}

const firstHour = Date.UTC(2026, 2, 2, 6)

export function pretendSource(o: Pretend = {}): FootageSource {
  const { id = 'console', recordings = 2 } = o
  return {
    vendor: 'pretend',
    limits: { transfers: 1, transfersPerCamera: 1 },
    identify: o.identify ?? (async () => ({ id, name: `Console ${id}` })),
    async *cameras() {
      yield { id: 'c1', name: 'Gate' }
      yield { id: 'c2', name: 'Yard' }
    },
    async *recordings({ id: cameraId }) {
      for (let index = 0; index < recordings; index++) {
        const start = firstHour + index * hour
        const window = { start, end: start + hour }
        yield { id: `r${index}`, cameraId, window, windowFrom: 'source', extension: 'bin', resume: 'never' }
      }
    },
    async open(recording) {
      await o.opened?.(recording)
      const error = o.failing?.(recording)
      if (error) throw error
      const body = (async function* () {
        yield new Uint8Array(picture)
      })()
      return { body, startsAtByte: 0, totalBytes: picture.length, representation: 'whole' }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** The second hour of each camera cannot be read. */
export const secondHourFails: Pretend = {
  failing: ({ id }) => (id === 'r1' ? new ProtocolError('That hour cannot be read with sesame-123.') : undefined),
}

export interface RunHere {
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  readonly definition?: Partial<CliDefinition>
  readonly signals?: ReturnType<typeof signalSource>
  readonly stdin?: string
  readonly stdout?: ReturnType<typeof recorder>
  readonly exit?: (code: number) => void
}

/** A whole run in this process. */
export async function runHere(source: Pretend | (() => FootageSource), argv: readonly string[], o: RunHere) {
  const [stdout, stderr, stdin] = [o.stdout ?? recorder(), recorder(), new PassThrough()]
  stdin.end(o.stdin ?? '')
  const made: CliDefinition = {
    ...definition,
    defaults: { ...definition.defaults, maxRetries: 0, seedLayout: '{camera}/{start:HH}.{ext}' },
    makeSource: () => (typeof source === 'function' ? source() : pretendSource(source)),
    ...o.definition,
  }
  const code = await runCli(made, {
    argv: ['--dest', join(o.folder, 'archive'), ...argv],
    env: {
      CAM_STATE_DIR: join(o.folder, 'state'),
      CAM_PRETEND_USER: 'root',
      CAM_PRETEND_PASSWORD: 'sesame-123',
      ...o.env,
    },
    stdin,
    stdout,
    stderr,
    signals: o.signals ?? signalSource(),
    timeZone: 'UTC',
    clock: o.clock ?? systemClock,
    exit: o.exit ?? (() => {}),
  })
  const json = () => parsedLines(stdout.text())
  return { code, stdout: stdout.text(), stderr: stderr.text(), json, warnings: () => linesOf(stderr.text(), 'WARN') }
}

function linesOf(text: string, word: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(word))
}

/** A real mail server on loopback that takes everything, but for recipients it does not know. */
export async function mailServer(unknown?: string) {
  const received: { readonly to: readonly string[]; readonly mail: Email }[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    closeTimeout: 10,
    onRcptTo({ address }, _, done) {
      done(address === unknown ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null)
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.once('end', async () => {
        const to = envelope.rcptTo.map(({ address }) => address)
        received.push({ to, mail: await PostalMime.parse(Buffer.concat(chunks)) })
        done()
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    received,
    url: (more = '') =>
      `smtp://127.0.0.1:${port}/?from=archive@example.org&to=ops@example.org,night@example.org${more}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
