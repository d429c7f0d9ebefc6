// The first minute with this project: a pretend camera, the real command line, a transfer cut half-way, and the proof that nothing was lost.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const archive = join(root, 'demo-archive')
const state = join(archive, '.cam', 'demo-state')
if (process.argv.includes('--fresh')) rmSync(archive, { recursive: true, force: true })

const fromSource = (file, args) => [
  '--conditions=@cam/source',
  '--import',
  import.meta.resolve('tsx'),
  join(root, file),
  ...args,
]
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
const say = (text = '') => console.log(text)

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

/** As slow as a camera on a site's uplink. */
async function startCamera() {
  const args = ['axis-timelapse2', '--set', 'rate=1500000', '--until-stdin-closes']
  const camera = start('packages/simulators/src/bin.ts', args, {}, 'pipe')
  const lines = camera.lines[Symbol.asyncIterator]()
  const { value } = await lines.next()
  if (!value) throw new Error('The simulator did not start.')
  return {
    ...JSON.parse(value),
    async stop() {
      camera.child.kill('SIGTERM')
      const last = await lines.next()
      await camera.ended
      return last.value ? JSON.parse(last.value) : undefined
    },
  }
}

/** Runs the real command line with --json; `onEvent` may end it with a signal. */
async function runCli(camera, args, onEvent = () => undefined) {
  const cli = start('apps/axis-timelapse2-cli/src/main.ts', args, { ...camera.env, CAM_STATE_DIR: state })
  let summary
  for await (const line of cli.lines) {
    const event = JSON.parse(line)
    if (event.type === 'archive-ended') summary = event
    if (event.type === 'error') say(`  ${[event.message, event.advice].filter(Boolean).join('\n  ')}`)
    const signal = onEvent(event)
    if (signal) cli.child.kill(signal)
  }
  return { ...(await cli.ended), summary }
}

async function printCli(camera, args) {
  const cli = start('apps/axis-timelapse2-cli/src/main.ts', args, { ...camera.env, CAM_STATE_DIR: state })
  for await (const line of cli.lines) say(`  ${line}`)
  return cli.ended
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows)
    say(
      `  ${row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('   ')}`,
    )
}

const ended = []
const kept = new Map()
const download = (camera) => ['download', ...camera.args, '--outdir', archive, '--json']
let unfinished = 0
const watch = (event) => {
  if (event.type === 'recording-ended' && event.outcome.outcome === 'kept') kept.set(event.outcome.path, event.outcome)
  if (event.type === 'recording-ended' && !event.already) {
    const { outcome } = event
    if (outcome.code === 'INTERRUPTED') {
      unfinished++
    } else {
      ended.push(event)
      const detail =
        outcome.outcome === 'kept' ? `${megabytes(outcome.bytes)}, proved by ${outcome.proof.by}` : outcome.message
      say(`  ${outcome.outcome.padEnd(7)} ${outcome.path ?? event.recording.id}  ${detail}`)
    }
  }
  if (event.type === 'resumed') {
    say(`  resumed at byte ${event.atByte.toLocaleString('en')}: what the first try had fetched was kept`)
  }
}

const camera = await startCamera()
let failed = false
try {
  say(`A pretend Axis camera listens at ${camera.url} and asks for HTTP digest authentication.`)
  say(
    `Archiving it into ${relative(root, archive)}/ with: axis-timelapse2-cli ${download(camera).slice(0, -3).join(' ')} --outdir demo-archive\n`,
  )

  let cut = false
  let run = await runCli(camera, download(camera), (event) => {
    watch(event)
    if (
      !cut &&
      ended.length >= 2 &&
      event.type === 'progress' &&
      event.totalBytes > 1e6 &&
      event.bytes > event.totalBytes / 2 &&
      event.bytes < event.totalBytes * 0.9
    ) {
      cut = true
      say(`  ✂ ending the program with SIGTERM at ${megabytes(event.bytes)} of ${megabytes(event.totalBytes)}`)
      return 'SIGTERM'
    }
  })
  if (cut) {
    say(
      `\nThe program ended with exit code ${run.code ?? run.signal}; ${unfinished} recordings are down as interrupted. The same command again:\n`,
    )
    run = await runCli(camera, download(camera), watch)
  }
  failed ||= run.code !== 0

  if (ended.length > 0) {
    say('\nAnd once more, to see that it knows what it has:\n')
    run = await runCli(camera, download(camera), watch)
    failed ||= run.code !== 0
  }
  const s = run.summary
  if (s) say(`  ${s.kept} new, ${s.alreadyKept} already kept, ${s.failed} failed`)

  if (kept.size > 0) {
    say('\nWhat is in the archive:\n')
    const bytes = [...kept.values()].reduce((sum, outcome) => sum + outcome.bytes, 0)
    table([
      ['recording', 'bytes', 'outcome', 'proof'],
      ...[...kept.values()].map(({ path, bytes, outcome, proof }) => [
        path,
        bytes.toLocaleString('en'),
        outcome,
        proof.by,
      ]),
      [`${kept.size} recordings`, bytes.toLocaleString('en'), '', ''],
    ])
  }

  if (!failed) {
    say('\nCoverage, as the archive’s own ledger has it. This camera takes no pictures at night: those are the gaps.\n')
    failed = (await printCli(camera, ['coverage', '--outdir', archive])).code !== 0
  }
} finally {
  const counts = await camera.stop()
  if (counts) {
    say(`\nThe camera was asked for a video ${counts.nodes.media ?? 0} times. All that it counted:`)
    say(`  ${JSON.stringify(counts)}`)
  }
}
say(
  failed
    ? '\nSomething failed: see above.'
    : '\nThe files in demo-archive/ open in any player. Run it again: it will fetch nothing.',
)
process.exitCode = failed ? 1 : 0
