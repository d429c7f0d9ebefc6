#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { type RunningSimulator, vendors } from './vendors.ts'

const usage = 64

function help(): string {
  const lines = Object.entries(vendors).map(([name, { about, switches }]) => {
    const rows = Object.entries(switches).map(([key, one]) => {
      const initial = String(one.initial ?? 'off').replace('Infinity', 'always')
      return `    ${key}=${initial}\n        ${one.about}\n        ${one.accepts}`
    })
    return `${name}: ${about}\n  Switches, as they are when nothing is set:\n${rows.join('\n')}`
  })
  return `cam-simulator <vendor> [--port N] [--tls] [--set key=value …] [--until-stdin-closes]

A pretend camera on 127.0.0.1. When it listens it prints one JSON line: {"url":…,"args":[…],"env":{…}}. A command line
started with those args and that env reaches it. It serves until SIGTERM or SIGINT, and then prints one JSON line with
what it was asked.

  --port N               the port; without it a free one
  --tls                  HTTPS, with a certificate made for this run
  --set key=value        turns a switch; may be repeated
  --until-stdin-closes   end when standard input ends too, as it does when the parent dies
  --help                 this page

${lines.join('\n\n')}
`
}

function start(argv: readonly string[]): (() => Promise<RunningSimulator>) | undefined {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  if (values.help) return undefined
  const [name, ...rest] = positionals
  const known = `one of ${Object.keys(vendors).join(', ')}`
  if (name === undefined) throw new TypeError(`say which vendor: ${known}`)
  const vendor = Object.hasOwn(vendors, name) ? vendors[name] : undefined
  if (!vendor) throw new TypeError(`there is no vendor ${JSON.stringify(name)}, only ${known}`)
  if (rest.length > 0) throw new TypeError(`one vendor at a time: what is ${JSON.stringify(rest[0])}?`)
  const port = Number(values.port ?? 0)
  if (!/^\d*$/.test(values.port ?? '') || port > 65535)
    throw new TypeError(`--port takes 0 to 65535, not ${JSON.stringify(values.port)}`)
  untilStdinCloses = values['until-stdin-closes'] ?? false
  return vendor.prepare(values.set ?? [], { port, tls: values.tls ?? false })
}

const options = {
  port: { type: 'string' },
  tls: { type: 'boolean' },
  set: { type: 'string', multiple: true },
  'until-stdin-closes': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const
let untilStdinCloses = false

async function serve(begin: () => Promise<RunningSimulator>): Promise<void> {
  const ended = untilTold()
  const simulator = await begin()
  const { url, args, env } = simulator
  console.log(JSON.stringify({ url, args, env }))
  await ended
  await simulator.close()
  console.log(JSON.stringify({ type: 'simulator-ended', ...simulator.log.counts(), violations: simulator.violations }))
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve())
    if (!untilStdinCloses) return
    process.stdin
      .on('end', resolve)
      .on('close', resolve)
      .on('error', () => resolve())
    process.stdin.resume()
  })
}

// A reader that has gone is no reason to fail.
process.stdout.on('error', () => {})

let begin: ReturnType<typeof start>
try {
  begin = start(process.argv.slice(2))
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`cam-simulator: ${message.replaceAll('\n', ' ')}. Run cam-simulator --help for everything it takes.`)
  process.exit(usage)
}
if (begin) {
  try {
    await serve(begin)
    // Without this an open standard input would keep the process.
    process.exitCode = 0
    process.stdin.destroy()
  } catch (error) {
    console.error(`cam-simulator: could not start: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
    process.stdin.destroy()
  }
} else {
  process.stdout.write(help())
}
