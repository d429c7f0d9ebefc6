import type { Cloud } from './cloud.ts'

const usedOf = (cloud: Cloud) => cloud.switches.quotaUsed + cloud.orders.secondsUsed

/** Whether so many seconds more are too many. */
export const quotaExceeded = (cloud: Cloud, seconds: number) => usedOf(cloud) + seconds > cloud.switches.quotaTotal

/** Prose about the quota. */
export function quotaStatus(cloud: Cloud): string {
  const { quotaWords, quotaTotal } = cloud.switches
  const used = usedOf(cloud).toFixed(1)
  if (quotaWords === 'empty') return ''
  if (quotaWords === 'other') return `Usage: ${used}s. See your plan for what is left.`
  return `Current monthly usage is ${used} seconds of high-res video out of ${quotaTotal.toFixed(1)} available.`
}
