// An Axis camera: a transfer cut half-way, resumed, and the proof that nothing was lost.
import { join } from 'node:path'
import { archive, commandLine, megabytes, say, startSimulator, table } from './stage.mjs'

/** True where all went as it should. */
export async function axis() {
  // As slow as a camera on a site's uplink.
  const camera = await startSimulator('axis-timelapse2', 'rate=1500000')
  const cli = commandLine('axis-timelapse2-cli', camera, 'axis-timelapse2')
  const into = join(archive, 'axis-timelapse2')
  const download = ['download', ...camera.args, '--outdir', into]
  const ended = []
  const kept = new Map()
  let unfinished = 0
  let failed = false

  const watch = (event) => {
    if (event.type === 'recording-ended' && event.outcome.outcome === 'kept')
      kept.set(event.outcome.path, event.outcome)
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

  try {
    say(`A pretend Axis camera listens at ${camera.url} and asks for HTTP digest authentication.`)
    say(`Archiving it with: axis-timelapse2-cli ${camera.args.join(' ')} --outdir demo-archive/axis-timelapse2\n`)

    let cut = false
    let run = await cli.run(download, (event) => {
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
      run = await cli.run(download, watch)
    }
    failed ||= run.code !== 0

    if (ended.length > 0) {
      say('\nAnd once more, to see that it knows what it has:\n')
      run = await cli.run(download, watch)
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
      say(
        '\nCoverage, as the archive’s own ledger has it. This camera takes no pictures at night: those are the gaps.\n',
      )
      failed = (await cli.print(['coverage', '--outdir', into])).code !== 0
    }
  } finally {
    const counts = await camera.stop()
    if (counts) {
      say(`\nThe camera was asked for a video ${counts.nodes.media ?? 0} times. All that it counted:`)
      say(`  ${JSON.stringify(counts)}`)
    }
  }
  return !failed
}
