/** Archives one day of every camera of a UniFi console: node footage-of-a-day.ts ADDRESS FOLDER 2026-10-25 FINGERPRINT */
import { archive, coverage } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { unifiProtect } from '@cam/unifi-protect'

const [address = '192.168.1.1', into = 'footage', day = '2026-10-25', fingerprint256] = process.argv.slice(2)
const start = Date.parse(`${day}T00:00:00Z`)
const window = { start, end: start + 86_400_000 }

await using source = unifiProtect({
  address,
  username: process.env.CAM_UNIFI_USERNAME ?? '',
  password: process.env.CAM_UNIFI_PASSWORD ?? '',
  tls: fingerprint256 === undefined ? undefined : { fingerprint256 },
})
await using ledger = await openLedger(into)

for await (const event of archive({ source, into, ledger, window })) {
  if (event.type === 'recording-ended' && event.outcome.outcome === 'failed') {
    console.error(event.camera.name, event.recording.id, event.outcome.message)
  }
  if (event.type === 'archive-ended' && event.failed > 0) process.exitCode = 1
}
const hours = (ms: number) => (ms / 3_600_000).toFixed(1)
for (const { camera, totalsMs } of (await coverage({ ledger, window })).lines) {
  console.log(`${camera.name}: ${hours(totalsMs.kept)} hours kept, ${hours(totalsMs.absent)} never recorded`)
}
