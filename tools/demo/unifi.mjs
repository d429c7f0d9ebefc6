// A UniFi console in the night the clocks go back: an hour that is there twice, and one of which the console drops eleven minutes.
import { join } from 'node:path'
import { archive, commandLine, megabytes, say, startSimulator } from './stage.mjs'

const night = ['--start', '2026-10-25 00:00:00+0200', '--end', '2026-10-25 05:00:00+0100']

/** True where all went as it should. */
export async function unifi() {
  const drop = 'drop=Front Door@2026-10-25T01:20:00Z/2026-10-25T01:31:00Z'
  const console = await startSimulator('unifi-protect', 'world=dst', 'renderMs=100', drop)
  const cli = commandLine('unifi-cli', console, 'unifi-protect')
  const into = join(archive, 'unifi-protect')
  const download = ['download', ...console.args, ...night, '--dest', into]
  let failed = false
  let news = 0

  const watch = (event) => {
    if (event.type === 'notice' && /turned out/.test(event.text)) say(`  ${event.text}`)
    if (event.type !== 'recording-ended' || event.already) return undefined
    news++
    const { outcome, recording, camera } = event
    const detail =
      outcome.outcome === 'kept'
        ? `${megabytes(outcome.bytes)}, proved by ${outcome.proof.by}${outcome.fidelity === 'proxy' ? ', only a small picture is left' : ''}`
        : (outcome.reason ?? outcome.message)
    say(`  ${outcome.outcome.padEnd(7)} ${outcome.path ?? `${camera.name} ${recording.id}`}  ${detail}`)
    return undefined
  }

  try {
    say(`A pretend UniFi console listens at ${console.url}: three cameras, one of which records only what moves.`)
    say('It drops eleven minutes of one hour unless it is asked for them by themselves, as consoles under load do.')
    say('Archiving the night in which the clocks go back; six hours, of which one is there twice:')
    say(
      `  unifi-cli --address 127.0.0.1 … --start "${night[1]}" --end "${night[3]}" --dest demo-archive/unifi-protect\n`,
    )
    let run = await cli.run(download, watch)
    failed ||= run.code !== 0
    if (news > 0) {
      say('\nAnd once more, to see that it knows what it has:\n')
      run = await cli.run(download, watch)
      failed ||= run.code !== 0
    }
    const s = run.summary
    if (s) say(`  ${s.kept} new, ${s.alreadyKept} already kept, ${s.absent} absent, ${s.failed} failed`)
    // The footage is of October 2026: a machine whose clock is before that sees an empty console.
    if (s && s.kept + s.alreadyKept === 0) {
      say('  Nothing was kept. Is the clock of this machine right?')
      failed = true
    }
    if (!failed) {
      say(
        '\nCoverage of two of the three: what the files really hold. Absent is what the console itself says it never recorded.\n',
      )
      failed = (await cli.print(['coverage', '--dest', into, '--cameras', 'Front Door,Back Yard'])).code !== 0
    }
  } finally {
    const counts = await console.stop()
    if (counts) {
      const { login = 0, media = 0 } = counts.nodes
      say(
        `\nThe console counted ${login === 1 ? '1 login' : `${login} logins`} for all of it, ${media} exports, and never more than ${counts.maximumMediaBodies} at once.`,
      )
    }
  }
  return !failed
}
