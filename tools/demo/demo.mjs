// The first minute with this project: pretend devices, the real command lines, faults on the way, and the proof that nothing was lost.
import { rmSync } from 'node:fs'
import { axis } from './axis.mjs'
import { eagleEye } from './eagleeye.mjs'
import { reolink } from './reolink.mjs'
import { samsara } from './samsara.mjs'
import { archive, say } from './stage.mjs'
import { unifi } from './unifi.mjs'

if (process.argv.includes('--fresh')) rmSync(archive, { recursive: true, force: true })

let well = await axis()
say(`\n${'─'.repeat(100)}\n`)
well = (await unifi()) && well
say(`\n${'─'.repeat(100)}\n`)
well = (await eagleEye()) && well
say(`\n${'─'.repeat(100)}\n`)
well = (await samsara()) && well
say(`\n${'─'.repeat(100)}\n`)
well = (await reolink()) && well
say(
  well
    ? '\nThe files in demo-archive/ open in any player. Run it again: it will fetch nothing a second time, and only take new pictures.'
    : '\nSomething failed: see above.',
)
process.exitCode = well ? 0 : 1
