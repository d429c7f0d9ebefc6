// Writes row after row, and says each one's id once it is durable, until it is killed.
import { openLedger } from '../src/index.ts'

const ledger = await openLedger(process.argv[2]!)
for (let index = 0; index < 100_000; index++) {
  const key = { sourceId: 's', cameraId: 'c', view: '', recordingId: `r${index}` }
  await ledger.plan('r', 1, [{ key, kind: 'recording', camera: { id: 'c', name: 'C' } }])
  process.stdout.write(`${key.recordingId}\n`)
  await new Promise(setImmediate)
}
