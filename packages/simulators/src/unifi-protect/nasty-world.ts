import type { ProtectWorld } from './world.ts'
import { homeNvr, hour, oddCamera } from './world-making.ts'

const from = Date.UTC(2026, 10, 2, 8)

/** Cameras as they have been seen, and as they could be. */
export function nasty(): ProtectWorld {
  const channels = [
    { id: 0, name: 'Hoch', width: 320, height: 180 },
    { id: 2, name: 'Niedrig', width: 160, height: 90 },
    { id: 3, name: 'Package Camera', width: 120, height: 160 },
  ]
  return {
    nvr: { ...homeNvr, name: 'Straße/日本 🏠' },
    window: { start: from, end: from + 2 * hour },
    cameras: [
      oddCamera(1, { name: null }),
      oddCamera(2, { name: null, displayName: 'Shown Name' }),
      oddCamera(3, { name: 'Twins' }),
      oddCamera(4, { name: 'Twins' }),
      oddCamera(5, { name: '../../etc/passwd' }),
      oddCamera(6, { name: 'Hof ÄÖÜ 📷 <b>#1</b>' }),
      oddCamera(7, { name: '' }),
      oddCamera(8, { name: 'Offline', state: 'DISCONNECTED' }),
      oddCamera(9, { name: 'Not Ours', isAdopted: false, recorded: [] }),
      oddCamera(10, { name: 'Of Another Console', isAdopted: false, isAdoptedByOther: true, recorded: [] }),
      oddCamera(11, { name: 'Never Recorded', mode: 'never', recorded: [] }),
      oddCamera(12, { name: 'Denied', denied: true }),
      oddCamera(13, { name: 'Doorbell', type: 'UVC G4 Doorbell Pro', marketName: 'G4 Doorbell Pro', channels }),
      // Recorded in its first and in its last second, and nothing in between.
      oddCamera(14, {
        name: 'Two Moments',
        mode: 'motion',
        recorded: [
          { start: from, end: from + 10_000 },
          { start: from + 2 * hour - 5000, end: from + 2 * hour },
        ],
      }),
    ],
  }
}
