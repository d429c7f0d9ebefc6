import type { SamsaraSwitches } from './switches.ts'
import { minuteMs, type SamsaraCameraSpec, type SamsaraVehicleSpec, type SamsaraWorld } from './world.ts'

/** The world of that name. */
export function worldOf({ world }: Pick<SamsaraSwitches, 'world'>, custom: SamsaraWorld | undefined): SamsaraWorld {
  if (world !== 'custom') return fleet()
  if (!custom) throw new TypeError('world custom needs the world it is')
  return custom
}

/** 13:30 in Chicago on 2025-04-16, where everything begins. */
const begin = Date.UTC(2025, 3, 16, 18, 30)
const minute = (number: number) => begin + number * minuteMs
/** From one minute to another, counted from the beginning. */
const during = (from: number, to: number) => ({ start: minute(from), end: minute(to) })

const road: SamsaraCameraSpec = { input: 'dashcamRoadFacing', audio: 16000 }
const driver: SamsaraCameraSpec = { input: 'dashcamDriverFacing', width: 320, height: 240 }
const analog1: SamsaraCameraSpec = { input: 'analog1', width: 256, height: 144, fps: 12 }
const three = [road, driver, analog1]

/** A vehicle with everything a real one states. */
function vehicle(
  number: number,
  name: string,
  cameras: readonly SamsaraCameraSpec[],
  more: Partial<SamsaraVehicleSpec> = {},
): SamsaraVehicleSpec {
  const digits = String(number).padStart(2, '0')
  return {
    ...{ id: String(281_474_976_710_700 + number), name, cameras, recorded: [during(0, 60)] },
    vin: `1FUJGLDR0CLBP88${digits}`,
    serial: `GVG2-4RT-${digits}X`,
    licensePlate: `PX ${digits}07`,
    externalIds: { maintenanceId: `2500${digits}` },
    cameraSerial: `CKM3-8PW-${digits}Q`,
    ...more,
  }
}

/** Twelve vehicles that have, among them, everything that can go wrong without anybody's fault. */
function fleet(): SamsaraWorld {
  const { cameraSerial: _, ...trailer } = vehicle(9, 'Trailer 3', [])
  return {
    ...{ orgId: '4001234', orgName: 'Example Freight', window: during(0, 30) },
    vehicles: [
      vehicle(12, 'Truck 12', three, { recorded: [during(0, 90), during(100, 120)], stills: true }),
      vehicle(13, 'Truck 13', [road, { ...driver, clips: [{ start: minute(17), ends: 'failed' }] }, analog1], {
        recorded: [during(0, 11), during(12, 30)],
      }),
      vehicle(14, 'Truck 14', [
        {
          ...road,
          clips: [
            { start: minute(0), ends: 'unavailable' },
            { start: minute(1), ends: 'invalid' },
            { start: minute(2), ends: 'pending' },
            { start: minute(3), word: 'transcoding' },
            { start: minute(4), withoutUrl: 1 },
            { start: minute(5), twice: true },
          ],
        },
        { ...driver, recorded: [during(0, 3), during(5, 60)] },
      ]),
      vehicle(
        7,
        'Van 7',
        [
          {
            ...road,
            clips: [
              { start: minute(1), audio: null },
              { start: minute(2), timescale: 90_000 },
              { start: minute(3), lastsMs: 57_000 },
              { start: minute(4), shiftMs: 800 },
              { start: minute(5), width: 384, height: 216 },
              { start: minute(6), damaged: 'half' },
              { start: minute(7), damaged: 'empty' },
            ],
          },
          { ...driver, clips: [{ start: minute(0), audio: 16000 }] },
        ],
        { recorded: [{ start: minute(0) + 20_000, end: minute(9) + 40_000 }] },
      ),
      vehicle(21, 'Refuse 21', [
        road,
        driver,
        { ...analog1, role: 'hopper', auxcamSerial: 'AHD4-7TC-21A' },
        { ...analog1, input: 'analog2', role: 'rearHigh', auxcamSerial: 'AHD4-7TC-21A' },
        { ...analog1, input: 'analog3', role: 'leftSide', auxcamSerial: 'AHD4-7TC-21A' },
        { ...analog1, input: 'analog4', role: 'rightSide', auxcamSerial: 'AHD4-7TC-21A' },
      ]),
      vehicle(31, 'Uploaded 31', [road, driver], {
        stills: true,
        uploaded: [
          ...Array.from({ length: 10 }, (_, at) => ({ ...during(at, at + 1), input: road.input })),
          // A part of a minute is not the minute.
          { start: minute(3) + 12_500, end: minute(3) + 40_000, input: driver.input, triggerReason: 'safetyEvent' },
          { ...during(4, 5), input: driver.input, triggerReason: 'panicButton' },
        ],
      }),
      vehicle(41, 'Shuttle', [road]),
      vehicle(42, 'Shuttle', [road, driver]),
      vehicle(43, '  Shuttle 3  ', [road]),
      // Called as another is known elsewhere.
      vehicle(44, '250041', [road]),
      vehicle(51, 'Old 51', [road, driver], {
        recorded: [
          { start: begin - 40 * 1440 * minuteMs, end: begin - 40 * 1440 * minuteMs + 30 * minuteMs },
          during(0, 60),
        ],
        retainedFrom: minute(10),
        // What is in the cloud does not need the card.
        uploaded: [{ ...during(2, 3), input: road.input }],
      }),
      trailer,
    ],
  }
}
