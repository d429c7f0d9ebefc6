import { join } from 'node:path'
import { inject } from 'vitest'
import {
  type Ended,
  parsedLines,
  type SpawnedCli,
  type SpawnOptions,
  spawnProgram,
  stateFolder,
} from '../../../packages/cli-kit/test/spawn.ts'
import type {} from '../../../tools/bundled-cli.ts'

export { type Ended, parsedLines, type SpawnedCli, type SpawnOptions, stateFolder }

/** The command line in one file, made from the sources before the tests began. */
export const program = join(inject('bundledClis'), 'axis-timelapse2-cli.mjs')

/** The real command line as a child process. */
export function spawnCli(args: readonly string[], options: SpawnOptions = {}): SpawnedCli {
  return spawnProgram(program, args, options)
}

/** Runs it to its end. */
export function runCli(args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return spawnCli(args, options).ended
}
