/** The vendor's own figure, in seconds of high-resolution film. */
export interface QuotaStatus {
  readonly usedSeconds: number
  readonly ofSeconds: number
}

const figure = /\d[\d,]*(?:\.\d+)?/g

/** Reads the prose of an order's reply, which has two numbers. Undefined for any other. PROTOCOL.md §4. */
export function readQuotaStatus(text: string): QuotaStatus | undefined {
  const [used, of, ...more] = text.match(figure) ?? []
  if (used === undefined || of === undefined || more.length > 0) return undefined
  return { usedSeconds: Number(used.replaceAll(',', '')), ofSeconds: Number(of.replaceAll(',', '')) }
}
