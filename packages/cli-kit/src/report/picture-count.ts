import type { KeptFile, Outcome } from '@cam/download-core'

/** Kept files with a smaller picture than their camera records: nobody should find that out years later. */
export interface PictureCount {
  see(outcome: Outcome): void
  /** Undefined where there were none. */
  text(): string | undefined
}

const mostSizes = 3

export function pictureCount(): PictureCount {
  const sizes = new Set<string>()
  let count = 0
  return {
    see(outcome) {
      if (outcome.outcome !== 'kept' || outcome.fidelity !== 'proxy') return
      count++
      const size = sizeOf(outcome)
      if (size !== undefined && sizes.size < mostSizes) sizes.add(size)
    },
    text() {
      if (count === 0) return undefined
      const which = sizes.size > 0 ? ` (${[...sizes].join(', ')})` : ''
      return `proxy=${count}: kept in a smaller picture${which} than the camera records now`
    },
  }
}

/** `640x360`, where the file tells. */
export function sizeOf({ facts: { width, height } }: Pick<KeptFile, 'facts'>): string | undefined {
  return typeof width === 'number' && typeof height === 'number' ? `${width}x${height}` : undefined
}
