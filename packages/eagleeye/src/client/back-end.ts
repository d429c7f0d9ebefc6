import type {
  Camera,
  EpochMs,
  Gap,
  Identity,
  NotReady,
  OpenedRecording,
  OpenFrom,
  Recording,
  TimeWindow,
} from '@cam/download-core/source'

/** One of the vendor's two interfaces, spoken to. Both give the same cameras and recordings the same ids. */
export interface BackEnd extends AsyncDisposable {
  identify(signal: AbortSignal): Promise<Identity>
  cameras(signal: AbortSignal): AsyncIterable<Camera>
  recordings(camera: Camera, window: TimeWindow | undefined, signal: AbortSignal): AsyncIterable<Recording | Gap>
  /** What of a recording lies behind `from`, as recordings of their own: see `FootageSource.remainder`. */
  remainder(recording: Recording, from: EpochMs): readonly Recording[]
  open(recording: Recording, from: OpenFrom, signal: AbortSignal): Promise<OpenedRecording | NotReady | Gap>
}
