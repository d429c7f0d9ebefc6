export type { ApiKeyHeader, ClassicOptions, EagleEyeOptions, Hosts, V3Options } from './options.ts'
export { eagleEye } from './source.ts'
