export type { DeviceFacts } from './client/facts.ts'
export type { ApiPath, LoginMode, PictureSize, ReolinkOptions, Stream, Trigger } from './options.ts'
export { type Reolink, reolink } from './source.ts'
