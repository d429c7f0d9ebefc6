// What every part of the demo needs: children that end with this process, the real command lines, tables.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** Below it, a folder for each vendor. */
export const archive = join(root, 'demo-archive')

// Whoever reads no further, as `head` does, has seen enough.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
export const say = (text = '') => console.log(text)
export const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)

const fromSource = (file, args) => [
  '--conditions=@cam/source',
  '--import',
  import.meta.resolve('tsx'),
  join(root, file),
  ...args,
]

/** Starts a child and gives its lines as they come. Its standard input closes when this process ends, however it ends. */
function start(file, args, env = {}, stdin = 'ignore') {
  const child = spawn(process.execPath, fromSource(file, args), {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: [stdin, 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })))
  return { child, ended, lines: createInterface({ input: child.stdout }) }
}

/** A pretend device. `stop` gives what it counted. */
export async function startSimulator(vendor, ...switches) {
  const args = [vendor, ...switches.flatMap((one) => ['--set', one]), '--until-stdin-closes']
  const simulator = start('packages/simulators/src/bin.ts', args, {}, 'pipe')
  const lines = simulator.lines[Symbol.asyncIterator]()
  const { value } = await lines.next()
  if (!value) throw new Error('The simulator did not start.')
  return {
    ...JSON.parse(value),
    async stop() {
      simulator.child.kill('SIGTERM')
      const last = await lines.next()
      await simulator.ended
      return last.value ? JSON.parse(last.value) : undefined
    },
  }
}

/** A command line of `apps/` against one simulator, with a state folder of the demo's own. */
export function commandLine(app, simulator, folder) {
  const env = { ...simulator.env, CAM_STATE_DIR: join(archive, folder, '.cam', 'demo-state') }
  const main = `apps/${app}/src/main.ts`
  return {
    /** Runs it with --json; `onEvent` may end it with a signal. */
    async run(args, onEvent = () => undefined) {
      const cli = start(main, [...args, '--json'], env)
      let summary
      for await (const line of cli.lines) {
        const event = JSON.parse(line)
        if (event.type === 'archive-ended' || event.type === 'capture-ended') summary = event
        if (event.type === 'error') say(`  ${[event.message, event.advice].filter(Boolean).join('\n  ')}`)
        const signal = onEvent(event)
        if (signal) cli.child.kill(signal)
      }
      return { ...(await cli.ended), summary }
    },
    /** Runs it and shows what it prints. */
    async print(args) {
      const cli = start(main, args, env)
      for await (const line of cli.lines) say(`  ${line}`)
      return cli.ended
    },
  }
}

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows)
    say(
      `  ${row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('   ')}`,
    )
}
