import { type CommandTools, type ExitCode, exitCodes, type Flags, UsageError, type VendorCommand } from '@cam/cli-kit'
import {
  type CaptureOptions,
  capture,
  compileLayout,
  openArchiveFolder,
  parseTimetable,
  type Timetable,
} from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import type { Reolink } from '@cam/reolink'
import { between, daylight } from '../due.ts'
import { captureFlags } from '../flags.ts'
import { hostsIn } from '../hosts.ts'
import { readSettings } from '../seed-settings.ts'
import { deviceAt } from '../source.ts'
import { type DailyFilms, dailyFilms } from './daily-films.ts'
import { captureLayout } from './names.ts'
import { teller } from './tell.ts'

/** `reolink-cli capture`: pictures on the clock, until it is stopped. */
export const captureCommand: VendorCommand = {
  name: 'capture',
  summary: 'take pictures on the clock, of one or many devices, until it is stopped',
  stays: true,
  flags: [
    'cameras',
    'timezone',
    'stream',
    'dest',
    'layout',
    'new-archive',
    'ffmpeg',
    ...captureFlags.map(({ name }) => name),
  ],
  does: { check, run },
}

/** Throws UsageError. */
function check(flags: Flags): void {
  hostsIn(flags)
  intervalOf(flags)
  checkLayout(flags)
  if (flags.given('ffmpeg') && !flags.given('daily-film')) throw new UsageError('--ffmpeg is for --daily-film.')
}

async function run(tools: CommandTools): Promise<ExitCode> {
  const { flags, context, report, registry, signal, stop } = tools
  const { clock } = context
  const hosts = hostsIn(flags)
  await using devices = open(() => hosts.map((host) => deviceAt(host, flags, context)))
  const acceptNewArchive = flags.on('new-archive')
  const folder = await openArchiveFolder(flags.text('dest')!, { registry, acceptNewArchive, clock })
  await using ledger = await openLedger(folder.root)
  const timetable = timetableOf(tools)
  const lasts = flags.number('for')
  const options: CaptureOptions = {
    ...{ source: devices.all, into: folder.root, ledger, timetable, registry, acceptNewArchive, clock, signal, stop },
    layout: captureLayout(flags),
    timeZone: timetable.timeZone ?? 'UTC',
    ...(flags.given('cameras') && !flags.list('cameras').includes('all') ? { cameras: flags.list('cameras') } : {}),
    ...(lasts === undefined ? {} : { until: clock.now() + lasts }),
    retry: retryOf(flags),
  }
  const films = dailyFilms(tools, { root: folder.root, ledger, timeZone: options.timeZone! })
  report.info(
    `A picture ${intervalText(intervalOf(flags))} of ${hosts.length === 1 ? 'one device' : `${hosts.length} devices`} to ${folder.root}; times are of ${options.timeZone}.`,
  )
  const code = await tellAll(capture(options), {
    tools,
    films,
    hosts: hosts.map(({ name, address }) => name ?? address),
  })
  await films.finish()
  return code === exitCodes.done && films.failed ? exitCodes.incomplete : code
}

/** Only what was asked for: what fits a download of minutes is too slow for a picture. */
function retryOf(flags: Flags): { readonly retries?: number; readonly delayMs?: number } {
  const [retries, seconds] = [flags.number('max-retries'), flags.number('retry-delay')]
  return {
    ...(flags.given('max-retries') && retries !== undefined ? { retries } : {}),
    ...(flags.given('retry-delay') && seconds !== undefined ? { delayMs: seconds * 1000 } : {}),
  }
}

interface Telling {
  readonly tools: CommandTools
  readonly films: DailyFilms
  readonly hosts: readonly string[]
}

async function tellAll(events: ReturnType<typeof capture>, { tools, films, hosts }: Telling): Promise<ExitCode> {
  const tell = teller(tools, hosts)
  // A device that was never let in has no slots, and so none that failed.
  let ended = 0
  let refused = 0
  for await (const event of events) {
    tell(event)
    films.see(event)
    if (event.type === 'stopping') {
      ended++
      if (event.error?.code === 'AUTHENTICATION') refused++
    }
    if (event.type === 'capture-ended') {
      // Nobody lets it in any more: a service is not started again by itself, which would lock the account.
      if (refused > 0 && refused === hosts.length) return exitCodes.notBegun
      return event.failed > 0 || ended > 0 ? exitCodes.incomplete : exitCodes.done
    }
  }
  return exitCodes.incomplete
}

function timetableOf({ flags, timeZone }: CommandTools): Timetable {
  const parts = [
    flags.given('between') ? between(flags.text('between')!, timeZone) : undefined,
    flags.given('daylight') ? daylight(flags.text('daylight')!) : undefined,
  ].filter((part) => part !== undefined)
  return parseTimetable(intervalOf(flags), {
    timeZone,
    ...(parts.length > 0 ? { due: (slot) => parts.every((part) => part(slot)) } : {}),
  })
}

/** Before a folder is made for what cannot be named. Throws UsageError. */
function checkLayout(flags: Flags): void {
  try {
    compileLayout(captureLayout(flags))
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--layout: ${error.message}`)
    throw error
  }
}

/** Throws UsageError. */
function intervalOf(flags: Flags): string {
  const given = flags.text('interval')
  if (given !== undefined) return given
  const { interval } = readSettings(flags)
  if (interval === undefined) return 'hourly'
  try {
    parseTimetable(interval)
    return interval
  } catch {
    throw new UsageError(`formatExpected in the file of --env-file is hourly or minutely; received "${interval}".`)
  }
}

/** Closed all together, whatever becomes of one of them. */
function open(make: () => readonly Reolink[]): AsyncDisposable & { readonly all: readonly Reolink[] } {
  let all: readonly Reolink[]
  try {
    all = make()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
  return {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(all.map((device) => device[Symbol.asyncDispose]()))
    },
  }
}

/** `hourly`, `every 10s`. */
function intervalText(interval: string): string {
  return /^\d/.test(interval.trim()) ? `every ${interval.trim()}` : interval
}
