import type { Clock } from '@cam/download-core'

/** Everything of the process that a CLI touches, so that tests can stand in for it. `process` fits for `signals`. */
export interface Surroundings {
  /** Without node and script. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly signals: SignalSource
  /** Default: the machine's. */
  readonly clock?: Clock
  /** IANA zone. Default: the machine's. */
  readonly timeZone?: string
  /** Where relative paths of the command line begin. Default: the process's own. */
  readonly cwd?: string
  /** What runs this program: node, and the script. Default: the process's own. */
  readonly program?: readonly string[]
  /** For what cannot wait: a third Ctrl-C. */
  exit(code: number): void
}

export type InputStream = NodeJS.ReadableStream & {
  readonly isTTY?: boolean
  setRawMode?(on: boolean): unknown
}

export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  off(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
}
