/** Archives minutes of a Samsara vehicle, each paid for once: node minutes-of-a-vehicle.ts VEHICLE 2025-04-16T13:30-05:00 MINUTES FOLDER */
import { archive } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { quotaOf, samsara } from '@cam/samsara'

const [vehicle = 'Truck 12', from = '2025-04-16T13:30-05:00', minutes = '10', into = 'footage'] = process.argv.slice(2)
const start = Date.parse(from)
const window = { start, end: start + Number(minutes) * 60_000 }
// An address, for nothing but a pretend cloud.
const { CAM_SAMSARA_TOKEN: token = '', SAMSARA_URL: baseUrl } = process.env

await using source = samsara({ token, baseUrl, vehicles: [vehicle], views: ['road', 'driver', 'analog1'] })
await using ledger = await openLedger(into)

// What is not uploaded after six hours is pending: the same line again collects it, and orders nothing twice.
let sourceId = ''
for await (const event of archive({ source, into, ledger, window, pendingDeadlineMs: 6 * 3_600_000 })) {
  if (event.type === 'archive-started') sourceId = event.source.id
  if (event.type === 'recording-ended' && event.outcome.outcome !== 'kept') {
    const { outcome } = event
    console.log(event.recording.view, event.recording.id, 'reason' in outcome ? outcome.reason : outcome.outcome)
  }
  if (event.type === 'archive-ended') {
    console.log(`${event.kept} new, ${event.alreadyKept} already here, ${event.absent} never recorded`)
    if (event.failed + event.pending > 0) process.exitCode = 1
  }
}
console.log(quotaOf(await ledger.notes(sourceId)).told?.said ?? 'Nothing was ordered.')
