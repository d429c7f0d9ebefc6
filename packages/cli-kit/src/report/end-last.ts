import type { Report } from './report.ts'

/** Holds the end back, so that it is the last line also where something is said after it: that logging out or a notice failed. */
export function endLast(report: Report): { readonly report: Report; release(): void } {
  let end: (() => void) | undefined
  return {
    report: {
      ...report,
      end(...sum) {
        end ??= () => report.end(...sum)
      },
    },
    release() {
      end?.()
      end = undefined
    },
  }
}
