/** Archives the last day of an Eagle Eye account, and tells a mailbox, a monitor or a program: node tell-how-it-went.ts URL FOLDER */
import { hostname } from 'node:os'
import { archive } from '@cam/download-core'
import { eagleEye } from '@cam/eagleeye'
import { openLedger } from '@cam/ledger-sqlite'
import { createNotifier, parseTarget } from '@cam/notify'

const [url = 'exec:cat', into = 'footage', until = new Date().toISOString()] = process.argv.slice(2)
const { CAM_EAGLEEYE_USERNAME: username = '', CAM_EAGLEEYE_PASSWORD: password = '' } = process.env
// Nothing but for a pretend cloud.
const hosts = JSON.parse(process.env.EAGLEEYE_HOSTS ?? '{}')
const end = Date.parse(until)
const window = { start: end - 86_400_000, end }

await using source = eagleEye({ api: 'classic', classic: { username, password }, hosts })
await using ledger = await openLedger(into)
const targets = [parseTarget(url, process.env)]
const notifier = createNotifier({ targets, on: ['finish', 'partial'], cli: 'my-archiver', hostname: hostname() })

const about = { runId: crypto.randomUUID(), vendor: source.vendor, source: username, window, startedAt: Date.now() }
for await (const event of archive({ source, into, ledger, window })) {
  if (event.type !== 'archive-ended') continue
  const summary = event
  const told = await notifier.send(
    { event: summary.failed > 0 ? 'partial' : 'finish', ...about, endedAt: Date.now(), summary },
    { signal: AbortSignal.timeout(60_000) },
  )
  for (const { ok, reason } of told) console.log(ok ? 'told' : `not told: ${reason}`)
}
