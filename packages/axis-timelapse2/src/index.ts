export type { AppName, AxisTimelapse2Options } from './options.ts'
export { axisTimelapse2 } from './source.ts'
