// A soak of `reolink-cli capture` in real time: one picture a second of each of four pretend cameras. Is its memory flat, is every slot on time?
// SOAK_SECONDS: for how long; default 300. Slots are judged from the third second on: before that the program logs in.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { tsImport } from 'tsx/esm/api'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const allowedMs = 200
const settleMs = 3000
/** What the engine compiles as it warms up grows for minutes, by less than this; pictures that stay would grow by their number. */
const warmingBytes = 1e6

export async function run() {
  const { SOAK_SECONDS = '300' } = process.env
  const seconds = Number(SOAK_SECONDS)
  if (!Number.isInteger(seconds) || seconds < 10) throw new RangeError('SOAK_SECONDS is a whole number from 10 up.')
  const folder = mkdtempSync(join(tmpdir(), 'cam-soak-'))
  const devices = await startDevices()
  try {
    const loadBefore = loadavg()[0]
    const cli = await soak(devices, folder, seconds)
    const seen = await devices.stop()
    report({ seconds, loadBefore, cli, seen, files: pictures(join(folder, 'pictures')) })
  } finally {
    devices.child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startDevices() {
  const tsx = ['--conditions=@cam/source', '--import', import.meta.resolve('tsx')]
  const child = spawn(process.execPath, [...tsx, here('four-devices.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { hosts, env } = JSON.parse((await lines.next()).value)
  return {
    ...{ child, hosts, env },
    async stop() {
      child.stdin.end()
      return JSON.parse((await lines.next()).value)
    },
  }
}

/** Runs the command line to its end, with what it said and what it used. */
async function soak({ hosts, env }, folder, seconds) {
  // As it is shipped: in one piece, without a loader for TypeScript.
  const { bundle } = await tsImport('../tools/bundle.ts', import.meta.url)
  const entry = new URL('../apps/reolink-cli/src/main.ts', import.meta.url)
  await bundle([{ in: entry, out: 'reolink-cli' }], folder, { splitting: true })
  const line = ['--interval', '1s', '--for', `${seconds}s`, '--dest', join(folder, 'pictures'), '--json']
  const node = ['--expose-gc', '--import', here('memory.mjs')]
  const child = spawn(
    process.execPath,
    [...node, join(folder, 'reolink-cli.mjs'), 'capture', ...hosts.flatMap((host) => ['--host', host]), ...line],
    {
      env: { ...process.env, ...env, CAM_STATE_DIR: join(folder, 'state') },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    },
  )
  const closed = new Promise((resolve) => child.once('close', resolve))
  const [slots, missed, memory] = [[], [], []]
  let summary
  const hear = async () => {
    for await (const text of createInterface({ input: child.stdout })) {
      const event = JSON.parse(text)
      if (event.type === 'slot') slots.push(event)
      if (event.type === 'slots-missed') missed.push(event)
      if (event.type === 'capture-ended') summary = event
    }
  }
  const weigh = async () => {
    for await (const text of createInterface({ input: child.stdio[3] })) memory.push(JSON.parse(text))
  }
  await Promise.all([hear(), weigh()])
  return { code: await closed, slots, missed, memory, summary }
}

function report({ seconds, loadBefore, cli, seen, files }) {
  const { code, slots, missed, memory, summary } = cli
  const from = Date.parse(slots[0]?.slot) + settleMs
  const steady = slots.filter(({ slot }) => Date.parse(slot) >= from)
  const late = steady.map(({ lateMs }) => lateMs)
  // What the devices saw, by their own clock: independent of what the program says of itself.
  const arrived = seen.shots.filter((at) => at >= from).map((at) => at % 1000)
  const heap = memory.map(({ heapUsed }) => heapUsed)
  const rss = memory.map(({ rss }) => rss)
  const growth = median(heap.slice(-third(heap))) - median(heap.slice(third(heap), 2 * third(heap)))
  const told = {
    seconds,
    ...{ load: [loadBefore, loadavg()[0]].map((load) => Math.round(load * 10) / 10), cores: availableParallelism() },
    ...{ code, summary, files, missed },
    failed: slots.filter(({ outcome }) => outcome === 'failed').length,
    lateMs: { median: median(late), p99: part(late, 0.99), largest: Math.max(...late), first: slots[0]?.lateMs },
    arrivedMs: { median: median(arrived), p99: part(arrived, 0.99), largest: Math.max(...arrived) },
    over: steady.filter(({ lateMs }) => lateMs > allowedMs).length,
    heapAfterCollection: { first: heap[0], last: heap.at(-1), growth, all: heap },
    residentBytes: { first: rss[0], last: rss.at(-1), largest: Math.max(...rss), all: rss },
    cpuSeconds: memory.at(-1)?.cpuSeconds,
    devices: { sessionsOpen: seen.sessionsOpen, violations: seen.violations },
  }
  mkdirSync(here('../reports'), { recursive: true })
  writeFileSync(here('../reports/bench-capture.json'), JSON.stringify(told, undefined, 2))

  const { lateMs, arrivedMs } = told
  const missing = summary.failed - told.failed
  // While it logs in, a slot or two may pass.
  const later = missed.filter(({ to }) => Date.parse(to) >= from).length
  console.log(
    `${seconds} s, 4 cameras, a picture a second; load ${told.load.join(' to ')} on ${told.cores} cores; ${told.cpuSeconds?.toFixed(1)} s of CPU`,
  )
  console.log(
    `slots     ${summary.planned} due, ${summary.kept} kept, ${told.failed} failed, ${missing} missed${later === 0 && missing > 0 ? ' while it logged in' : ''}; ${files} files; exit code ${code}`,
  )
  console.log(
    `lateness  median ${lateMs.median} ms, 99 % ${lateMs.p99} ms, largest ${lateMs.largest} ms; more than ${allowedMs} ms: ${told.over} of ${steady.length} (the very first: ${lateMs.first} ms)`,
  )
  console.log(
    `arrived   median ${arrivedMs.median} ms, 99 % ${arrivedMs.p99} ms, largest ${arrivedMs.largest} ms behind the second, by the devices' clock`,
  )
  console.log(`memory    heap after collection, MB: ${megabytes(heap)}`)
  console.log(`          resident, MB:              ${megabytes(rss)}`)
  console.log(`          heap, last third against the one before: ${(growth / 1e6).toFixed(2)} MB`)
  console.log(`devices   ${seen.sessionsOpen} logins left, ${seen.violations.length} violations`)
  const wrong = [
    summary.planned !== summary.kept + summary.failed && 'a slot has no outcome',
    files !== summary.kept && 'files and kept slots differ in number',
    told.over + later > 0 && 'slots were late or missed: is the machine idle?',
    growth > warmingBytes && 'the heap grows',
    seen.sessionsOpen > 0 && 'a login is left',
  ].filter(Boolean)
  console.log(wrong.length === 0 ? 'As it should be.' : `NOT as it should be: ${wrong.join('; ')}.`)
  if (wrong.length > 0) process.exitCode = 1
}

const third = (list) => Math.max(1, Math.floor(list.length / 3))
const median = (list) => part(list, 0.5)
const part = (list, share) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]

/** A dozen of them, evenly spread. */
function megabytes(list) {
  const step = Math.max(1, Math.ceil(list.length / 12))
  return list
    .filter((_, at) => at % step === 0 || at === list.length - 1)
    .map((bytes) => (bytes / 1e6).toFixed(1))
    .join(' ')
}

function pictures(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.jpg')).length
}
