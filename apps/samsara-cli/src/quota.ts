import { type CommandTools, exitCodes, localTime, type VendorProgram } from '@cam/cli-kit'
import type { Note } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { quotaOf } from '@cam/samsara'
import { printed } from './printed.ts'

/** Tells what the archive knows of the month's quota; asks nobody. */
export const quota: VendorProgram = {
  async run({ flags, report, timeZone }: CommandTools) {
    await using ledger = await openLedger(flags.text('dest')!, { readOnly: true })
    let sources = 0
    for (const { sourceId, sourceName, vendor } of await ledger.sources()) {
      if (vendor !== 'samsara') continue
      sources++
      const notes = await ledger.notes(sourceId)
      const { told, ordered } = quotaOf(notes)
      const when = told && { at: new Date(told.at).toISOString() }
      report.item(
        'quota',
        { source: sourceId, ...(told ? { told: { ...told, ...when } } : {}), ordered },
        [`${sourceName || sourceId} (${sourceId})`, ...quotaLines(notes, timeZone)].join('\n  '),
      )
    }
    report.item('quota-ended', { sources }, sources === 0 ? 'Nothing was ordered through this archive.' : undefined)
    return exitCodes.done
  },
}

/** For people. */
export function quotaLines(notes: readonly Note[], timeZone: string): string[] {
  const { told, ordered } = quotaOf(notes)
  const said = told
    ? [`Samsara at ${localTime(told.at, timeZone)}: ${told.said}`, ...shareOf(told.usedSeconds, told.ofSeconds)]
    : ['Samsara has not said yet how much of the quota is used: it says so with each order.']
  const months = Object.entries(ordered)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, { orders, uncertain, seconds }]) => {
      const maybe = uncertain > 0 ? `, of which ${uncertain} may not have been accepted` : ''
      return `ordered through this archive in ${month}: ${orders} order${orders === 1 ? '' : 's'}${maybe}, ${printed(seconds)} s at most`
    })
  return [...said, ...months]
}

function shareOf(used: number | undefined, of: number | undefined): string[] {
  if (used === undefined || of === undefined || of <= 0) return []
  return [
    `used ${printed(used)} s of ${printed(of)} s (${((used / of) * 100).toFixed(1)} %), ${printed(of - used)} s left`,
  ]
}
