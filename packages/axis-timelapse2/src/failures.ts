import {
  AuthenticationError,
  BusyError,
  type CamError,
  ExpiredError,
  isCamError,
  NotFoundError,
  ProofError,
  ProtocolError,
  RequestError,
  ServerError,
  UnavailableError,
} from '@cam/download-core/source'

/** Stands in every error of this package. */
export const vendor = 'axis-timelapse2'

const starting = 3000

/** Who was asked, and as whom. */
export interface Asked {
  readonly address: string
  readonly username?: string
}

const administrator = 'The timelapse app serves administrator accounts only, so an administrator account is needed.'

/** The camera let nobody in. Its own words are in `cause`, or there was no account to offer. */
export function notLetIn({ address, username }: Asked, cause?: unknown): AuthenticationError {
  if (isCamError(cause) && cause.vendorCode === 'basic-over-http') {
    const { vendorCode } = cause
    return new AuthenticationError(
      `The login of the camera at ${address} was not tried with the account ${JSON.stringify(username)}: ${cause.message}`,
      { vendor, vendorCode, httpStatus: 401, cause },
    )
  }
  const said = cause instanceof Error ? ` ${cause.message}` : ''
  const tried =
    username === undefined
      ? `The camera at ${address} asks for a login, and no user name and password were given.`
      : `The camera at ${address} did not let in the account ${JSON.stringify(username)}.`
  return new AuthenticationError(`${tried} ${administrator}${username === undefined ? '' : said}`, {
    vendor,
    httpStatus: 401,
    cause,
  })
}

/** Credentials are never carried along, so a redirect ends here. PROTOCOL.md §1.7. */
export function redirected({ address }: Asked, status: number, location: string | undefined): CamError {
  const there = location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined
  const advice = there
    ? `Give ${there} as the host.`
    : "Is this the camera's own address? A login page may answer in its place."
  // What follows may carry a session.
  const to = location?.replace(/[?#;].*/s, '')
  return new RequestError(
    `The camera at ${address} sends every request elsewhere (${status}${to ? ` to ${to}` : ''}). ${advice}`,
    { vendor, httpStatus: status },
  )
}

/** Somebody answered, but no timelapse app. */
export function noApp({ address }: Asked, tried: readonly { readonly path: string; readonly got: string }[]): CamError {
  const found = tried.map(({ path, got }) => `${path} gave ${got}`).join('; ')
  const words = `${address} answers, but there is no Axis timelapse app: ${found}. Is this the camera's own address, and is Timelapse2 or TimelapseMe installed and started on it (camera page, Apps)?`
  return tried.every(({ got }) => got === notFound)
    ? new NotFoundError(words, { vendor, httpStatus: 404 })
    : new ProtocolError(words, { vendor })
}

/** The web server answers 503 for an app that is installed and does not run. */
export function notRunning({ address }: Asked, cause: CamError): CamError {
  return new ServerError(
    `${address} answers 503 for the timelapse app: it is installed but not running, or a proxy in between does not reach the camera. Start it on the camera (camera page, Apps). ${cause.message}`,
    { vendor, httpStatus: 503, cause },
  )
}

/** Another camera than the one that answers here. */
export function otherCamera({ address }: Asked, wanted: string, found: string): CamError {
  return new NotFoundError(
    `Camera ${JSON.stringify(wanted)} was asked for, but ${JSON.stringify(found)} answers at ${address}.`,
    { vendor },
  )
}

/** How `noApp` writes a 404. */
export const notFound = '404 Not Found'

/** 0.9.8 and older. */
export function tooOld({ address }: Asked, version: string): CamError {
  return new UnavailableError(
    `The camera at ${address} runs Timelapse2 ${version}, which cannot archive. Update the app to 1.1.3 or newer.`,
    { vendor, vendorCode: version },
  )
}

/** PROTOCOL.md §2.4. */
export function cardMissing({ address }: Asked, message: string | undefined): CamError {
  const said = message ? ` (it says: ${message})` : ''
  return new UnavailableError(
    `The timelapse app of ${address} has no SD card${said}, so it lists no archives. Insert or mount the card (camera page, System, Storage) and run again.`,
    { vendor, vendorCode: 'sdcard' },
  )
}

/** PROTOCOL.md §2.4. */
export function notConverted(
  { address }: Asked,
  { status, done, of }: { readonly status: string; readonly done?: number; readonly of?: number },
): CamError {
  const counted = done !== undefined && of !== undefined ? `, ${done} of ${of} done` : ''
  const words = `The timelapse app of ${address} lists nothing until the conversion of its AVI archives to MP4 is over (${status}${counted}).`
  if (status === 'running' || status === 'cancelling') {
    return new BusyError(`${words} It goes on by itself: run again later.`, { vendor, vendorCode: status })
  }
  return new UnavailableError(`${words} Open the app's page on the camera and start or decline the conversion.`, {
    vendor,
    vendorCode: status,
  })
}

/** PROTOCOL.md §2.3. */
export function stillStarting({ address }: Asked, cause: unknown): CamError {
  const { httpStatus, message } = isCamError(cause) ? cause : { httpStatus: undefined, message: String(cause) }
  return new BusyError(
    `The timelapse app of ${address} is still starting: it answers, but not yet for its archives (${message}) This lasts a few seconds; if it stays so, restart the app on the camera.`,
    { vendor, retryAfterMs: starting, cause, ...(httpStatus !== undefined && { httpStatus }) },
  )
}

/** The list is not one, or only part of one. */
export function unreadableList({ address }: Asked, what: string, cause?: unknown): CamError {
  return new ProtocolError(
    `The list of archives of ${address} cannot be read: ${what}. Nothing was taken from it; run again, and if it stays so, restart the app on the camera.`,
    { vendor, cause },
  )
}

/** An entry of the list that names nothing to ask for. */
export function unusable({ address }: Asked, problem: string, entry: string): CamError {
  return new ProtocolError(
    `${address} lists an archive that ${problem}, so it cannot be asked for. The entry: ${entry}`,
    { vendor },
  )
}

/** PROTOCOL.md §5.2. */
export function unspeakable({ address }: Asked, name: string, version: string | undefined): CamError {
  return new UnavailableError(
    `${address} lists ${JSON.stringify(name)}, but Timelapse2 ${version ?? 'before 3.1.3'} can serve no name with a space, # or & in it: nobody can download this archive over the network. Update the app to 3.1.3 or newer, or take the file from the SD card; new archives are fetchable once the profile has a plain name.`,
    { vendor, httpStatus: 404 },
  )
}

/** Was in the list, is in it no longer. PROTOCOL.md §3.9. */
export function vanished({ address }: Asked, name: string): CamError {
  return new ExpiredError(
    `${JSON.stringify(name)} is gone: ${address} listed it, then answered 404, and no longer lists it. The app removes archives older than its retention time.`,
    { vendor, httpStatus: 404 },
  )
}

/** In the list, but not on the card. */
export function missing({ address }: Asked, name: string, cause: unknown): CamError {
  return new NotFoundError(
    `${address} goes on listing ${JSON.stringify(name)} but says that there is no such file. Its card may be damaged or half mounted: check it on the camera.`,
    { vendor, httpStatus: 404, cause },
  )
}

/** Two archives under one name, one content. PROTOCOL.md §3.5. */
export function overwritten(name: string, code: 'WRONG_LENGTH' | 'UNPROVABLE'): CamError {
  const why =
    code === 'WRONG_LENGTH'
      ? 'what it serves has the length of the other one'
      : 'the list states no lengths that could tell which one it serves, and the later one is kept'
  return new ProofError(
    `The camera lists two archives named ${JSON.stringify(name)} but holds one file: ${why}. This one's content was overwritten on the camera. Give its profiles different names.`,
    { vendor, code },
  )
}
