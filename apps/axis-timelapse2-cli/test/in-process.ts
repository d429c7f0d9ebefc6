import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { runCli as run } from '@cam/cli-kit'
import { axisTimelapse2Cli } from '../src/command.ts'
import { type Ended, parsedLines, stateFolder } from './cli.ts'

/** The same command line without a process of its own: much quicker, for everything that is not about processes. */
export async function runHere(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ended> {
  const stdin = new PassThrough()
  stdin.end(options.input ?? '')
  const [stdout, stderr] = [recorder(), recorder()]
  const code = await run(axisTimelapse2Cli, {
    argv: args,
    env: { CAM_STATE_DIR: stateFolder(), ...options.env },
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    signals: new EventEmitter(),
    timeZone: 'UTC',
    exit: (code) => {
      throw new Error(`It wanted to exit with ${code} by force.`)
    },
  })
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text(), json: () => parsedLines(stdout.text()) }
}

function recorder() {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}
