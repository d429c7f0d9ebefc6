import { type AfterPlanTools, type Flags, localTime } from '@cam/cli-kit'
import type { Forecast, SamsaraSource } from '@cam/samsara'
import { mediaOf, viewsOf } from './flags.ts'
import { printed } from './printed.ts'

/** What a line can cost at most. */
export interface Cost {
  /** ISO 8601. */
  readonly start: string
  readonly end: string
  /** From the first to the last that is touched. */
  readonly minutes: number
  readonly views: readonly string[]
  /** 0: all there are; then `seconds` is for each of them. */
  readonly vehicles: number
  /** Of quota. */
  readonly seconds: number
  /** No more than this is ordered. */
  readonly mostSeconds?: number
}

/** Worked out without asking anybody. Undefined where the line asks for no time. */
export function costOf(flags: Flags): Cost | undefined {
  const [start, end] = [flags.text('start'), flags.text('end')].map((text) => Date.parse(text ?? ''))
  if (Number.isNaN(start!) || Number.isNaN(end!) || !flags.given('timezone')) return undefined
  const minutes = Math.ceil(end! / 60_000) - Math.floor(start! / 60_000)
  const views = viewsOf(flags)
  const vehicles = flags.list('vehicle').length
  const each = mediaOf(flags) === 'image' ? 0.1 : 60
  const seconds = minutes * views.length * each * Math.max(1, vehicles)
  const most = flags.number('max-quota-seconds')
  return {
    ...{ start: new Date(start!).toISOString(), end: new Date(end!).toISOString(), minutes, views, vehicles, seconds },
    ...(most === undefined ? {} : { mostSeconds: most }),
  }
}

/** For people, with the times as they were understood: without an offset they may have been meant in another zone. */
export function costText({ start, end, minutes, views, vehicles, seconds, mostSeconds }: Cost, flags: Flags): string {
  const who = vehicles === 0 ? 'for each vehicle' : vehicles === 1 ? '' : `of ${vehicles} vehicles`
  const besides = flags.given('every') ? ' What earlier runs were to order, and did not, comes on top.' : ''
  const what = [`${minutes} minute${minutes === 1 ? '' : 's'} of ${views.join(', ')}`, who].filter(Boolean).join(' ')
  const [from, to] = [start, end].map((one) => shortTime(Date.parse(one), flags.text('timezone')!))
  return `${from} to ${to}, ${what}: ${mostText(seconds, mostSeconds)}. What is uploaded or ordered already costs nothing.${besides}`
}

/** `2025-04-16 13:30-05:00` */
function shortTime(moment: number, timeZone: string): string {
  const [, day, clock, seconds, offset] = /^(\S+)T(\d\d:\d\d):(\d\d)(.*)$/.exec(localTime(moment, timeZone)) ?? []
  return `${day} ${clock}${seconds === '00' ? '' : `:${seconds}`}${offset}`
}

function mostText(seconds: number, most: number | undefined): string {
  const limit = most !== undefined && most < seconds ? `; no more than ${printed(most)} s are ordered` : ''
  return `at most ${printed(seconds)} s of the month's quota${limit}`
}

/** What a run of the same line would order, said by `plan`: looking costs nothing. */
export async function tellForecast({ source, ledger, sourceId, recordings, report }: AfterPlanTools): Promise<void> {
  const forecast = (source as SamsaraSource).forecast(recordings, await ledger.notes(sourceId))
  const { uploaded, ordered, missing, orders, seconds } = forecast
  const free = `${clips(uploaded)} uploaded already and free, ${clips(ordered)} ordered before`
  const paid =
    missing === 0
      ? 'nothing would be ordered.'
      : `${clips(missing)} would be ordered, by ${ordersOf(orders)}: ${mostText(seconds, undefined)}.`
  report.item('forecast', { ...forecast }, `${free}; ${paid}`)
}

/** Said right before anything is ordered: what is uploaded is known by then. */
export function orderingText({ missing, orders, seconds }: Forecast, mostSeconds: number | undefined): string {
  return `Ordering ${clips(missing)}, by ${ordersOf(orders)}: ${mostText(seconds, mostSeconds)}.`
}

function ordersOf(count: number): string {
  return `${count} order${count === 1 ? '' : 's'}`
}

function clips(count: number): string {
  return `${count} clip${count === 1 ? '' : 's'}`
}
