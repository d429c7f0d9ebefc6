import { type CamErrorOptions, FatalError } from '@cam/download-core/source'

/**
 * What went wrong:
 * `NO_FFMPEG` none was found, or the one given does not run or lacks filters · `NO_ENCODER` it lacks, or cannot start, the encoder asked for ·
 * `CLIP_UNREADABLE` an input is missing, cut off, or no video · `CLIPS_DIFFER` they cannot be joined as asked ·
 * `FILE_EXISTS` something has the result's name · `RESULT_WRONG` ffmpeg failed, or what it wrote is not what it had to write.
 */
export type MergeErrorCode =
  | 'NO_FFMPEG'
  | 'NO_ENCODER'
  | 'CLIP_UNREADABLE'
  | 'CLIPS_DIFFER'
  | 'FILE_EXISTS'
  | 'RESULT_WRONG'

/** Nothing was published and no input was touched. A full or unwritable disk is a `DiskError` of the core instead. */
export class MergeError extends FatalError {
  readonly code: MergeErrorCode
  /** What went wrong; the beginning of the message. */
  readonly problem: string
  /** What the user can do about it; also the end of the message. */
  readonly advice: string
  /** The file it is about. */
  readonly path?: string

  constructor(
    message: string,
    options: CamErrorOptions & { readonly code: MergeErrorCode; readonly advice: string; readonly path?: string },
  ) {
    super(`${message} ${options.advice}`, options)
    this.code = options.code
    this.problem = message
    this.advice = options.advice
    if (options.path !== undefined) this.path = options.path
  }
}
