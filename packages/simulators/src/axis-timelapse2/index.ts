/** A pretend Axis camera with Timelapse2 (1.x, 3.x) or TimelapseMe. */
export { type AxisTimelapse2Options, type AxisTimelapse2Simulator, startAxisTimelapse2 } from './server.ts'
export { type AxisSwitches, axisSwitches } from './switches.ts'
export type { ArchiveSpec, Truth } from './world.ts'
