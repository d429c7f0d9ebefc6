import { join } from 'node:path'
import type { LedgerRow } from '../archive/ledger.ts'
import { SlotMissedError } from '../footage/errors.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { partKey } from '../transfer/part-note.ts'
import { type Shooting, type ShotEnd, shoot } from './shoot.ts'

const latest = 8.64e15

/** What an earlier run left behind the last slot it is known to have accounted for. */
export interface Found {
  /** The last slot that has a row. */
  readonly peak: EpochMs
}

/**
 * Looks at the rows behind `from`. One without an outcome was under way when the program died: its picture is kept if it stands
 * there whole, and missed otherwise. Throws where the ledger cannot be read or written.
 */
export async function takeUp(
  cameraId: string,
  name: string,
  from: EpochMs,
  how: Shooting,
  ended: (row: LedgerRow, end: ShotEnd) => void,
): Promise<Found> {
  const { ledger, sourceId, fileSystem } = how
  const parts = join(how.folder.root, '.cam', 'parts')
  const left = new Set(await fileSystem.list(parts))
  let peak = Number.NEGATIVE_INFINITY
  for await (const row of ledger.rows({ sourceId, cameraId, kind: 'slot', window: { start: from, end: latest } })) {
    const slot = row.window?.start ?? Number.NEGATIVE_INFINITY
    peak = Math.max(peak, row.window?.end ?? slot)
    const part = partKey({ ...row.key })
    // One that failed was tried again, after the clock had been put back.
    const underWay = !row.outcome || (row.outcome.outcome === 'failed' && left.has(`${part}.json`))
    if (!underWay) {
      // It died after the ledger's commit, before it could forget about the picture.
      for (const name of [`${part}.part`, `${part}.json`])
        if (left.has(name)) await fileSystem.remove(join(parts, name))
      continue
    }
    const ask = async () => {
      throw new SlotMissedError('slot-missed: the program ended while the picture was on its way.')
    }
    ended(row, await shoot({ camera: row.camera, name, slot, ask, stop: AbortSignal.abort() }, how))
  }
  return { peak }
}
