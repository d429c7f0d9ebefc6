import {
  type CamError,
  NotFoundError,
  PermissionError,
  ProtocolError,
  RequestError,
  ServerError,
  UnavailableError,
} from '@cam/download-core/source'
import { vendor } from './vendor.ts'

/** Which camera a failure is about. */
export interface AboutCamera {
  readonly address: string
  readonly camera: { readonly id: string; readonly name: string }
}

/** The account sees the camera, but may not have this of it. */
export function notAllowed(
  { address, camera }: AboutCamera,
  what: string,
  right: string,
  said?: string,
): PermissionError {
  return new PermissionError(
    `The console at ${address} refuses ${what} of ${named(camera)}${quoted(said)}: the account lacks the right ${JSON.stringify(right)} for this camera. Give it to the account's role (Settings > Admins & Users). Other cameras are not affected.`,
    { vendor, httpStatus: 403 },
  )
}

/** PROTOCOL.md §3.1: the same range is answered so again and again. */
export function damagedIndex(
  { address, camera }: AboutCamera,
  stretch: string,
  status: number,
  said?: string,
): CamError {
  return new UnavailableError(
    `The console at ${address} cannot export ${stretch} of ${named(camera)}: its own index of that footage is damaged${quoted(said)}. Asking again does not help; the console's own player may still show parts of it.`,
    { vendor, vendorCode: 'non-monotonic-timestamp', httpStatus: status },
  )
}

/** A reply that says neither "here it is" nor "there is nothing": consoles give those while they start or have too much to do. */
export function noVideo(what: string, got: string, status: number, retryAfterMs?: number): ServerError {
  return new ServerError(`${what}: expected a video, received ${got}.`, {
    vendor,
    httpStatus: status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** It had footage of this camera a moment ago, and now states none at all: more likely a disk that is not mounted yet. */
export function footageVanished({ address, camera }: AboutCamera): ServerError {
  return new ServerError(
    `The console at ${address} states no footage of ${named(camera)} any more, though it did before. It may be starting, or its disk may be missing: nothing is concluded from that.`,
    { vendor },
  )
}

/** No reply of the console's that a list can be read from. */
export function unreadableList(address: string, what: string, problem: string): ProtocolError {
  return new ProtocolError(
    `The ${what} of the console at ${address} cannot be read: ${problem}. Nothing was concluded from it.`,
    { vendor },
  )
}

/** An entry of the list of cameras that names nothing to ask for. */
export function unreadableCamera(address: string, position: number, problem: string): ProtocolError {
  return new ProtocolError(
    `Entry ${position + 1} of the cameras of the console at ${address} ${problem}, so none of its footage can be asked for.`,
    { vendor },
  )
}

/** Listed once, and now unknown. */
export function unknownCamera({ address, camera }: AboutCamera): NotFoundError {
  return new NotFoundError(`The console at ${address} no longer knows ${named(camera)}. Was it removed?`, {
    vendor,
    httpStatus: 404,
  })
}

/** It says nothing of its oldest footage, and nobody gave a start. */
export function noOldest({ address, camera }: AboutCamera): UnavailableError {
  return new UnavailableError(
    `The console at ${address} does not say how far its footage of ${named(camera)} goes back. Give the start of the time you want.`,
    { vendor },
  )
}

/** By this machine's clock all of its footage lies in the future, and so none of it would be asked for. */
export function clocksDisagree({ address, camera }: AboutCamera, oldest: string, now: string): UnavailableError {
  return new UnavailableError(
    `The console at ${address} has footage of ${named(camera)} from ${oldest} on, but here it is ${now}: one of the two clocks is wrong. Set this machine's clock, or the console's, and run again.`,
    { vendor },
  )
}

/** A recording that this package did not list. */
export function foreignRecording(id: string): RequestError {
  return new RequestError(
    `Recording ${JSON.stringify(id.slice(0, 200))} was not listed by this source: it has no window.`,
    {
      vendor,
    },
  )
}

/** A camera in a message. */
export function named({ id, name }: AboutCamera['camera']): string {
  return name === '' || name === id ? `camera ${id}` : `${JSON.stringify(name)} (${id})`
}

function quoted(said: string | undefined): string {
  return said ? ` (it says: ${said})` : ''
}
