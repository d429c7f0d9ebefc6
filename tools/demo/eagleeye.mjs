// An Eagle Eye account: a program killed in mid-run without a word, what the next run says of it, and to whom.
import { createServer } from 'node:http'
import { join } from 'node:path'
import { archive, commandLine, megabytes, say, startSimulator } from './stage.mjs'

const day = ['--start', '2026-02-08T00:00:00Z', '--end', '2026-02-09T00:00:00Z']

/** True where all went as it should. */
export async function eagleEye() {
  // Each film's first request is answered with JSON and status 200, as the cloud does while it is busy.
  const cloud = await startSimulator('eagleeye', 'api=classic', 'failN=1', 'failStatus=200-json', 'rate=9000')
  const cli = commandLine('eagleeye-cli', cloud, 'eagleeye')
  const into = join(archive, 'eagleeye')
  const bell = await startBell()
  const notices = ['--notify', bell.url, '--notify-on', 'finish,partial,fail,interrupted']
  const download = ['download', ...cloud.args, ...day, '--dest', into, '--retry-delay', '0.1', ...notices]
  let failed = false
  let kept = 0

  const watch = (event) => {
    if (event.type === 'interrupted-run-found') {
      say(`  the run of ${event.run.startedAt.slice(11, 19)} UTC ended without a word: it was interrupted`)
    }
    if (event.type !== 'recording-ended' || event.already) return
    const { outcome } = event
    if (outcome.outcome === 'kept') kept++
    const detail =
      outcome.outcome === 'kept'
        ? `${megabytes(outcome.bytes)}, proved by ${outcome.proof.by}`
        : (outcome.reason ?? outcome.message)
    say(`  ${outcome.outcome.padEnd(7)} ${outcome.path ?? event.recording.id}  ${detail}`)
  }

  try {
    say(
      `A pretend Eagle Eye cloud listens at ${cloud.url}. It answers each first request for a film with JSON, and says 200.`,
    )
    say('Archiving a day of two cameras, and telling a web address how it went:')
    say('  eagleeye-cli --api classic … --start 2026-02-08 --end 2026-02-09 --notify http://127.0.0.1:…\n')
    let killed = false
    let run = await cli.run(download, (event) => {
      watch(event)
      if (killed || kept < 3) return undefined
      killed = true
      say('  ✂ killing the program with SIGKILL: it can say nothing any more')
      return 'SIGKILL'
    })
    if (killed) {
      say('\nThe same command again:\n')
      run = await cli.run(download, watch)
    }
    failed ||= run.code !== 0
    if (kept > 0) {
      say('\nAnd once more, to see that it knows what it has:\n')
      run = await cli.run(download, watch)
      failed ||= run.code !== 0
    }
    const s = run.summary
    if (s) say(`  ${s.kept} new, ${s.alreadyKept} already kept, ${s.absent} absent, ${s.failed} failed`)
    failed ||= !s || s.kept + s.alreadyKept === 0
    say('\nWhat the web address was told:\n')
    for (const subject of bell.told) say(`  ${subject}`)
    failed ||= bell.told.length === 0
  } finally {
    bell.close()
    const counts = await cloud.stop()
    const films = counts?.nodes.media ?? 0
    if (counts)
      say(
        `\nThe cloud counted ${films} requests for films${films > 0 ? ', and answered the first for each with JSON' : ''}.`,
      )
  }
  return !failed
}

/** Takes notices, and keeps their subjects. */
async function startBell() {
  const told = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    told.push(JSON.parse(text).subject)
    response.end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { told, url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}
