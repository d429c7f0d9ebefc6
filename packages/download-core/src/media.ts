export { readAvi } from './transfer/container/avi.ts'
export { readFlv } from './transfer/container/flv.ts'
export { readJpeg } from './transfer/container/jpeg.ts'
export { readMp4 } from './transfer/container/mp4.ts'
export { type Mp4Track, type Mp4Tracks, readMp4Tracks } from './transfer/container/mp4-tracks.ts'
export {
  type ByteSource,
  bytesSource,
  type ContainerReport,
  type MediaFacts,
  type PictureRun,
} from './transfer/container/report.ts'
export { containerOf, readContainer } from './transfer/container.ts'
