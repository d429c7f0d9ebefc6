import { bytesText, durationText } from './measures.ts'

/** How far one transfer is. */
export interface TransferProgress {
  readonly bytes: number
  readonly totalBytes?: number
  readonly bytesPerSecond: number
}

const widest = 50

/** All transfers under way in one line that fits into `columns`: bar, percent, done/total, speed, ETA. */
export function progressLine(transfers: readonly TransferProgress[], columns: number): string {
  const bytes = sum(transfers.map((transfer) => transfer.bytes))
  const speed = sum(transfers.map((transfer) => transfer.bytesPerSecond))
  const totals = transfers.map((transfer) => transfer.totalBytes)
  const files = transfers.length > 1 ? ` (${transfers.length} files)` : ''
  const speedText = `${bytesText(speed)}/s`
  // One column stays free: a terminal that is written to its edge begins a new line.
  const room = columns - 1
  if (totals.some((total) => total === undefined)) {
    return `      Downloaded: ${bytesText(bytes)} ${speedText}${files}`.slice(0, room)
  }
  const total = sum(totals as number[])
  const part = total > 0 ? Math.min(1, bytes / total) : 0
  const percent = `${(part * 100).toFixed(1)}%`
  const eta = speed > 0 && total > bytes ? ` ETA: ${durationText(((total - bytes) / speed) * 1000)}` : ''
  const amounts = `${bytesText(bytes)}/${bytesText(total)}`
  for (const tail of [
    `${percent} ${amounts} ${speedText}${eta}${files}`,
    `${percent} ${amounts} ${speedText}${eta}`,
    `${percent} ${speedText}${eta}`,
  ]) {
    const cells = Math.min(widest, room - tail.length - 9)
    if (cells >= 5) return `      [${bar(part, cells)}] ${tail}`
  }
  return percent.slice(0, room)
}

function bar(part: number, cells: number): string {
  const full = Math.floor(part * cells)
  return full >= cells ? '='.repeat(cells) : `${'='.repeat(full)}>${'-'.repeat(cells - full - 1)}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
