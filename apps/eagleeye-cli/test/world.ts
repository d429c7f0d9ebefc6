import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '@cam/download-core'
import type { EagleEyeClipSpec, EagleEyeTruth, EagleEyeWorld } from '@cam/simulators/eagleeye'
import { expect } from 'vitest'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const cameraA = '100a1000'
export const cameraB = '100a1001'

/** Where the worlds of the simulator end. */
export const worldEnd = Date.UTC(2026, 1, 9)
export const week = { start: worldEnd - 7 * day, end: worldEnd }

/** Two cameras on one bridge, with these clips. */
export function worldOf(clipsOfA: readonly EagleEyeClipSpec[], clipsOfB: readonly EagleEyeClipSpec[]): EagleEyeWorld {
  const bridgeId = '100b1000'
  return {
    ...{ accountId: '00032123', window: week, bridges: [{ id: bridgeId, name: 'Bridge' }] },
    cameras: [
      { id: cameraA, name: 'Dock', bridgeId, clips: clipsOfA },
      { id: cameraB, name: 'Yard', bridgeId, clips: clipsOfB },
    ],
  }
}

/** The time of cloud and command line. Waits for retries and polls are skipped, noted and counted; deadlines are real. */
export interface HurriedClock extends Clock {
  readonly skipped: number[]
  advance(ms: number): void
}

export function hurriedClock(start: number): HurriedClock {
  const skipped: number[] = []
  let ahead = 0
  return {
    skipped,
    // Nothing but waits takes time: how often something is asked must not depend on how busy this machine is.
    now: () => Math.round(start + ahead),
    monotonic: () => ahead,
    advance(ms) {
      ahead += ms
    },
    wait(ms, signal) {
      // Drains and the end of a session last 2 and 3 s, deadlines of connections 20 s and more.
      if (ms === 2000 || ms === 3000 || ms >= 20_000) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      skipped.push(ms)
      ahead += ms
      return new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** One outcome, as a line of `--json` told it. */
export interface Told {
  readonly cameraId: string
  readonly id: string
  readonly start: number
  readonly end: number
  readonly outcome: string
  readonly code?: string
  readonly path?: string
  readonly sha256?: string
  readonly message?: string
  readonly covers?: readonly { readonly start: string; readonly end: string }[]
}

/** Every outcome that a run told. */
export function outcomesIn(lines: readonly Record<string, unknown>[]): Told[] {
  return lines.flatMap((line) => {
    if (line.type !== 'recording-ended') return []
    const { camera, recording, outcome } = line as unknown as {
      readonly camera: { readonly id: string }
      readonly recording: { readonly id: string; readonly window: { readonly start: string; readonly end: string } }
      readonly outcome: Omit<Told, 'cameraId' | 'id' | 'start' | 'end'>
    }
    const { start, end } = recording.window
    return [{ cameraId: camera.id, id: recording.id, start: Date.parse(start), end: Date.parse(end), ...outcome }]
  })
}

/** Every file but the archive's own and the logs, relative, with `/`. */
export function filesOf(dest: string): string[] {
  if (!existsSync(dest)) return []
  return readdirSync(dest, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^(\.cam|logs)(\/|$)/.test(path) && statSync(join(dest, path)).isFile())
    .sort()
}

/** What is left of transfers that did not end. */
export function leftovers(dest: string): string[] {
  return readdirSync(join(dest, '.cam'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.part$|\.tmp$/.test(path),
  )
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** `20260209073000.137` */
export function stampOf(moment: number): string {
  return new Date(moment).toISOString().replace(/[-:TZ]/g, '')
}

/** The seed's name. */
export function seedName({ cameraId, end }: Pick<EagleEyeTruth, 'cameraId' | 'end'>, extension: string): string {
  return `${cameraId}-${stampOf(end)}.${extension}`
}

/** The sums of the last line are those of its outcomes. */
export function expectSums(lines: readonly Record<string, unknown>[]): void {
  const sums = lines.at(-1) as Record<string, number>
  expect(sums.type).toBe('archive-ended')
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped } = sums
  expect(kept! + alreadyKept! + absent! + expired! + pending! + failed! + skipped!).toBe(planned)
}
