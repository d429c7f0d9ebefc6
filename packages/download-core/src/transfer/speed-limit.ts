/** One token bucket shared by any number of streams. */
export interface SpeedLimit {
  /** Resolves when `bytes` more may be taken. Counts retries too: it limits the wire, not the files. */
  take(bytes: number, signal: AbortSignal): Promise<void>
  /** In bytes per second; 0 is no limit. May change while streams run. */
  rate: number
}
