/** How many requests may begin in any stretch of time; one for each endpoint of the organisation. */
export class RateLimits {
  readonly #begun = new Map<string, number[]>()
  /** Requests that were too many. */
  refused = 0

  /** Takes a request in; otherwise says after how many milliseconds there is room. */
  take(endpoint: string, most: number, within: number, now: number): number {
    const begun = (this.#begun.get(endpoint) ?? []).filter((at) => at > now - within)
    this.#begun.set(endpoint, begun)
    if (begun.length < most) {
      begun.push(now)
      return 0
    }
    this.refused++
    return Math.max(1, (begun[begun.length - most] ?? now) + within - now)
  }
}
