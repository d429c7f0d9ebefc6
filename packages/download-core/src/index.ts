export { archive } from './archive/archive.ts'
export {
  type Coverage,
  type CoverageLine,
  type CoverageOptions,
  type CoverageSegment,
  type CoverageState,
  coverage,
  gaps,
} from './archive/coverage.ts'
export type * from './archive/events.ts'
export { type ArchiveFolder, type OpenFolderOptions, openArchiveFolder } from './archive/folder.ts'
export { compileLayout, type Layout, type LayoutSubject, layouts } from './archive/layout.ts'
export type * from './archive/ledger.ts'
export { selectCameras } from './archive/listing.ts'
export { memoryLedger } from './archive/memory-ledger.ts'
export type * from './archive/options.ts'
export { type DryRunOptions, type PlanEvent, type PlannedEnd, plan } from './archive/plan.ts'
export { safeName } from './archive/safe-name.ts'
export { type VerifyEvent, type VerifyOptions, type VerifySummary, verify } from './archive/verify-archive.ts'
export { slotsSourceId } from './capture/account.ts'
export { capture } from './capture/capture.ts'
export type * from './capture/events.ts'
export type * from './capture/options.ts'
export { type PictureCoverage, type PictureGap, pictureCoverage } from './capture/picture-coverage.ts'
export { parseTimetable, type Timetable } from './capture/timetable.ts'
export { type Clock, systemClock } from './clock.ts'
export * from './footage/camera.ts'
export * from './footage/errors.ts'
export * from './footage/outcome.ts'
export * from './footage/recording.ts'
export * from './footage/source.ts'
export * from './footage/time-window.ts'
export type { Retrying, RetryPolicy } from './retry.ts'
export { disk } from './transfer/disk.ts'
export type * from './transfer/file-system.ts'
export type { TransferEvent } from './transfer/job.ts'
