// A Samsara vehicle: footage that is ordered and paid for, collected by a later run, and made into films, black where there is none.
import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { archive, commandLine, megabytes, say, startSimulator, table } from './stage.mjs'

const into = join(archive, 'samsara')
/** There once everything was collected. Until then only the pretend cloud of that run knows what was ordered. */
const collected = join(into, '.cam', 'demo-state', 'collected')
const timeZone = 'America/Chicago'
const asked = ['--vehicle', 'Truck 13', '--start', '04/16/2025 13:40', '--duration', '3']
const switches = [
  'pendingPolls=1',
  // Storage hangs up once in the middle of each clip.
  ...['truncateAt=9000', 'faultTimes=1'],
  'unavailable=281474976710713/analog1@2025-04-16T18:42:00Z',
]

/** True where all went as it should. */
export async function samsara() {
  if (existsSync(into) && !existsSync(collected)) {
    say(
      'The last demo was cut off before its orders were collected, and the pretend cloud that took them ended with it.',
    )
    say('This part begins anew.\n')
    rmSync(into, { recursive: true, force: true })
  }
  const isFresh = !existsSync(into)
  const cloud = await startSimulator('samsara', ...switches)
  const cli = commandLine('samsara-cli', { ...cloud, env: { ...cloud.env, FFMPEG_PATH: ffmpegPath() } }, 'samsara')
  const films = new Map()
  let well = true
  let summary
  const run = async (...more) => {
    films.clear()
    const line = ['download', ...cloud.args, ...asked, '--timezone', timeZone, '--dest', into, '--retry-delay', '0.1']
    const ended = await cli.run([...line, ...more], (event) => {
      tell(event)
      if (event.type === 'merged') films.set(event.path, event)
    })
    well &&= ended.code === 0 && ended.summary !== undefined
    summary = ended.summary
  }

  try {
    say(`A pretend Samsara cloud listens at ${cloud.url}. Each minute of a vehicle has to be ordered, and is paid for.`)
    if (isFresh) {
      say('Ordering three minutes of three cameras, without waiting for the vehicle. One minute was never recorded:')
      show('--no-wait')
      await run('--no-wait')
      say(
        `\n${summary?.pending ?? 0} clips are ordered. The same line without --no-wait collects them, orders nothing twice,`,
      )
      say('and makes films of them. Storage hangs up once in the middle of each clip:')
      show()
      await run()
      well &&= films.size === 4
      if (well) {
        mkdirSync(dirname(collected), { recursive: true })
        writeFileSync(collected, '')
      }
      say(
        '\nThe films. Side by side, each angle stands at its own moment of the clock, and is black where it shows nothing:\n',
      )
      tableOf(films)
      say('\nAnd once more, to see that it knows what it has:\n')
    } else {
      say('All that this demo asks for was fetched before. The same line again:')
      show()
    }
    await run()
    if (!isFresh && films.size > 0) {
      say()
      tableOf(films)
      say()
    }
    const { kept, alreadyKept, absent, failed } = summary ?? {}
    say(`  ${kept} new, ${alreadyKept} already kept, ${absent} absent, ${failed} failed`)
    well &&= films.size === 4 && kept === 0 && alreadyKept > 0
  } finally {
    const counts = await cloud.stop()
    if (counts) {
      const { order = 0, poll = 0, media = 0 } = counts.nodes
      const asTheyShould = order === (isFresh ? 3 : 0)
      well &&= counts.violations.length === 0 && asTheyShould
      say(`\nThe cloud counted ${order} orders, ${poll} questions how they stand and ${media} requests for clips.`)
      say(asTheyShould ? 'Nothing was paid for twice.' : 'That is not what it should be!')
      if (counts.violations.length > 0) say(`  ${counts.violations.join('\n  ')}`)
    }
  }
  return well
}

function tell(event) {
  if (event.type === 'recording-ended' && !event.already) {
    const { outcome, recording } = event
    const what = outcome.path ?? `${recording.view} ${clockTime(recording.window.start)}`
    const detail =
      outcome.outcome === 'kept'
        ? `${megabytes(outcome.bytes)}, proved by ${outcome.proof.by}`
        : (outcome.reason ?? outcome.message)
    say(`  ${outcome.outcome.padEnd(7)} ${what}  ${detail}`)
  }
  if (event.type === 'merge-started')
    say(`  merging ${event.views.join(' | ')}: ${event.clips} clip${event.clips === 1 ? '' : 's'}`)
  if (event.type === 'merge-missing') {
    say(`  missing ${event.view} from ${clockTime(event.start)} to ${clockTime(event.end)}: ${event.because}`)
  }
  if (event.type === 'merge-failed') say(`  ${event.message}`)
}

function show(...more) {
  const words = [...asked, ...more].map((word) => (word.includes(' ') ? `"${word}"` : word))
  say(`  samsara-cli ${words.join(' ')} --dest demo-archive/samsara\n`)
}

const hows = { copied: 'joined without decoding', encoded: 'encoded once', kept: 'made before, nothing has changed' }

function tableOf(films) {
  table([
    ['film', 'bytes', ''],
    ...[...films.values()].map(({ path, bytes, how }) => [path, bytes.toLocaleString('en'), hows[how] ?? how]),
  ])
}

function clockTime(moment) {
  return new Date(moment).toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
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
  const fromCli = createRequire(new URL('../../apps/samsara-cli/package.json', import.meta.url))
  say('This machine has no ffmpeg: the one that npm brings for the tests is used.')
  return fromCli('@ffmpeg-installer/ffmpeg').path
}

function isRunnable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
