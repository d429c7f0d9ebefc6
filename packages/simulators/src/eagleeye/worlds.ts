import type { EagleEyeSwitches } from './switches.ts'
import type { EagleEyeCameraSpec, EagleEyeClipSpec, EagleEyeWorld } from './world.ts'
import { clipsIn, day, esn, hour, minute, second, withClips } from './world-making.ts'

const accountId = '00032123'

/** Where worlds end when nobody says: far enough in the past for every machine's clock. */
const usualEnd = Date.UTC(2026, 1, 9)

/** The world of that name, which ends at the moment `until` names. */
export function worldOf(
  { world, until }: Pick<EagleEyeSwitches, 'world' | 'until'>,
  custom: EagleEyeWorld | undefined,
  now: number,
): EagleEyeWorld {
  if (world === 'custom') {
    if (!custom) throw new TypeError('world custom needs the world it is')
    return custom
  }
  const end = until === '' ? usualEnd : until === 'now' ? Math.floor(now / 1000) * 1000 : Date.parse(until)
  return world === 'week' ? week(end) : small(end)
}

/** Two cameras and a day, for first tries. */
function small(end: number): EagleEyeWorld {
  const window = { start: end - day, end }
  const bridge = { id: esn('bridge', 0), name: 'Office Bridge' }
  const camera = (index: number, name: string): EagleEyeCameraSpec => ({
    ...{ id: esn('camera', index), name, bridgeId: bridge.id, width: 320, height: 192 },
    clips: clipsIn(`small ${index}`, window, 6),
  })
  return { ...{ accountId, window, bridges: [bridge] }, cameras: [camera(0, 'Front Door'), camera(1, 'Parking Lot')] }
}

const names = [
  ...['Lobby/Front', 'Dock: East', 'Vault', 'Straße 日本 🏠', 'Twins', 'Twins', '', 'Warehouse', '../../etc/passwd'],
  ...['CON', 'Gate "A" <1>|2?', 'Roof.', 'Office  2nd', 'Cafeteria', 'Loading\tBay', 'Aisle 1', 'Aisle 2', 'Aisle 10'],
  ...['Server Room', 'New Camera'],
]

/** Twenty attached cameras, one that is not, and a week of clips at odd moments. */
function week(end: number): EagleEyeWorld {
  const window = { start: end - 7 * day, end }
  const { start } = window
  const bridges = [
    { id: esn('bridge', 0), name: 'Bridge North' },
    { id: esn('bridge', 1), name: 'Bridge/South', online: false },
  ]
  const monday = start + 9 * hour + 137
  const special: Record<number, readonly EagleEyeClipSpec[]> = {
    // Over the window's start, and up to its very end.
    0: [
      { start: start - 3 * minute, end: start + 40 * second },
      { start: end - 95 * second, end },
    ],
    // From the window's very start; and three that touch.
    1: [
      { start, end: start + 75_250 },
      ...[0, 1, 2].map((piece) => ({ start: monday + piece * 5 * minute, end: monday + (piece + 1) * 5 * minute })),
    ],
    // Goes on over the window's end.
    3: [{ start: end - 4 * minute, end: end + 14 * minute }],
    // Two that overlap.
    5: [
      { start: monday, end: monday + minute },
      { start: monday + 50 * second, end: monday + 2 * minute },
    ],
    // Beside the window.
    6: [
      { start: start - minute, end: start },
      { start: end, end: end + minute },
    ],
    7: [{ start: monday, end: monday + 20 * minute }],
    8: [{ start: monday, end: monday + 900 }],
  }
  const cameras = names.map((name, index): EagleEyeCameraSpec => {
    const usual = clipsIn(`week ${index}`, window, index === 2 ? 3 : 11)
    const some = index === 19 ? [] : index === 2 ? usual.slice(1, 2) : usual
    return {
      ...{ id: esn('camera', index), name, bridgeId: bridges[index % 5 === 4 ? 1 : 0]!.id, shared: index === 9 },
      ...{ clips: withClips(some, special[index] ?? []), online: index !== 13 && index % 5 !== 4 },
    }
  })
  const unattached: EagleEyeCameraSpec = {
    ...{ id: esn('camera', 20), name: 'Not Ours', bridgeId: bridges[0]!.id, serviceStatus: 'IGND' },
    clips: clipsIn('week 20', window, 3),
  }
  return { accountId, window, bridges, cameras: [...cameras, unattached] }
}
