import type { Clock, FootageSource, SessionStore } from '@cam/download-core'
import type { Flag, Flags } from './flags/flag.ts'

/** One CLI: what it is called, how it reaches its vendor, and its words. Everything else is the same in all of them. */
export interface CliDefinition {
  readonly name: string
  readonly version: string
  /** One sentence. */
  readonly summary: string
  readonly vendor: string
  /** How to reach the camera: `--host`, `--app` … Credentials and TLS flags are added. */
  readonly connection: readonly Flag[]
  /** Flags of this vendor's `download` besides those of all CLIs. */
  readonly download?: readonly Flag[]
  readonly credentials: CredentialNames
  readonly defaults: Defaults
  /** Other names, without dashes, that a seed's command line uses: `{ dest: 'outdir' }`. One for each flag at most. */
  readonly seedAliases: Readonly<Record<string, string>>
  readonly words: Words
  /** Makes the source; contacts nothing. A TypeError or RangeError it throws is shown as a mistake on the command line. */
  makeSource(flags: Flags, context: SourceContext): FootageSource
  /** The address as the user knows it, for messages. Never contains a secret. */
  address(flags: Flags): string
  /** What a user can do about an error of this code or `vendorCode`, in this vendor's terms; empty where its messages say so themselves. */
  readonly advice?: Readonly<Record<string, string>>
  /** Paragraphs at the end of `--help`. */
  readonly helpNotes: readonly string[]
}

export interface CredentialNames {
  readonly username: { readonly flag: string; readonly alias?: string; readonly env: string }
  readonly password: { readonly flag: string; readonly alias?: string; readonly env: string }
  /** Names that a seed's settings file used. Only looked up in `--env-file`. */
  readonly settingsFile?: { readonly username?: string; readonly password?: string }
}

export interface Defaults {
  readonly dest: string
  readonly layout: string
  /** What `--layout seed` means. */
  readonly seedLayout: string
  readonly rateLimitMbps: number
  readonly maxRetries: number
  readonly retryDelaySeconds: number
  /** `fixed` where the seed waited the same time before each retry. */
  readonly retryGrowth: 'fixed' | 'exponential'
  readonly timeoutSeconds: number
  /** How long the first byte may take where `--timeout` is not given. Default: as long as `timeoutSeconds`. */
  readonly firstByteSeconds?: number
}

/** Lines people know from the seed. */
export interface Words {
  fetching(address: string): string
  found(count: number): string
  readonly none: string
}

/** What a vendor's factory needs besides its own flags. */
export interface SourceContext {
  readonly username: string
  readonly password: string
  readonly tls: { readonly insecure?: boolean; readonly ca?: string; readonly fingerprint256?: string }
  readonly timeouts: { readonly firstByteMs: number; readonly idleMs: number }
  readonly retry: { readonly retries: number; readonly delayMs: number; readonly growth: 'fixed' | 'exponential' }
  readonly sessions: SessionStore
  readonly clock: Clock
  /** For proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>
}
