/** Puts the angles of one camera or vehicle beside each other, aligned to the clock: node side-by-side.ts FOLDER NAME FILM.mp4 ZONE */
import { join } from 'node:path'
import { openLedger } from '@cam/ledger-sqlite'
import { sideBySide } from '@cam/video-merge'

const [from = 'footage', name = 'Truck 12', into = 'film.mp4', timeZone = 'UTC'] = process.argv.slice(2)
await using ledger = await openLedger(from, { readOnly: true })

const views = new Map<string, { path: string; start: number }[]>()
for await (const { camera, key, file, window } of ledger.rows({ kind: 'recording', outcomes: ['kept'] })) {
  const start = file?.covers[0]?.start ?? window?.start
  if (!file || start === undefined || camera.name !== name) continue
  views.set(key.view, [...(views.get(key.view) ?? []), { path: join(from, file.path), start }])
}

const film = await sideBySide({
  views: [...views].map(([view, clips]) => ({ name: view, clips })),
  into,
  timeZone,
  onEvent: (event) => event.type === 'warning' && console.error(event.message),
})
console.log(`${film.output.path}: ${film.output.durationMs / 1000} s, ${[...views.keys()].join(' | ')}`)
const time = (ms: number) => new Date(ms).toLocaleTimeString('en-GB', { timeZone })
for (const { name: view, black } of film.views) {
  for (const { start, end } of black) console.log(`${view} is black from ${time(start)} to ${time(end)}`)
}
