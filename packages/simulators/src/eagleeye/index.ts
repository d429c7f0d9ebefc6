/** A pretend Eagle Eye cloud: the classic API and v3, each host on a port of its own. */
export type { Credentials, HostName } from './cloud.ts'
export type { FilmForm } from './films.ts'
export { type EagleEyeSimulator, type EagleEyeSimulatorOptions, startEagleEye } from './server.ts'
export { type EagleEyeSwitches, eagleEyeSwitches } from './switches.ts'
export type { EagleEyeTruth, FilmTruth } from './truth.ts'
export type { TokenReply } from './v3/tokens.ts'
export type {
  EagleEyeBridgeSpec,
  EagleEyeCameraSpec,
  EagleEyeClipSpec,
  EagleEyeWorld,
  TimeWindow,
} from './world.ts'
export { clipsIn } from './world-making.ts'
