import type { Clock, Recording } from '@cam/download-core/source'
import type { RungName } from './rungs.ts'

/** A way that ended in silence so often goes behind the others for a while. */
const mostCloses = 2
const forgottenAfterMs = 1_800_000

/** Which ways lead nowhere on this device. */
export interface Ways {
  /** For one recording, the one to try first at the beginning. */
  order(recording: Recording): readonly RungName[]
  closed(name: RungName): void
  worked(name: RungName): void
}

/** Of one device. */
export function createWays(clock: Clock): Ways {
  const closes = new Map<RungName, { readonly count: number; readonly at: number }>()
  const leadsNowhere = (name: RungName) => {
    const known = closes.get(name)
    return known !== undefined && known.count >= mostCloses && clock.monotonic() - known.at < forgottenAfterMs
  }
  return {
    order({ bytes }) {
      const files: readonly RungName[] = ['download', 'playback']
      const open = files.filter((name) => !leadsNowhere(name))
      const shut = files.filter(leadsNowhere)
      // What is played to us has another size than the file: where that size is known, it would never pass for the recording.
      const played: readonly RungName[] = bytes === undefined ? ['flv'] : []
      return open.length > 0 ? [...open, ...shut, ...played] : [...played, ...shut]
    },
    closed(name) {
      closes.set(name, { count: (closes.get(name)?.count ?? 0) + 1, at: clock.monotonic() })
    },
    worked(name) {
      closes.delete(name)
    },
  }
}
