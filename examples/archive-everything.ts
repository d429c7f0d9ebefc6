/** Archives every timelapse of a camera: node archive-everything.ts HOST FOLDER (name and password in the environment). */
import { axisTimelapse2 } from '@cam/axis-timelapse2'
import { archive } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'

const [host = '192.168.0.90', into = 'timelapses'] = process.argv.slice(2)
await using source = axisTimelapse2({
  host,
  username: process.env.CAM_AXIS_USER,
  password: process.env.CAM_AXIS_PASSWORD,
})
await using ledger = await openLedger(into)

for await (const event of archive({ source, into, ledger })) {
  if (event.type === 'recording-ended' && !event.already) {
    console.log(event.outcome.outcome, event.recording.name, event.error?.message ?? '')
  }
  if (event.type === 'archive-ended') {
    console.log(`${event.kept} new, ${event.alreadyKept} already here, ${event.failed} failed`)
    if (event.failed > 0) process.exitCode = 1
  }
}
