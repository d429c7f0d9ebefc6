// Reolink: recordings of a hub that breaks each transfer off, and pictures on the clock, of devices that send errors in place of pictures, by a program that is killed.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { archive, commandLine, megabytes, say, startSimulator, table } from './stage.mjs'

const into = join(archive, 'reolink')
const zone = ['--timezone', 'Europe/Berlin']
const night = ['--start', '2026-03-02 00:00', '--end', '2026-03-02 03:00', ...zone]

/** True where all went as it should. */
export async function reolink() {
  // More halves than there are tries in a second: one picture of the garden at least has to be given up.
  const halves = ['snapFault=short', 'snapFaultChannel=1', 'snapFaultTimes=5']
  const [hub, camera] = await Promise.all([
    startSimulator('reolink', 'profile=hub', 'truncateAt=700000', 'faultTimes=1', ...halves),
    startSimulator('reolink', 'profile=camera', 'snapFault=-12', 'snapFaultEvery=3'),
  ])
  const cli = commandLine('reolink-cli', hub, 'reolink')
  let well = true
  try {
    say(`A pretend Reolink hub with two cameras listens at ${hub.url}, and a camera of the yard at ${camera.url}.`)
    well = (await recordings(cli, hub)) && well
    well = (await pictures(cli, [...hub.args, ...camera.args])) && well
  } finally {
    const counts = await Promise.all([hub.stop(), camera.stop()])
    if (counts.every(Boolean)) {
      const sum = (node) => counts.reduce((all, { nodes }) => all + (nodes[node] ?? 0), 0)
      const left = sum('Login') - sum('Logout')
      const violations = counts.flatMap((each) => each.violations)
      well &&= violations.length === 0
      say(`\nThe devices counted ${sum('Login')} logins and ${sum('Logout')} logouts.`)
      if (left > 0) say(`The other ${left} are of the program that was killed; the devices end them after an hour.`)
      if (violations.length > 0) say(`  ${violations.join('\n  ')}`)
    }
  }
  return well
}

async function recordings(cli, hub) {
  const download = ['download', ...hub.args, ...night, '--dest', into, '--retry-delay', '0.1']
  const resumed = new Map()
  let news = 0
  const watch = (event) => {
    if (event.type === 'resumed') resumed.set(event.recording.id, event.atByte)
    if (event.type !== 'recording-ended' || event.already) return
    const { outcome, recording } = event
    const at = resumed.get(recording.id)
    news++
    say(
      outcome.outcome === 'kept'
        ? `  kept    ${outcome.path}  ${megabytes(outcome.bytes)}${at === undefined ? '' : `, broken off, went on at byte ${at.toLocaleString('en')}`}`
        : `  ${outcome.outcome.padEnd(7)} ${recording.id}  ${outcome.reason ?? outcome.message}`,
    )
  }
  say('The hub breaks the connection once in the middle of each recording. Archiving three hours of both cameras:')
  say(
    `  reolink-cli --host 127.0.0.1:… --start "${night[1]}" --end "${night[3]}" ${zone.join(' ')} --dest demo-archive/reolink\n`,
  )
  let run = await cli.run(download, watch)
  let well = run.code === 0
  if (news > 0) {
    say('\nAnd once more, to see that it knows what it has:\n')
    run = await cli.run(download, watch)
    well &&= run.code === 0
  }
  const { kept = 0, alreadyKept = 0, failed = 0 } = run.summary ?? {}
  say(`  ${kept} new, ${alreadyKept} already kept, ${failed} failed`)
  return well && kept === 0 && alreadyKept > 0
}

async function pictures(cli, hosts) {
  const capture = ['capture', ...hosts, '--interval', '1s', ...zone, '--dest', into]
  const kept = new Map()
  const failed = new Map()
  const missed = new Map()
  const add = (map, camera, count = 1) => map.set(camera, (map.get(camera) ?? 0) + count)
  const watch = (event) => {
    const { type, camera } = event
    if (type === 'interrupted-run-found') say('  the run before ended without a word: it was killed')
    if (type === 'slot' && event.outcome === 'kept') {
      add(kept, camera)
      say(`  kept    ${event.path}`)
    }
    if (type === 'slot' && event.outcome === 'failed') {
      add(failed, camera)
      say(`  failed  ${camera} ${clockTime(event.slot)}  ${event.message}`)
    }
    if (type === 'slots-missed') {
      add(missed, camera, event.count)
      const span = event.count === 1 ? clockTime(event.from) : `${clockTime(event.from)} to ${clockTime(event.to)}`
      say(`  missed  ${camera} ${span}  ${event.count} picture${event.count === 1 ? '' : 's'}: ${event.why}`)
    }
    if (type === 'device-not-reached' || type === 'stopping') say(`  ${event.message ?? event.reason}`)
  }

  say(
    '\nNow pictures: one of each camera, each second. The yard answers every third time with an error text, and status 200,',
  )
  say(
    'and the garden begins with five halves. Neither is a picture: each is asked again at once, and given up after half a second.',
  )
  say(`  reolink-cli capture --host … --host … --interval 1s ${zone.join(' ')} --dest demo-archive/reolink\n`)
  let killed = false
  const before = await cli.run([...capture, '--for', '1m'], (event) => {
    watch(event)
    if (killed || !(failed.get('Garden') > 0) || !(kept.get('Garden') > 0 && kept.get('Yard') > 2)) return undefined
    killed = true
    say('  ✂ killing the program with SIGKILL')
    return 'SIGKILL'
  })
  if (!killed) say(`  It ended by itself, with exit code ${before.code}: that is not what should have happened!`)
  // So long that some pictures are missed however quickly it is back.
  await pause(1000)
  say('\nSeconds later, the same line, with --for 3s. What nobody took meanwhile is recorded first:\n')
  const run = await cli.run([...capture, '--for', '3s'], watch)
  const { planned = 0, kept: taken = 0, failed: not = 0, missed: nobody = 0 } = run.summary ?? {}
  say(
    `\n  ${planned} pictures were due, ${taken} kept, ${not} failed, of which nobody asked for ${nobody}: exit code ${run.code}`,
  )

  say('\nWhat both runs told:\n')
  table([
    ['camera', 'kept', 'failed', 'missed'],
    ...['Front Door', 'Garden', 'Yard'].map((name) => [
      name,
      ...[kept, failed, missed].map((map) => map.get(name) ?? 0),
    ]),
  ])
  const { count, whole } = jpegs()
  say(
    `\nThe archive holds ${count} files that are called .jpg, of all demos; ${whole} of them are pictures to their end.`,
  )
  say('\nCoverage of the yard, as the archive’s own ledger has it, of all demos:\n')
  const covered = await cli.print(['coverage', '--cameras', 'Yard', ...zone, '--dest', into])
  say('\nTo take pictures for years, let it write its own service: reolink-cli service print capture …')
  return (
    killed &&
    // Exit code 1: pictures are missing, as they should here.
    run.code === 1 &&
    planned === taken + not &&
    ['Front Door', 'Garden', 'Yard'].every((name) => kept.get(name) > 0 && missed.get(name) > 0) &&
    count === whole &&
    covered.code === 0
  )
}

/** How many files are called so, and how many begin and end as a JPEG does. */
function jpegs() {
  const names = readdirSync(into, { recursive: true }).filter((name) => name.endsWith('.jpg'))
  const isWhole = (bytes) => bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9
  return { count: names.length, whole: names.filter((name) => isWhole(readFileSync(join(into, name)))).length }
}

function clockTime(moment) {
  return new Date(moment).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })
}
