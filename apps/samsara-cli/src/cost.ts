import type { Flags } from '@cam/cli-kit'
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
  const what = [`${minutes} minute${minutes === 1 ? '' : 's'} of ${views.join(', ')}`, who].filter(Boolean).join(' ')
  return `${what}: at most ${printed(seconds)} s of the month's quota${limit}. What is uploaded or ordered already costs nothing.`
}
