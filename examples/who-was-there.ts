/** Archives a day's recordings that a person started, and lists them: node who-was-there.ts HOST FOLDER 2026-03-02T00:00+01:00 */
import { archive } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { reolink } from '@cam/reolink'

const [host = '192.168.1.20', into = 'visits', from = new Date().toISOString().slice(0, 10)] = process.argv.slice(2)
const { CAM_REOLINK_USERNAME: username = 'admin', CAM_REOLINK_PASSWORD: password = '' } = process.env
const start = Date.parse(from)
const window = { start, end: start + 86_400_000 }

await using source = reolink({ host, username, password, triggers: ['person', 'doorbell'] })
await using ledger = await openLedger(into)

for await (const event of archive({ source, into, ledger, window })) {
  if (event.type === 'recording-ended' && event.recording.window) {
    const { camera, recording, outcome } = event
    const seconds = (event.recording.window.end - event.recording.window.start) / 1000
    const what = outcome.outcome === 'kept' ? outcome.path : outcome.outcome
    console.log(new Date(event.recording.window.start).toISOString(), camera.name, `${seconds} s`, what)
    if (recording.facts?.triggers) console.log(`  started by: ${recording.facts.triggers}`)
  }
  if (event.type === 'archive-ended') {
    console.log(`${event.kept} new, ${event.alreadyKept} already here, ${event.failed} failed`)
    if (event.failed > 0) process.exitCode = 1
  }
}
