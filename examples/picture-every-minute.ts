/** A picture of two cameras every minute, until Ctrl-C: node picture-every-minute.ts FOLDER HOST HOST (name and password in the environment). */
import { capture, parseTimetable } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { reolink } from '@cam/reolink'

const [into = 'pictures', gate = '192.168.1.20', yard = '192.168.1.21', every = '1m'] = process.argv.slice(2)
const { CAM_REOLINK_USERNAME: username = 'admin', CAM_REOLINK_PASSWORD: password = '' } = process.env

// Disposed whatever happens: a device has few places for logins.
await using one = reolink({ host: gate, username, password })
await using other = reolink({ host: yard, username, password })
await using ledger = await openLedger(into)

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const timetable = parseTimetable(every)

for await (const event of capture({ source: [one, other], into, ledger, timetable, stop: stop.signal })) {
  if (event.type === 'slot') {
    console.log(event.outcome.outcome, event.outcome.outcome === 'kept' ? event.outcome.path : event.error?.message)
  }
  // Also what nobody took since the last run.
  if (event.type === 'slots-missed') console.log('missed', event.camera.name, event.count, event.why)
  if (event.type === 'capture-ended') {
    console.log(`${event.planned} due, ${event.kept} kept, ${event.failed} failed`)
    if (event.failed > 0) process.exitCode = 1
  }
}
