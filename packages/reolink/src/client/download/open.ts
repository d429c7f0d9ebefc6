import {
  type CamError,
  ExpiredError,
  isCamError,
  type OpenedRecording,
  type OpenFrom,
  openBody,
  type Recording,
  UnavailableError,
} from '@cam/download-core/source'
import { type Asked, vendor } from '../../failures.ts'
import type { Settings } from '../../options.ts'
import type { Device } from '../device.ts'
import { channelOf, zoneOf } from '../recordings/list.ts'
import { momentsOf } from '../recordings/zone.ts'
import { refuseEncrypted } from './disk-encryption.ts'
import { type Fragment, makeFragment, wallOfFact } from './fragments.ts'
import { mediaHttp } from './media-http.ts'
import { createTurnstile } from './one-at-a-time.ts'
import { fileOf, isOfThisWay, type Place, type RungName, rungOf } from './rungs.ts'
import { createSilence, isSilentClose } from './silence.ts'
import { createWays } from './ways.ts'

/** What recordings are opened with. */
export interface Opening {
  readonly device: Device
  readonly settings: Settings
  /** The recording as the device lists it now. */
  listedNow(recording: Recording, signal: AbortSignal): Promise<Recording | undefined>
}

/**
 * Opens recordings of one device, one at a time, each by the first way that leads to it. Throws BusyError, later UnavailableError,
 * while the device ends all connections without an answer; ExpiredError for what it does not list any more.
 */
export function createOpener({ device, settings, listedNow }: Opening) {
  const asked: Asked = settings
  const { clock } = settings
  const turnstile = createTurnstile()
  const silence = createSilence(asked, clock)
  const ways = createWays(clock)

  const climb = async (recording: Recording, from: OpenFrom, signal: AbortSignal): Promise<OpenedRecording> => {
    silence.check()
    const place = await placeOf({ device, settings }, recording, signal)
    const failures: CamError[] = []
    for (const name of ways.order(recording)) {
      try {
        const opened = await openRung(name, place, from, signal)
        ways.worked(name)
        silence.answered()
        return opened
      } catch (error) {
        signal.throwIfAborted()
        if (isSilentClose(error)) {
          ways.closed(name)
          failures.push(error as CamError)
          silence.closed()
          continue
        }
        if (isCamError(error) && error.code !== 'NETWORK' && error.code !== 'TIMEOUT') silence.answered()
        if (!isOfThisWay(error)) throw error
        failures.push(error)
      }
    }
    throw mostTelling(failures)
  }

  const openRung = async (name: RungName, place: Place, from: OpenFrom, signal: AbortSignal) => {
    const { recording } = place
    const rung = rungOf(name, place)
    if (name !== 'flv' && device.encrypted) await refuseEncrypted(device, asked, fileOf(recording), signal)
    let isFlv = false
    const http = mediaHttp({ device, asked, clock, what: rung.what, inSession: name !== 'flv', target: rung.target })
    const opened = await openBody(http, { url: device.url([]), signal }, from, {
      representation: name,
      resume: name === 'flv' ? 'never' : recording.resume,
      clock,
      accept(_type, first) {
        isFlv = Buffer.from(first.subarray(0, 3)).toString('latin1') === 'FLV'
        return isFlv || isMp4(first) ? undefined : 'neither MP4 nor FLV (is the recording encrypted on its disk?)'
      },
    })
    const made = recording.name === undefined && name !== 'flv' ? await place.fragment(signal) : undefined
    const totalBytes = opened.totalBytes ?? (opened.startsAtByte === 0 && !isFlv ? made?.bytes : undefined)
    if (recording.bytes !== undefined && (isFlv || (name === 'playback' && totalBytes !== recording.bytes))) {
      await opened.body[Symbol.asyncIterator]().return?.()
      const what = isFlv ? 'FLV' : `${totalBytes ?? 'an unknown number of'} bytes`
      throw new UnavailableError(`${rung.what} is ${what}, and not the file of ${recording.bytes} bytes itself.`, {
        vendor,
      })
    }
    return {
      ...opened,
      ...(totalBytes !== undefined && { totalBytes }),
      ...(isFlv ? { extension: 'flv', representation: `${name}/flv` } : { extension: 'mp4' }),
    }
  }

  return (recording: Recording, from: OpenFrom, signal: AbortSignal): Promise<OpenedRecording> =>
    turnstile.run(signal, async () => {
      try {
        return await climb(recording, from, signal)
      } catch (error) {
        if (!isCamError(error) || error.vendorCode !== -222) throw error
        // Not there under this name: closed since, or overwritten. Only a new list can tell.
        const now = await listedNow(recording, signal)
        if (!now) throw overwritten(asked, recording)
        if (fileOf(now) === fileOf(recording)) throw error
        return climb(
          { ...recording, ...(now.name !== undefined && { name: now.name }), facts: now.facts ?? {} },
          from,
          signal,
        )
      }
    })
}

async function placeOf(
  { device, settings }: Pick<Opening, 'device' | 'settings'>,
  recording: Recording,
  signal: AbortSignal,
): Promise<Place> {
  const facts = await device.facts(signal)
  const channel = channelOf(facts, recording.cameraId, settings.address).index
  const stream = recording.view === 'sub' ? 'sub' : 'main'
  const from = wallOfFact(recording, 'from')
  let made: Promise<Fragment> | undefined
  const fragment = () => {
    const repeated = from !== undefined && momentsOf(zoneOf(facts, settings), from).length > 1
    const utc = recording.window?.start ?? 0
    made ??= makeFragment({ device, asked: settings, recording, channel, stream, utc, repeated }, signal)
    return made
  }
  return { device, settings, recording, channel, stream, fragment }
}

/** The first box of an MP4, whatever the file begins with. */
function isMp4(first: Uint8Array): boolean {
  return /^(ftyp|styp|moov|moof|mdat|free|skip|wide|sidx|uuid|pdin|prft|emsg)$/.test(
    Buffer.from(first.subarray(4, 8)).toString('latin1'),
  )
}

/** Silence is no answer; what is not there is looked for; what may pass comes before what does not. */
function mostTelling(failures: readonly CamError[]): CamError {
  const isMissing = ({ vendorCode }: CamError) => vendorCode === -222
  return (
    failures.find(isSilentClose) ??
    failures.find(isMissing) ??
    failures.find(({ retryable }) => retryable) ??
    failures[0]!
  )
}

function overwritten({ address }: Asked, { id }: Recording): ExpiredError {
  return new ExpiredError(`${address} lists ${id} no longer: it was overwritten or deleted.`, { vendor })
}
