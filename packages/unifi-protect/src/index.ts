export type { Channel, EventOptions, Footage, TimelapseSpeed, UnifiProtectOptions } from './options.ts'
export { type EventQuery, type UnifiProtectSource, unifiProtect } from './source.ts'
export type { ProtectEvent } from './wire/event.ts'
