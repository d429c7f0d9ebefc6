import { at, isCamError, UnavailableError } from '@cam/download-core/source'
import { type Asked, vendor } from '../../failures.ts'
import type { Device } from '../device.ts'

/** The `vendorCode` of a recording that only the vendor's app can play. */
export const encryptedOnDisk = 'encrypted-on-disk'

/**
 * In an encrypted session the device tells whether a recording is encrypted on its disk, which nobody but the vendor's app can play.
 * Throws UnavailableError then. PROTOCOL.md §1.5.
 */
export async function refuseEncrypted(
  device: Pick<Device, 'ask'>,
  { address }: Asked,
  file: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (file === undefined) return
  let value: unknown
  try {
    value = await device.ask({ cmd: 'CheckDownload', param: { filename: file } }, signal)
  } catch (error) {
    // Firmware that does not know the question has no such encryption.
    if (isCamError(error) && (error.code === 'UNAVAILABLE' || error.code === 'REQUEST')) return
    throw error
  }
  if (!isText(at(value, 'fileName')) && !isText(at(value, 'prompt'))) return
  throw new UnavailableError(
    `${address} keeps this recording encrypted on its disk ("File Encryption"), so that only the vendor's app can play it. What is recorded with it switched off can be archived.`,
    { vendor, vendorCode: encryptedOnDisk },
  )
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
