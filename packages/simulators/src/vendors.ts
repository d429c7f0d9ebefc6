import { type AxisTimelapse2Simulator, axisSwitches, startAxisTimelapse2 } from './axis-timelapse2/index.ts'
import { eagleEyeSwitches, startEagleEye } from './eagleeye/index.ts'
import { parseSwitches, type Switch } from './kit/switches.ts'
import { reolinkSwitches, startReolink } from './reolink/index.ts'
import { samsaraSwitches, startSamsara } from './samsara/index.ts'
import { startUnifiProtect, unifiProtectSwitches } from './unifi-protect/index.ts'

/** A simulator as the command line knows it. */
export interface Vendor {
  readonly about: string
  readonly switches: Readonly<Record<string, Switch<unknown>>>
  /** Reads the `key=value` texts; throws TypeError. What it returns starts the simulator. */
  prepare(written: readonly string[], options: { port: number; tls: boolean }): () => Promise<RunningSimulator>
}

/** What the command line needs of a simulator that runs. */
export type RunningSimulator = Pick<AxisTimelapse2Simulator, 'url' | 'args' | 'env' | 'log' | 'violations' | 'close'>

/** Every pretend vendor, by the name one types. */
export const vendors: Readonly<Record<string, Vendor>> = {
  'axis-timelapse2': {
    about: 'an Axis camera with Timelapse2 (1.x, 3.x) or TimelapseMe',
    switches: axisSwitches,
    prepare(written, options) {
      const switches = parseSwitches(axisSwitches, written)
      if (switches.world === 'custom')
        throw new TypeError(
          'world custom is for programs, which hand in its archives; here there are default, months, nasty, huge and empty',
        )
      return () => startAxisTimelapse2({ ...options, switches })
    },
  },
  'unifi-protect': {
    about: 'a UniFi Protect console, legacy or UniFi OS; it always speaks TLS',
    switches: unifiProtectSwitches,
    prepare(written, { port }) {
      const switches = parseSwitches(unifiProtectSwitches, written)
      if (switches.world === 'custom')
        throw new TypeError('world custom is for programs, which hand it in; here there are default, dst and nasty')
      return () => startUnifiProtect({ port, switches })
    },
  },
  eagleeye: {
    about: 'the Eagle Eye cloud: the classic API and v3, each host on a port of its own',
    switches: eagleEyeSwitches,
    prepare(written, options) {
      const switches = parseSwitches(eagleEyeSwitches, written)
      if (switches.world === 'custom')
        throw new TypeError('world custom is for programs, which hand it in; here there are default and week')
      return () => startEagleEye({ ...options, switches })
    },
  },
  samsara: {
    about: 'Samsara: the API of three regions and the host of signed URLs, each on a port of its own',
    switches: samsaraSwitches,
    prepare(written, options) {
      const switches = parseSwitches(samsaraSwitches, written)
      if (switches.world === 'custom') throw new TypeError('world custom is for programs, which hand it in')
      return () => startSamsara({ ...options, switches })
    },
  },
  reolink: {
    about: 'a Reolink camera, recorder or hub with its HTTP API',
    switches: reolinkSwitches,
    prepare(written, options) {
      const switches = parseSwitches(reolinkSwitches, written)
      if (switches.world === 'custom')
        throw new TypeError(
          'world custom is for programs, which hand it in; here there are default, dst, busy and empty',
        )
      return () => startReolink({ ...options, switches })
    },
  },
}
