import type { AfterPlanTools, Flags } from '@cam/cli-kit'
import type { SamsaraSource } from '@cam/samsara'
import { mediaOf, viewsOf } from './flags.ts'
import { printed } from './printed.ts'

/** What this line can cost at most, said before anything is ordered. Undefined where it asks for no time. */
export function costText(flags: Flags): string | undefined {
  const [start, end] = [flags.text('start'), flags.text('end')].map((text) => Date.parse(text ?? ''))
  if (Number.isNaN(start!) || Number.isNaN(end!) || !flags.given('timezone')) return undefined
  const minutes = Math.ceil(end! / 60_000) - Math.floor(start! / 60_000)
  const views = viewsOf(flags)
  const vehicles = flags.list('vehicle').length
  const each = mediaOf(flags) === 'image' ? 0.1 : 60
  const seconds = minutes * views.length * each * Math.max(1, vehicles)
  const who = vehicles === 0 ? 'for each vehicle' : vehicles === 1 ? '' : `of ${vehicles} vehicles`
  const most = flags.number('max-quota-seconds')
  const limit = most !== undefined && most < seconds ? `; no more than ${printed(most)} s are ordered` : ''
  const besides = flags.given('every') ? ' What earlier runs were to order, and did not, comes on top.' : ''
  const what = [`${minutes} minute${minutes === 1 ? '' : 's'} of ${views.join(', ')}`, who].filter(Boolean).join(' ')
  return `${what}: at most ${printed(seconds)} s of the month's quota${limit}. What is uploaded or ordered already costs nothing.${besides}`
}

/** What a run of the same line would order, said by `plan`: looking costs nothing. */
export async function tellForecast({ source, ledger, sourceId, recordings, report }: AfterPlanTools): Promise<void> {
  const forecast = (source as SamsaraSource).forecast(recordings, await ledger.notes(sourceId))
  const { uploaded, ordered, missing, orders, seconds } = forecast
  const free = `${clips(uploaded)} uploaded already and free, ${clips(ordered)} ordered before`
  const paid =
    missing === 0
      ? 'nothing would be ordered.'
      : `${clips(missing)} would be ordered, by ${orders} order${orders === 1 ? '' : 's'}: at most ${printed(seconds)} s of the month's quota.`
  report.item('forecast', { ...forecast }, `${free}; ${paid}`)
}

function clips(count: number): string {
  return `${count} clip${count === 1 ? '' : 's'}`
}
