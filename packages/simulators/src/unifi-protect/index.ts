/** A pretend UniFi Protect console: legacy Protect 1.x, or UniFi OS with Protect 4 or 7. */
export {
  startUnifiProtect,
  type UnifiProtectSimulator,
  type UnifiProtectSimulatorOptions,
} from './server.ts'
export { type UnifiProtectSwitches, unifiProtectSwitches } from './switches.ts'
export type { TruthQuery, UnifiProtectTruth } from './truth.ts'
export type {
  ProtectCameraSpec,
  ProtectChannel,
  ProtectEventSpec,
  ProtectWorld,
  TimeWindow,
} from './world.ts'
export { eventsIn, holed, recordedAround } from './world-making.ts'
