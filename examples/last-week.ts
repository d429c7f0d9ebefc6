/** Archives the last seven days of a camera, and draws which of them are there: node last-week.ts HOST FOLDER */
import { axisTimelapse2 } from '@cam/axis-timelapse2'
import { archive, coverage } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'

const [host = '192.168.0.90', into = 'timelapses', until = new Date().toISOString()] = process.argv.slice(2)
const day = 86_400_000
const end = Date.parse(until)
const window = { start: end - 7 * day, end }

const { CAM_AXIS_USER: username, CAM_AXIS_PASSWORD: password } = process.env
await using source = axisTimelapse2({ host, username, password })
await using ledger = await openLedger(into)

for await (const event of archive({ source, into, ledger, window })) {
  if (event.type === 'archive-ended') console.log(`${event.kept} new, ${event.alreadyKept} already here`)
}

// Nights without pictures, up to twelve hours, are no holes.
for (const { camera, view, segments } of (await coverage({ ledger, window, joinMs: day / 2 })).lines) {
  const days = Array.from({ length: 7 }, (_, index) => {
    const noon = window.start + (index + 0.5) * day
    return segments.some(({ state, start, end }) => state === 'kept' && start <= noon && noon < end) ? '#' : '.'
  })
  console.log(`${camera.name} ${view}: ${days.join('')}`)
}
