import type {
  Camera,
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
  open(recording: Recording, from: OpenFrom, signal: AbortSignal): Promise<OpenedRecording | NotReady | Gap>
}
