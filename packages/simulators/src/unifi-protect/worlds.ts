import { nasty } from './nasty-world.ts'
import type { UnifiProtectSwitches } from './switches.ts'
import type { ProtectWorld } from './world.ts'
import { eventsIn, holed, homeNvr, hour, minute, recordedAround, second, span } from './world-making.ts'

/** The world of that name. */
export function worldOf(name: UnifiProtectSwitches['world'], custom: ProtectWorld | undefined): ProtectWorld {
  if (name === 'dst') return dst()
  if (name === 'nasty') return nasty()
  if (name !== 'custom') return small()
  if (!custom) throw new TypeError('world custom needs the world it is')
  return custom
}

/** Two cameras and a working day, for first tries. */
function small(): ProtectWorld {
  const window = span('2026-11-02T08:00', '2026-11-02T14:00')
  const events = eventsIn(`${homeNvr.id} small`, { start: window.start + hour, end: window.end }, 40 * minute)
  return {
    ...{ nvr: homeNvr, window },
    cameras: [
      {
        ...{ id: '61b3f5c90050a703e700042a', mac: 'E063DA00A001', name: 'Front Door' },
        recorded: [span('2026-11-02T08:00', '2026-11-02T11:20:15'), span('2026-11-02T11:45:40', '2026-11-02T14:00')],
        events: events.slice(0, 3),
      },
      {
        ...{ id: '61b3f5c90050a703e700042b', mac: 'E063DA00A002', name: 'Garage', mode: 'detections' },
        recorded: recordedAround(events, 5 * second),
        events,
      },
    ],
  }
}

/**
 * A week in Berlin over the end of summer time (2026-10-25 01:00 UTC): a camera that always records and has gaps, one
 * that records motion only, and one whose older footage is left in low quality only, and before that not at all.
 */
function dst(): ProtectWorld {
  const window = span('2026-10-20T00:00', '2026-10-27T00:00')
  const motion = eventsIn(`${homeNvr.id} garage`, window, 75 * minute)
  return {
    ...{ nvr: homeNvr, window },
    cameras: [
      {
        ...{ id: '61b3f5c90050a703e700042a', mac: 'E063DA00A001', name: 'Front Door' },
        recorded: holed(window, [
          span('2026-10-22T09:00', '2026-10-22T17:00'),
          // Over the border of an hour.
          span('2026-10-24T07:50:15', '2026-10-24T08:10'),
          // Exactly one hour, the one before midnight of the changed day.
          span('2026-10-24T21:00', '2026-10-24T22:00'),
          // Inside the hour that local clocks show twice.
          span('2026-10-25T00:20:35', '2026-10-25T00:47:10'),
          span('2026-10-25T13:00', '2026-10-25T16:00'),
          span('2026-10-25T18:12:20', '2026-10-25T18:13'),
        ]),
        events: eventsIn(`${homeNvr.id} front`, window, 4 * hour),
      },
      {
        ...{ id: '61b3f5c90050a703e700042b', mac: 'E063DA00A002', name: 'Garage', mode: 'detections' },
        recorded: recordedAround(motion, 5 * second),
        events: motion,
      },
      {
        ...{ id: '61b3f5c90050a703e700042c', mac: 'E063DA00A003', name: 'Back Yard' },
        recorded: holed(window, [span('2026-10-24T11:00', '2026-10-24T12:30:05')]),
        lqFrom: Date.parse('2026-10-24T05:17:40Z'),
        hqFrom: Date.parse('2026-10-25T06:00Z'),
        events: [
          {
            id: 'c6e8ad3e-0e7e-4a3e-be1e-5f0e9c1e2d3e',
            type: 'ring',
            start: Date.parse('2026-10-25T09:30Z'),
            end: null,
          },
        ],
      },
    ],
  }
}
