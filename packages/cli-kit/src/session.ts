import type { Camera, Clock } from '@cam/download-core'
import type { Action, Command } from './command-table.ts'
import type { CliDefinition } from './definition.ts'
import type { Circumstances } from './explain.ts'
import type { Flags } from './flags/flag.ts'
import { isTimeZone } from './flags/moment.ts'
import type { Interruption } from './interruption.ts'
import type { RunNotices } from './notices/notices.ts'
import type { Report } from './report/report.ts'
import type { Screen } from './screen.ts'
import type { Surroundings } from './surroundings.ts'

/** One command line at work. */
export interface Session {
  readonly definition: CliDefinition
  readonly surroundings: Surroundings
  readonly command: Command
  readonly action: Action
  readonly flags: Flags
  /** What was given for the command's operand. */
  readonly operand?: string
  readonly clock: Clock
  /** Monotonic. */
  readonly startedAt: number
  readonly screen: Screen
  readonly report: Report
  readonly interruption: Interruption
  readonly about: Circumstances
  /** What was asked for or read from standard input, which cannot be read twice: secrets by their account, answers by their question. */
  readonly typed: Map<string, string>
  /** Where the command is a run that people may be told of. */
  readonly notices?: RunNotices
}

/** The zone this machine keeps. */
export function systemZone({ surroundings }: Pick<Session, 'surroundings'>): string {
  return surroundings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC'
}

/** The zone in which people read what is about no camera. */
export function zoneOfPeople(session: Pick<Session, 'flags' | 'surroundings'>): string {
  const asked = session.flags.text('timezone')
  return asked !== undefined && isTimeZone(asked) ? asked : systemZone(session)
}

/** The zone in which people read a camera's times. */
export function zoneFor(camera: Camera, session: Pick<Session, 'flags' | 'surroundings'>): string {
  const asked = session.flags.text('timezone')
  return asked ?? (camera.timeZone && isTimeZone(camera.timeZone) ? camera.timeZone : systemZone(session))
}
