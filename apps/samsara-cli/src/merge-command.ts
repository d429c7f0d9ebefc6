import { resolve } from 'node:path'
import {
  type AfterRunTools,
  type CommandTools,
  type ExitCode,
  exitCodes,
  type Flag,
  type Flags,
  inZone,
  nonEmpty,
  oneOf,
  readMoment,
  UsageError,
  type VendorCommand,
} from '@cam/cli-kit'
import { disk, type TimeWindow, timeWindow } from '@cam/download-core'
import { hasSeedNames } from './flags.ts'
import { mergeFolder } from './merge/merge-folder.ts'
import { mergeFootage } from './merge/merge-footage.ts'
import { systemZone } from './merge/names.ts'
import { tellEnd, teller } from './merge/tell.ts'
import type { MergeResult, MergeSettings } from './merge/types.ts'

const group = 'Films'

/** How films are made; of `download` and `merge`. */
export const mergeFlags: readonly Flag[] = [
  {
    name: 'arrange',
    value: 'NAME',
    read: oneOf('row', 'grid'),
    group,
    help: 'how angles stand side by side: row or grid; default: a row of up to three, a grid of more',
  },
  {
    name: 'encoder',
    value: 'NAME',
    read: nonEmpty,
    group,
    help: "ffmpeg's name of the encoder for what stands side by side, such as h264_nvenc, h264_vaapi or h264_qsv; default: libx264",
  },
  {
    name: 're-encode',
    group,
    help: 'where clips of an angle differ in size or settings, encode them anew to one film; default: several films, without loss',
  },
  {
    name: 'ffmpeg',
    value: 'PATH',
    read: nonEmpty,
    group,
    help: 'this ffmpeg; default: FFMPEG_PATH, then PATH, then the package ffmpeg-static',
  },
]

/** `samsara-cli merge DIR`: films of clips that are there already. */
export const mergeCommand: VendorCommand = {
  name: 'merge',
  summary: 'make films of the clips in a folder, as its ledger or their names tell; contacts nobody',
  does: { check, run: merge },
  needs: 'archive',
  operand: 'DIR',
  flagHelp: {
    dest: 'the folder, in place of DIR',
    start: 'only from here on; with --end. Without both: all there is',
    end: 'only until there; with --start',
    timezone:
      "IANA zone of names and of the time shown; default: the ledger's or that of the clips' names, else the system's",
    vehicle: 'only this vehicle, as the folder or its ledger names it: name or, in an archive, id; may be repeated',
    views: 'only these angles, from left to right: road, driver, analog1 to analog4, or roles; default: all there are',
    layout:
      'seed: films are called as by the tool this one follows; anything else: as by this one; default: as their clips are',
  },
  flags: ['dest', 'start', 'end', 'timezone', 'vehicle', 'views', 'layout', ...mergeFlags.map(({ name }) => name)],
}

/** Makes films of what a run and those before it brought. Nothing with --no-merge, or where the run was asked to end. */
export async function mergeAfterRun(tools: AfterRunTools): Promise<ExitCode | undefined> {
  const { flags, stop, cameras, window, ledger, root, sourceId, signal } = tools
  if (flags.on('no-merge') || stop.aborted) return undefined
  const result = await mergeFootage({
    ...{ ledger, root, sourceId, cameras: cameras.map(({ id }) => id), seedNames: hasSeedNames(flags) },
    ...settingsOf(tools, root),
    ...(window ? { window } : {}),
    signal: AbortSignal.any([signal, stop]),
  })
  return ended(result, tools)
}

/** Throws UsageError. */
function check(flags: Flags): void {
  askedWindow(flags, 0)
}

async function merge(tools: CommandTools): Promise<ExitCode> {
  const { flags, operand, context } = tools
  const folder = resolve(operand ?? flags.text('dest')!)
  if ((await disk.stat(folder))?.kind !== 'folder') throw new UsageError(`merge: there is no folder ${folder}.`)
  const window = askedWindow(flags, context.clock.now())
  const result = await mergeFolder({
    ...{ folder, vehicles: flags.list('vehicle') },
    ...settingsOf(tools, folder),
    ...(flags.given('layout') ? { seedNames: hasSeedNames(flags) } : {}),
    ...(window ? { window } : {}),
  })
  return ended(result, tools)
}

function settingsOf({ flags, report, context, signal }: CommandTools, root: string): MergeSettings {
  const { clock } = context
  const [timeZone, encoder, ffmpeg] = [flags.text('timezone'), flags.text('encoder'), flags.text('ffmpeg')]
  const arrange = flags.text('arrange') as 'row' | 'grid' | undefined
  return {
    ...{ clock, signal, reEncode: flags.on('re-encode') },
    ...(flags.given('views') ? { views: flags.list('views') } : {}),
    ...(timeZone ? { timeZone } : {}),
    ...(arrange ? { arrange } : {}),
    ...(encoder ? { encoder } : {}),
    ...(ffmpeg ? { ffmpeg } : {}),
    onEvent: teller({ report, clock, root, withoutProgress: flags.on('no-progress') }),
  }
}

function ended(result: MergeResult, { report }: CommandTools): ExitCode {
  tellEnd(result, report)
  return result.complete ? exitCodes.done : exitCodes.incomplete
}

/** Throws UsageError. */
function askedWindow(flags: Flags, now: number): TimeWindow | undefined {
  const zone = flags.text('timezone') ?? systemZone()
  const moment = (flag: string) => {
    const text = flags.text(flag)
    return text === undefined ? undefined : inZone(readMoment(text, flag, now), zone, text, flag, now)
  }
  const [start, end] = [moment('start'), moment('end')]
  if (start === undefined && end === undefined) return undefined
  if (start === undefined || end === undefined)
    throw new UsageError('merge: --start and --end go together; without them, all there is is merged.')
  if (start >= end) throw new UsageError('--start is not before --end.')
  return timeWindow(start, end)
}
