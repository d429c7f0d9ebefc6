// A Samsara vehicle: footage that is ordered and paid for, collected by a later run, and made into films, black where there is none.
import { accessSync, constants, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { archive, commandLine, megabytes, say, startSimulator, table } from './stage.mjs'

const asked = ['--vehicle', 'Truck 13', '--start', '04/16/2025 13:40', '--duration', '3']

/** True where all went as it should. */
export async function samsara() {
  const cloud = await startSimulator('samsara', 'pendingPolls=1', 'truncateAt=9000', 'faultTimes=1')
  const env = { ...cloud.env, FFMPEG_PATH: ffmpegPath() }
  const cli = commandLine('samsara-cli', { ...cloud, env }, 'samsara')
  const into = join(archive, 'samsara')
  const download = [
    'download',
    ...cloud.args,
    ...asked,
    '--timezone',
    'America/Chicago',
    '--dest',
    into,
    '--retry-delay',
    '0.1',
  ]
  let failed = false
  let summary

  const watch = (event) => {
    if (event.type === 'recording-ended' && !event.already) {
      const { outcome, recording } = event
      const detail =
        outcome.outcome === 'kept'
          ? `${megabytes(outcome.bytes)}, proved by ${outcome.proof.by}, try ${outcome.attempts ?? 1}`
          : (outcome.reason ?? outcome.message)
      say(`  ${outcome.outcome.padEnd(7)} ${outcome.path ?? `${recording.view} ${recording.id}`}  ${detail}`)
    }
    if (event.type === 'merge-started') say(`  merging ${event.clips} clips: ${event.views.join(' | ')}`)
    if (event.type === 'merge-missing')
      say(`  missing ${event.view} from ${event.start} to ${event.end}: ${event.because}`)
    if (event.type === 'merged') films.set(event.path, event)
    if (event.type === 'merge-failed') say(`  ${event.message}`)
  }
  const films = new Map()
  const run = async (...more) => {
    films.clear()
    const ended = await cli.run([...download, ...more], watch)
    failed ||= ended.code !== 0
    summary = ended.summary
  }

  try {
    say(`A pretend Samsara cloud listens at ${cloud.url}. Each minute of a vehicle has to be ordered, and is paid for.`)
    say('Ordering three minutes of three cameras, without waiting for the vehicle; one of them was never recorded:')
    say(
      `  samsara-cli ${asked.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ')} --no-wait --dest demo-archive/samsara\n`,
    )
    const isFresh = !existsSync(join(into, 'Truck 13'))
    if (isFresh) {
      await run('--no-wait')
      if (summary)
        say(
          `\n  ${summary.pending} are ordered and pending. The same line without --no-wait collects them, and orders nothing twice:\n`,
        )
    }
    await run()
    if (isFresh) {
      say('\nAnd once more, to see that it knows what it has:\n')
      await run()
    }
    if (summary)
      say(
        `  ${summary.kept} new, ${summary.alreadyKept} already kept, ${summary.absent} absent, ${summary.failed} failed`,
      )
    failed ||= !summary || summary.kept + summary.alreadyKept === 0 || films.size !== 4
    if (films.size > 0) {
      say(
        '\nThe films, aligned to the clock. What is missing is black side by side, and named in the list beside them:\n',
      )
      table([
        ['film', 'bytes', ''],
        ...[...films.values()].map(({ path, bytes, how }) => [
          path,
          bytes.toLocaleString('en'),
          how === 'kept' ? 'as it was' : how,
        ]),
      ])
    }
  } finally {
    const counts = await cloud.stop()
    if (counts) {
      const { order = 0, poll = 0, media = 0 } = counts.nodes
      failed ||= counts.violations.length > 0
      say(`\nThe cloud counted ${order} orders, ${poll} questions how they stand and ${media} requests for films.`)
      say(counts.violations.length === 0 ? 'Nothing was paid for twice.' : `  ${counts.violations.join('\n  ')}`)
    }
  }
  return !failed
}

/** The machine's own, or the one that npm brings for tests. */
function ffmpegPath(env = process.env) {
  if (env.FFMPEG_PATH) return env.FFMPEG_PATH
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'
  const own = (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isRunnable)
  if (own) return own
  const { path } = createRequire(new URL('../../apps/samsara-cli/package.json', import.meta.url))(
    '@ffmpeg-installer/ffmpeg',
  )
  say('This machine has no ffmpeg: the one that npm brings for the tests is used.')
  return path
}

function isRunnable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
