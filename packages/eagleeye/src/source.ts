import type { FootageSource } from '@cam/download-core/source'
import type { BackEnd } from './client/back-end.ts'
import { createClassic } from './client/classic/index.ts'
import { createV3 } from './client/v3/index.ts'
import { vendor } from './failures/index.ts'
import { type EagleEyeOptions, readOptions, type Settings } from './options.ts'

/** What films are limited by is the bridge's way up to the cloud: one for each camera, a few in all. */
const transfers = 4

/**
 * The footage of one Eagle Eye Networks account, through the interface that `api` names. Both give cameras and recordings the
 * same ids. Throws TypeError or RangeError for options that make no sense; contacts nothing before the first call.
 */
export function eagleEye(options: EagleEyeOptions): FootageSource {
  const settings = readOptions(options)
  const backEnd = backEndOf(settings)
  return {
    vendor,
    identity: 'own',
    limits: { transfers, transfersPerCamera: 1 },
    patience: patienceOf(settings),
    identify: ({ signal }) => backEnd.identify(signal),
    cameras: ({ signal }) => backEnd.cameras(signal),
    recordings: (camera, window, { signal }) => backEnd.recordings(camera, window, signal),
    remainder: (recording, from) => backEnd.remainder(recording, from),
    open: (recording, from, { signal }) => backEnd.open(recording, from, signal),
    [Symbol.asyncDispose]: () => backEnd[Symbol.asyncDispose](),
  }
}

function backEndOf(settings: Settings): BackEnd {
  return settings.api === 'classic' ? createClassic(settings) : createV3(settings)
}

/** How long a film may take to begin: its first byte, behind a login or on the way to another host, each as slow as they may be. */
function patienceOf({ timeouts }: Settings): NonNullable<FootageSource['patience']> {
  const { connectMs = 20_000, tlsMs = 20_000, firstByteMs = 200_000, idleMs = 60_000 } = timeouts
  return { openMs: 2 * (connectMs + tlsMs + firstByteMs), idleMs }
}
