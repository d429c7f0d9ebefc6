/** Real, playable media made without any encoder: the same options give the same bytes on every machine. */
export { bytesFile, joinFiles, type SyncVirtualFile, sha256Of, type VirtualFile } from './kit/virtual-file.ts'
export { type AviMedia, type AviOptions, mjpegAvi } from './media/avi.ts'
export { type CameraStillOptions, cameraStill } from './media/camera-still.ts'
export { type DashcamClipOptions, dashcamClip } from './media/dashcam-clip.ts'
export { type DashcamStillOptions, dashcamStill } from './media/dashcam-still.ts'
export { type FlvOptions, flv } from './media/flv.ts'
export { type FragmentedMp4Options, fragmentedMp4 } from './media/fragmented-mp4.ts'
export type { Media, MediaFacts } from './media/media.ts'
export { type Mp4Options, mp4, sizedMp4 } from './media/mp4.ts'
export { type JpegOptions, jpeg } from './media/picture.ts'
export { noise, randomNumbers } from './media/prng.ts'
export { readStamp, type Stamp, type StampArea } from './media/stamp.ts'
export { type SurveillanceFlvOptions, surveillanceFlv } from './media/surveillance-flv.ts'
export {
  type FilmGroup,
  groupMs,
  type SurveillanceMp4Options,
  stubMp4,
  surveillanceMp4,
} from './media/surveillance-mp4.ts'
