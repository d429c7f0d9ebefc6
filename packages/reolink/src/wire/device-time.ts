/** A moment of the device's wall clock. Months from 1. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** When the clocks change: the `week`-th `weekday` (0 is Sunday) of `month`; week 5 is the last. */
export interface ClockChange {
  readonly month: number
  readonly week: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** The answer of GetTime. PROTOCOL.md §3.4. */
export interface DeviceTime {
  /** What its wall clock showed, summer time included. */
  readonly now: LocalTime
  /** Outside of summer time; east of UTC is positive (the wire's sign is the other one). */
  readonly offsetSeconds: number
  /** Absent where summer time is switched off. `start` and `end` are wall clock. */
  readonly summer?: { readonly addSeconds: number; readonly start: ClockChange; readonly end: ClockChange }
}
