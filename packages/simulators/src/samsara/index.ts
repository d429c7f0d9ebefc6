/** A pretend Samsara: the API of three regions, and the host of signed URLs, each on a port of its own. */
export type { HostName } from './cloud.ts'
export type { FilmTruth } from './films.ts'
export type { Order } from './orders.ts'
export {
  type FilmQuestion,
  type SamsaraCounters,
  type SamsaraSimulator,
  type SamsaraSimulatorOptions,
  startSamsara,
} from './server.ts'
export { type SamsaraSwitches, samsaraSwitches } from './switches.ts'
export type { SamsaraTruth, TruthQuestion } from './truth.ts'
export type {
  SamsaraAngle,
  SamsaraCameraSpec,
  SamsaraClipSpec,
  SamsaraInput,
  SamsaraMediaType,
  SamsaraUploadSpec,
  SamsaraVehicleSpec,
  SamsaraWorld,
  TimeWindow,
} from './world.ts'
