/** A pretend Reolink device with its HTTP API: a camera, a recorder of either kind, or a hub. */
export type { ReolinkFilmTruth } from './films.ts'
export { type LocalTime, type ReolinkDstEdge, type ReolinkZone, reolinkZones } from './local-time.ts'
export { type ReolinkSimulator, type ReolinkSimulatorOptions, startReolink } from './server.ts'
export type { SessionEnd, SessionTruth } from './sessions.ts'
export type { ReolinkShot } from './shots.ts'
export { type ReolinkSwitches, reolinkSwitches } from './switches.ts'
export type { ReolinkRecordingTruth, ReolinkTruth, ReolinkTruthQuestion } from './truth.ts'
export type {
  ReolinkChannelSpec,
  ReolinkRecordingSpec,
  ReolinkStream,
  ReolinkTrigger,
  ReolinkWorld,
} from './world.ts'
