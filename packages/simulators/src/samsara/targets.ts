import { angleOf, minuteMs, type SamsaraInput, type Vehicle } from './world.ts'

/** Switches that name vehicles, cameras or minutes. */
export type TargetSwitch = 'only' | 'unrecorded' | 'failed' | 'unavailable' | 'expired' | 'offline'

/** Whether what was written means this; without an input, whether it means any camera of the vehicle. */
export function isMeant(
  written: string,
  { spec }: Vehicle,
  input: SamsaraInput | undefined,
  start: number | undefined,
): boolean {
  if (written === 'none' || written === '') return false
  if (written === 'all') return true
  return written.split(/\s+/).some((one) => {
    const [, id, angle, moment] = /^(\d+)(?:\/(\w+))?(?:@(\S+))?$/.exec(one) ?? []
    if (id !== spec.id) return false
    if (angle !== undefined && input !== undefined && angle !== angleOf(input) && angle !== input) return false
    if (moment === undefined || start === undefined) return true
    const from = Date.parse(moment)
    return from <= start && start < from + minuteMs
  })
}

/** Refuses what names nothing that could be. */
export function checkTarget(name: string, written: string): void {
  if (/^(none|all|)$/.test(written)) return
  for (const one of written.split(/\s+/)) {
    const [, , moment] = /^\d+(\/\w+)?(?:@(\S+))?$/.exec(one) ?? []
    if (!/^\d+(\/\w+)?(@\S+)?$/.test(one) || (moment !== undefined && Number.isNaN(Date.parse(moment))))
      throw new TypeError(
        `switch ${name}: ${JSON.stringify(one)} is no <id>, <id>/road, <id>@<start> or <id>/road@<start>`,
      )
  }
}
