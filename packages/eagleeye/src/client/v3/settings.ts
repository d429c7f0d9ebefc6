import type { SessionStore } from '@cam/download-core/source'
import type { Settings } from '../../options.ts'

/** Whom to speak to, and how. */
export interface Reach extends Pick<Settings, 'trusted' | 'tls' | 'timeouts' | 'retry' | 'clock' | 'env'> {
  readonly hosts: Pick<Settings['hosts'], 'auth' | 'api'>
}

/** The application that the account's owner gave a consent to, and where the tokens are kept. */
export interface Client {
  readonly clientId: string
  /** Absent for a public client, which gets no refresh token. */
  readonly clientSecret?: string | undefined
  readonly sessions: SessionStore
}

/** Checked options, as far as this interface of the vendor's needs them. */
export interface V3Settings extends Reach, Pick<Settings, 'settleMs' | 'lookBackMs'> {
  readonly client: Client
}
