import { randomNumbers } from '../media/prng.ts'
import type { Cloud } from './cloud.ts'
import { type Asked, type Footage, footageOf } from './footage.ts'
import {
  mediaTypes,
  type SamsaraInput,
  type SamsaraMediaType,
  type TimeWindow,
  type Vehicle,
  writeMoment,
} from './world.ts'

/** One piece of media that an order asks for. */
export interface Item extends Asked {
  /** Polls and lists that looked at it. */
  looks: number
  /** Looks it takes until it is done. */
  readonly looksNeeded: number
  /** When it was first seen to be done; epoch milliseconds. */
  doneAt?: number
  /** Lists of uploaded media since, and polls that told it was available. */
  lists: number
  told: number
  readonly orderedAt: number
}

/** An accepted retrieval request. */
export interface Order extends TimeWindow {
  readonly retrievalId: string
  readonly vehicleId: string
  readonly mediaType: SamsaraMediaType
  readonly inputs: readonly SamsaraInput[]
  /** What it cost of the quota. */
  readonly seconds: number
  /** Epoch milliseconds. */
  readonly acceptedAt: number
  /** The client never got its id. */
  lost: boolean
}

/** What a status says of an item. */
export type ItemStatus = 'waiting' | 'available' | 'failed' | 'invalid' | 'unavailable'

/** Every order there was. */
export class Orders {
  readonly all: Order[] = []
  /** Inputs that were asked for while the same was paid for and had not failed. */
  duplicates = 0
  /** Inputs that were asked for although the list of uploaded media showed them. */
  avoidable = 0
  /** Polls of retrievals that had told before that nothing more will come of them. */
  pollsAfterEnd = 0
  readonly items: Item[] = []
  readonly #itemsOf = new Map<string, { order: Order; items: Item[]; polls: number; endTold: boolean }>()
  readonly #cloud: Cloud

  constructor(cloud: Cloud) {
    this.#cloud = cloud
  }

  find(retrievalId: string) {
    return this.#itemsOf.get(retrievalId)
  }

  /** Accepts an order, and pays. */
  place(vehicle: Vehicle, asked: readonly SamsaraInput[], mediaType: SamsaraMediaType, window: TimeWindow): Order {
    const { switches, clock } = this.#cloud
    const now = clock.now()
    for (const input of asked) this.#judge({ vehicle, input, mediaType, window })
    const { start, end } = window
    const order: Order = {
      retrievalId: retrievalIdOf(this.all.length + 1),
      ...{ vehicleId: vehicle.spec.id, start, end, mediaType, inputs: asked, acceptedAt: now, lost: false },
      seconds: this.costOf(asked.length, mediaType, window),
    }
    const items = asked
      .filter(
        (input) =>
          switches.noCamera !== 'omitted' || this.#footage({ vehicle, input, mediaType, window }) !== 'no-camera',
      )
      .map((input): Item => {
        const spread = spreadOf(`${vehicle.spec.id} ${input} ${mediaType} ${start}`, switches.pollSpread)
        const looksNeeded = switches.emptyPolls + switches.pendingPolls + spread
        return { ...{ vehicle, input, mediaType, window, looks: 0, looksNeeded, lists: 0, told: 0, orderedAt: now } }
      })
    this.all.push(order)
    this.items.push(...items)
    this.#itemsOf.set(order.retrievalId, { order, items, polls: 0, endTold: false })
    return order
  }

  /** Seconds of the quota. */
  costOf(inputs: number, mediaType: SamsaraMediaType, { start, end }: TimeWindow): number {
    const { quotaPerInput, quotaOther } = this.#cloud.switches
    if (quotaOther === 'free' && mediaTypes.indexOf(mediaType) > 1) return 0
    const one = mediaType === 'image' ? 0.1 : (end - start) / 1000
    return quotaPerInput ? one * inputs : one
  }

  get secondsUsed(): number {
    return this.all.reduce((sum, { seconds }) => sum + seconds, 0)
  }

  /** Counts a look, and says where the item is. */
  look(item: Item, from: 'poll' | 'list'): ItemStatus {
    item.looks++
    const status = this.statusOf(item)
    if (status !== 'waiting') item.doneAt ??= this.#cloud.clock.now()
    if (status === 'available' && from === 'list') item.lists++
    return status
  }

  /** Where it is, without counting. */
  statusOf(item: Item): ItemStatus {
    const { switches, clock } = this.#cloud
    const footage = footageOf(item, this.#cloud.means, item.doneAt !== undefined)
    // Nobody is asked twice whether the truck is on: what has arrived stays.
    const offline = footage.is === 'there' && footage.offline && item.doneAt === undefined
    if (offline || item.looks <= item.looksNeeded || clock.now() < item.orderedAt + switches.uploadMs) return 'waiting'
    if (footage.is === 'missing')
      return footage.why === 'no-camera' && switches.noCamera === 'invalid' ? 'invalid' : 'unavailable'
    return footage.ends === 'pending' ? 'waiting' : footage.ends
  }

  #footage(asked: Asked): 'there' | Extract<Footage, { is: 'missing' }>['why'] {
    const footage = footageOf(asked, this.#cloud.means)
    return footage.is === 'there' ? 'there' : footage.why
  }

  #judge(asked: Asked): void {
    const { vehicle, input, mediaType, window } = asked
    const { start, end } = window
    const before = this.items.some(
      (item) =>
        item.vehicle === vehicle &&
        item.input === input &&
        item.mediaType === mediaType &&
        (mediaType === 'image' ? item.window.start === start : item.window.start < end && start < item.window.end) &&
        /waiting|available/.test(this.statusOf(item)),
    )
    if (before) {
      this.duplicates++
      this.#cloud.violation(`paid twice: ${vehicle.spec.id} ${input} ${mediaType} ${writeMoment(start)}`)
    } else if (this.#cloud.isUploaded(asked)) this.avoidable++
  }
}

/** As a UUID looks, and the same in every run. */
function retrievalIdOf(number: number): string {
  const hex = (number * 2_654_435_761).toString(16).padStart(12, '0').slice(-12)
  return `5f0c${hex.slice(0, 4)}-${hex.slice(4, 8)}-4a7e-8b1d-${hex}`
}

function spreadOf(key: string, most: number): number {
  return most === 0 || most === Number.POSITIVE_INFINITY ? most : randomNumbers(key)() % (most + 1)
}
