import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/**
 * Closes the files of ledgers that are closed. The driver keeps a file open until the last statement of its connection is collected,
 * and so small a heap may not be collected for hundreds of runs: until then an archive's disk could not be unmounted, and in the end
 * the process would have no file left to open.
 */
export function closeFiles(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
