/** One request as the server saw it. */
export interface RequestEntry {
  /** 1 for the first. */
  readonly number: number
  readonly method: string
  /** Path and query as sent, one character per byte. */
  readonly target: string
  /** What the server took it for, such as `list` or `media`. */
  node: string
  /** Lower-case names; of `authorization` the scheme alone. */
  readonly headers: Readonly<Record<string, string>>
  /** 0 until it is answered, and for ever when the connection was dropped before. */
  status: number
  authenticated: boolean
  /** What was sent to it, where the simulator keeps that: its beginning, without passwords. */
  requestBody?: string
  /** Bytes of the body handed to the connection. */
  bodyBytes: number
  /** `cut`: the body ended early, whoever ended it. */
  ended: 'not-yet' | 'complete' | 'cut'
  /** Epoch milliseconds of the simulator's clock. */
  readonly startedAt: number
  endedAt?: number
}

/** Counts over everything since the start. */
export interface RequestCounts {
  readonly total: number
  /** How many requests each node got. */
  readonly nodes: Readonly<Record<string, number>>
  readonly authenticated: number
  readonly unauthenticated: number
  /** Bytes of all bodies. */
  readonly bytes: number
  /** The most media bodies that were open at one moment. */
  readonly maximumMediaBodies: number
}

const entriesKept = 100_000

/** What was asked, in order. Keeps the last 100,000 entries; the counts forget nothing. */
export class RequestLog {
  readonly entries: RequestEntry[] = []
  #total = 0
  #dropped: { nodes: Map<string, number>; authenticated: number; unauthenticated: number; bytes: number } = {
    nodes: new Map(),
    authenticated: 0,
    unauthenticated: 0,
    bytes: 0,
  }
  #mediaOpen = 0
  #mediaMost = 0

  open(request: Pick<RequestEntry, 'method' | 'target' | 'headers' | 'startedAt'>): RequestEntry {
    const entry: RequestEntry = {
      ...request,
      number: ++this.#total,
      node: 'other',
      status: 0,
      authenticated: false,
      bodyBytes: 0,
      ended: 'not-yet',
    }
    this.entries.push(entry)
    if (this.entries.length > entriesKept) addTo(this.#dropped, this.entries.shift()!)
    return entry
  }

  /** Call when a media body begins; call what it returns when the body ends. */
  mediaBody(): () => void {
    this.#mediaMost = Math.max(this.#mediaMost, ++this.#mediaOpen)
    let open = true
    return () => {
      if (open) this.#mediaOpen--
      open = false
    }
  }

  /** Entries of one node, or all whose target contains the text. */
  of(nodeOrText: string): readonly RequestEntry[] {
    return this.entries.filter((entry) => entry.node === nodeOrText || entry.target.includes(nodeOrText))
  }

  /** Entries of exactly this node, whatever is in their targets. */
  ofNode(node: string): readonly RequestEntry[] {
    return this.entries.filter((entry) => entry.node === node)
  }

  counts(): RequestCounts {
    const sum = { ...this.#dropped, nodes: new Map(this.#dropped.nodes) }
    for (const entry of this.entries) addTo(sum, entry)
    const { authenticated, unauthenticated, bytes } = sum
    const nodes = Object.fromEntries([...sum.nodes].sort(([a], [b]) => (a < b ? -1 : 1)))
    return { total: this.#total, nodes, authenticated, unauthenticated, bytes, maximumMediaBodies: this.#mediaMost }
  }
}

function addTo(
  sum: { nodes: Map<string, number>; authenticated: number; unauthenticated: number; bytes: number },
  entry: RequestEntry,
): void {
  sum.nodes.set(entry.node, (sum.nodes.get(entry.node) ?? 0) + 1)
  if (entry.authenticated) sum.authenticated++
  else sum.unauthenticated++
  sum.bytes += entry.bodyBytes
}
