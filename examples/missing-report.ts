/** Writes down what an archive lacks, without asking the camera: node missing-report.ts FOLDER REPORT.csv */
import { writeFile } from 'node:fs/promises'
import { coverage, gaps } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'

const [into = 'timelapses', report = 'missing.csv'] = process.argv.slice(2)
await using ledger = await openLedger(into, { readOnly: true })
const lines = ['camera,view,what,from,to,why']
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
const time = (ms: number | undefined) => (ms === undefined ? '' : new Date(ms).toISOString())

// Recordings that were listed and are not here, dated or not.
for await (const { camera, recording, window, outcome } of ledger.rows({ kind: 'recording' })) {
  if (outcome?.outcome === 'kept' || outcome?.outcome === 'handed-over') continue
  const why = outcome === undefined ? 'not tried yet' : 'message' in outcome ? outcome.message : outcome.outcome
  const what = recording?.name ?? recording?.id ?? ''
  lines.push(
    [camera.name, recording?.view ?? '', what, time(window?.start), time(window?.end), why].map(cell).join(','),
  )
}
// Time that no recording was ever listed for.
for (const { camera, view, start, end, state } of gaps(await coverage({ ledger }))) {
  if (state !== 'unknown') continue
  lines.push([camera.name, view, 'nothing listed', time(start), time(end), ''].map(cell).join(','))
}
await writeFile(report, `${lines.join('\n')}\n`)
console.log(`${lines.length - 1} lines in ${report}`)
