import type {
  ArchiveRegistry,
  Camera,
  Clock,
  EpochMs,
  FootageSource,
  Layout,
  Ledger,
  PlanOptions,
  Recording,
  SessionStore,
  Summary,
  TimeWindow,
} from '@cam/download-core'
import type { ExitCode } from './exit-codes.ts'
import type { Flag, Flags, FlagValue } from './flags/flag.ts'

/** One CLI: what it is called, how it reaches its vendor, and its words. Everything else is the same in all of them. */
export interface CliDefinition {
  readonly name: string
  readonly version: string
  /** One sentence. */
  readonly summary: string
  readonly vendor: string
  /** How to reach the camera: `--host`, `--app` … Credentials and TLS flags are added. */
  readonly connection: readonly Flag[]
  /** Flags of this vendor's `download` besides those of all CLIs; and, where a command of `commands` names them, of that command alone. */
  readonly download?: readonly Flag[]
  /** Commands besides those of all CLIs. */
  readonly commands?: readonly VendorCommand[]
  /** Whether its sources keep a login between runs. Adds `--forget-session`. Default false. */
  readonly keepsSession?: boolean
  /** Several where the account is another thing for each: the first counts whose `when` is true, or that has none. */
  readonly credentials: CredentialNames | readonly CredentialNames[]
  /**
   * Flags that a run cannot do without, worked out from others or asked for on a terminal; they count as given. Called once a run,
   * after the account was found and before anything is contacted. Throws UsageError where something is missing and nobody is there.
   */
  complete?(flags: Flags, tools: CompleteTools): Promise<Readonly<Record<string, FlagValue>>>
  readonly defaults: Defaults
  /** Other names, without dashes, that a seed's command line uses: `{ dest: 'outdir' }`. One for each flag at most. */
  readonly seedAliases: Readonly<Record<string, string>>
  /** What the help says of flags of all CLIs that mean more, or less, here. */
  readonly flagHelp?: Readonly<Record<string, string>>
  readonly words: Words
  /** What has to be said about flags that do nothing here. Throws UsageError where flags contradict each other. */
  remarks?(flags: Flags): readonly string[]
  /**
   * What comes before a run that fetches, or a dry run: after the source was made, and before anything is contacted. What a run is
   * going to cost, or lacks. Throws UsageError where the user does not want it.
   */
  beforeRun?(tools: BeforeRunTools): Promise<void>
  /** What this run leaves out although it was asked for, as the user chose; looked up before anything is contacted. */
  skip?(flags: Flags, ledger: Ledger): Promise<PlanOptions['skip']>
  /**
   * Whether `coverage` is about what this source of the ledger holds, and not about its clips and pictures; those are only shown
   * where there is nothing else. Default: about all.
   */
  isContinuous?(sourceId: string): boolean
  /**
   * What `download` asks for without --start and --end: what was not listed by an earlier run, and `lookBackMs` before it, because
   * footage may appear late; the first time `firstMs` back from now. Default: all there is.
   */
  readonly sinceLastRun?: { readonly firstMs: number; readonly lookBackMs: number }
  /** Where the log of each run goes unless `--log-dir` says otherwise, below the archive. Default: no such logs. */
  readonly logFolder?: string | ((flags: Flags) => string)
  /** What the log of a run is called, before its time. Default: the CLI's name. */
  logName?(flags: Flags): string
  /**
   * Whether a file in the archive's folder `root` that is no recording was left there by this program: `verify` then does not take it
   * for somebody else's. `path` is relative, with `/`. Logs in a `logFolder` of one name are known.
   */
  leaves?(path: string, root: string): Promise<boolean>
  /** How long footage that is not ready yet is waited for; 0: not at all. Milliseconds. Default: the core's. */
  pendingDeadlineMs?(flags: Flags): number
  /**
   * What follows a run that began, before its last line: also one that was interrupted (`stop`), or in which something failed; never
   * a dry run. Its exit code counts where the run's own was 0. What it throws is explained, and ends the run with 1 at least.
   */
  afterRun?(tools: AfterRunTools): Promise<ExitCode | undefined>
  /** What follows a dry run that could list everything it had to, before its last line: what a run would cost. */
  afterPlan?(tools: AfterPlanTools): Promise<void>
  /** When the stored login ends unless it is used or renewed, as far as anybody can tell; contacts nothing. */
  loginExpires?(flags: Flags, context: SourceContext): Promise<EpochMs | undefined>
  /** What the user types to renew it: `eagleeye-cli login`. */
  readonly renewLogin?: string
  /** Makes the source; contacts nothing. A TypeError or RangeError it throws is shown as a mistake on the command line. */
  makeSource(flags: Flags, context: SourceContext): FootageSource
  /** The address as the user knows it, for messages. Never contains a secret. */
  address(flags: Flags): string
  /** What a user can do about an error of this code or `vendorCode`, in this vendor's terms; empty where its messages say so themselves. */
  readonly advice?: Readonly<Record<string, string>>
  /** Paragraphs at the end of `--help`. */
  readonly helpNotes: readonly string[]
}

/** A command that only some vendors have. It is run by the code of all commands. */
export interface VendorCommand {
  readonly name: string
  readonly summary: string
  /**
   * `download` fetches; `sync` does, too, and begins where the archive begins; `list` prints the recordings and writes nothing. A
   * function decides by the flags. A program does something else: it is given the flags of the connection, of trust and of output,
   * and those of `flags`; no others.
   */
  readonly does: VendorAction | ((flags: Flags) => VendorAction) | VendorProgram
  /** Names of this vendor's flags that belong to this command: shown in its help, refused by commands that do not name them. */
  readonly flags?: readonly string[]
  /** What the help of this command says of flags that mean less, or more, here. */
  readonly flagHelp?: Readonly<Record<string, string>>
  /** Names of flags of `download` that mean nothing here: not shown, and refused. */
  readonly without?: readonly string[]
  /** Where its files go unless `--layout` says otherwise. Default: as `download`. */
  readonly layout?: SeedLayout
  /**
   * `archive`: a program that contacts nobody: it has an empty account, and of the flags those of output and those it names, which
   * other commands may have as well. Default `source`.
   */
  readonly needs?: 'source' | 'archive'
  /** It runs until it is stopped, so `service print` makes a service of it without a timer. */
  readonly stays?: true
  /** A program's operand, as the help shows it: `DIR`. It may be left out. */
  readonly operand?: string
}

export type VendorAction = 'download' | 'sync' | 'list'

/** A command that is no archiving, such as a login in a browser. */
export interface VendorProgram {
  /** Called before credentials are looked for. Throws UsageError where the flags make no sense for it. */
  check?(flags: Flags): void
  /** What it throws is explained like everywhere: a CamError ends with 2, a UsageError with 64, Ctrl-C with 130. */
  run(tools: CommandTools): Promise<ExitCode>
}

/** What a program works with. */
export interface CommandTools {
  readonly flags: Flags
  /** What was given for `operand`. */
  readonly operand?: string
  /** As `makeSource` is given it. */
  readonly context: SourceContext
  readonly report: {
    info(text: string): void
    warning(text: string): void
    /** One object of `--json`; `text` is its line for people. */
    item(type: string, fields: Readonly<Record<string, unknown>>, text?: string, to?: 'out' | 'err'): void
  }
  /** Aborted on Ctrl-C, and on everything else that ends a run at once. */
  readonly signal: AbortSignal
  /** The same, and also aborted by the first Ctrl-C where the command stays until it is stopped: what is under way may then end. */
  readonly stop: AbortSignal
  /** Which archives this machine knows. */
  readonly registry: ArchiveRegistry
  /** IANA zone in which people read times: `--timezone`, where there is such a flag, else the system's. */
  readonly timeZone: string
  /** Whether somebody can be asked: standard input is a terminal. */
  readonly interactive: boolean
  /**
   * One line of the user's, shown while it is typed; without a terminal, the next line of standard input. Asked on stderr. Throws
   * UsageError where there is none, and the reason of `signal`, or of the one given.
   */
  ask(question: string, signal?: AbortSignal): Promise<string>
}

/** What there is before a run. */
export interface BeforeRunTools extends CommandTools {
  /** Somebody sees the question, too. */
  readonly interactive: boolean
  /** Nothing is fetched. */
  readonly dryRun: boolean
}

/** What there is after a run. */
export interface AfterRunTools extends CommandTools {
  readonly ledger: Ledger
  /** The archive's folder. */
  readonly root: string
  readonly sourceId: string
  /** Those of this run. */
  readonly cameras: readonly Camera[]
  /** What the run asked for; absent where that was no one window. */
  readonly window?: TimeWindow
  readonly summary: Summary
}

/** What there is after a dry run. */
export interface AfterPlanTools extends CommandTools {
  /** As `makeSource` made it; what was listed was listed by it. */
  readonly source: FootageSource
  /** To be read only; empty where there is no archive yet. */
  readonly ledger: Ledger
  readonly sourceId: string
  /** What a run would ask the source for. */
  readonly recordings: readonly Recording[]
}

/** What there is to complete flags with. */
export interface CompleteTools {
  readonly command: string
  readonly clock: Clock
  /** IANA zone in which people read and write times: `--timezone`, else the system's. */
  readonly timeZone: string
  /** Whether somebody can be asked. */
  readonly interactive: boolean
  /** Asks until `read` takes the answer, a few times at most: what it throws as UsageError is shown. Asked once for all runs of `--every`. */
  ask<T>(question: string, read: (text: string) => T): Promise<T>
}

/** A template, or what the flags make of it. */
export type SeedLayout = string | ((flags: Flags) => string | Layout)

/** What an account is called on the command line and in the environment. */
export interface CredentialNames {
  /** Whether the flags choose this kind. Default: always. */
  when?(flags: Flags): boolean
  /** Absent where the password alone says who it is: a token. */
  readonly username?: CredentialName
  /** `optional`: there may be none. Then it is '', and nobody is asked for it. */
  readonly password: CredentialName & { readonly optional?: true }
  /** Further secrets, none of them needed: an API key. They are never shown. */
  readonly others?: readonly OtherSecret[]
  /** Names that a seed's settings file used. Only looked up in `--env-file`. */
  readonly settingsFile?: { readonly username?: string; readonly password?: string }
}

export interface CredentialName {
  readonly flag: string
  readonly alias?: string
  readonly env: string
  /** What messages call it: `client id`. Default: `account`, or `password`. */
  readonly label?: string
  /** What the help says of it. Default: its label. */
  readonly help?: string
  /** How the value is shown in the help. Default `NAME`, or `PASSWORD`. */
  readonly value?: string
}

/** A secret besides name and password. */
export interface OtherSecret {
  readonly flag: string
  readonly env: string
  readonly help: string
  /** How the value is shown in the help. Default `SECRET`. */
  readonly value?: string
  /** Its name in a seed's settings file. Only looked up in `--env-file`. */
  readonly settingsFile?: string
}

export interface Defaults {
  readonly dest: string
  readonly layout: string
  /** What `--layout seed` means. */
  readonly seedLayout: SeedLayout
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
  /** What the user knows a recording by. Default: its own name. */
  recording?(recording: Recording, camera: Camera): string
}

/** What a vendor's factory needs besides its own flags. */
export interface SourceContext {
  /** The command's name: some vendors have other footage for each. */
  readonly command: string
  /** '' where the password alone says who it is. */
  readonly username: string
  /** '' where there is none and none is needed. */
  readonly password: string
  /** Those of `others` that were found, by the name of their flag. */
  readonly secrets: Readonly<Record<string, string>>
  readonly tls: { readonly insecure?: boolean; readonly ca?: string; readonly fingerprint256?: string }
  readonly timeouts: { readonly firstByteMs: number; readonly idleMs: number }
  readonly retry: { readonly retries: number; readonly delayMs: number; readonly growth: 'fixed' | 'exponential' }
  /** Absent where the login must not outlive the run. */
  readonly sessions?: SessionStore
  readonly clock: Clock
  /** For proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** For what a source has to tell while it waits. */
  readonly say: {
    info(text: string): void
    warning(text: string): void
    /** One object of `--json`. */
    item(type: string, fields: Readonly<Record<string, unknown>>): void
  }
}
