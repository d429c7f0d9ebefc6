import type { Cloud } from './cloud.ts'
import { type Asked, footageOf } from './footage.ts'
import type { Item } from './orders.ts'
import { minuteMs, type Vehicle } from './world.ts'

/** Something in the list of uploaded media. */
export interface Upload extends Asked {
  readonly triggerReason: string
  /** Epoch milliseconds. */
  readonly availableAt: number
  /** What it was ordered as. */
  readonly item?: Item
}

const stillEveryMs = 2 * minuteMs

/** What the world holds from the start, and the stills that come by themselves, in no order. */
export function uploadsOf(vehicle: Vehicle): Upload[] {
  const { uploaded = [], stills = false, recorded, cameras } = vehicle.spec
  const held = uploaded.map(({ input, mediaType = 'videoHighRes', start, end, triggerReason, availableAt }): Upload => {
    const window = { start, end: mediaType === 'image' ? start : end }
    const reason = triggerReason ?? 'videoRetrieval'
    return { vehicle, input, mediaType, window, triggerReason: reason, availableAt: availableAt ?? end + 3 * minuteMs }
  })
  const windshield = cameras.map(({ input }) => input).filter((input) => input.startsWith('dashcam'))
  const noise = (stills ? recorded : []).flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / stillEveryMs) }, (_, at) => start + at * stillEveryMs).flatMap(
      (moment) =>
        windshield.map((input): Upload => {
          const window = { start: moment, end: moment }
          return {
            ...{ vehicle, input, mediaType: 'image', window },
            triggerReason: 'periodicStill',
            availableAt: moment + 20_000,
          }
        }),
    ),
  )
  return [...held, ...noise]
}

/** What a list of the vehicles' media shows now; looks at what was ordered, and so brings it on. */
export function listed(cloud: Cloud, vehicles: readonly Vehicle[]): Upload[] {
  const ordered = cloud.orders.items
    .filter(({ vehicle }) => vehicles.includes(vehicle))
    .flatMap((item): Upload[] => {
      const isReady = cloud.orders.look(item, 'list') === 'available' && item.lists > cloud.switches.listLag
      return isReady ? [{ ...item, triggerReason: 'api', availableAt: item.doneAt!, item }] : []
    })
  return [...vehicles.flatMap(uploadsOf), ...ordered].filter((one) => footageOf(one, cloud.means, true).is === 'there')
}
