import { MergeError } from './errors.ts'
import { type Ffmpeg, install, tryEncoder } from './ffmpeg.ts'
import type { EncodingOptions } from './options.ts'

/** How pictures are encoded. */
export interface Encoder {
  readonly name: string
  /** ffmpeg's arguments for it. */
  readonly options: readonly string[]
  /** What the last filter has to add for it. */
  readonly upload: string
}

/** Software first: it is the same everywhere. The others are what systems without libx264 have. */
const preferred = ['libx264', 'h264_videotoolbox', 'libopenh264', 'h264_mf', 'h264_nvenc', 'h264_qsv', 'mpeg4']

/** Builds that come with other programs are made for those alone. */
const filtersNeeded = [
  ...['color', 'concat', 'fps', 'format', 'hstack', 'pad', 'scale', 'setpts', 'setsar', 'tpad', 'trim', 'vstack'],
  ...['aformat', 'amix', 'anull', 'anullsrc', 'apad', 'aresample', 'asetpts', 'atrim', 'volume'],
]

/** Finds an encoder that really starts here. Throws MergeError `NO_ENCODER`, and `NO_FFMPEG` where the build lacks a filter. */
export async function findEncoder(
  ffmpeg: Ffmpeg,
  options: EncodingOptions,
  size: { readonly width: number; readonly height: number; readonly frameRate: number },
  signal: AbortSignal,
): Promise<Encoder> {
  const lacking = filtersNeeded.filter((name) => !ffmpeg.filters.has(name))
  if (lacking.length > 0)
    throw new MergeError(
      `${ffmpeg.path} (${ffmpeg.version}) was built without filters that are needed: ${lacking.join(', ')}.`,
      { ...{ code: 'NO_FFMPEG', advice: `Take a complete one. ${install}`, path: ffmpeg.path } },
    )
  const { encoder, encoderOptions } = options
  const candidates = encoder === undefined ? preferred.filter((name) => ffmpeg.encoders.has(name)) : [encoder]
  let words = 'it has none for H.264'
  for (const name of candidates) {
    const found = encoderNamed(name, size, encoderOptions)
    const filter = found.upload === '' ? [] : ['-vf', found.upload.slice(1)]
    const failed = ffmpeg.encoders.has(name)
      ? await tryEncoder(ffmpeg, [...filter, ...found.options], signal)
      : 'it lacks it'
    if (failed === undefined) return found
    words = `${name}: ${failed}`
  }
  throw new MergeError(`${ffmpeg.path} (${ffmpeg.version}) cannot encode: ${words}.`, {
    code: 'NO_ENCODER',
    advice:
      encoder === undefined ? 'Install an ffmpeg with libx264.' : 'Choose another encoder, or leave the choice out.',
  })
}

function encoderNamed(
  name: string,
  size: { readonly width: number; readonly height: number; readonly frameRate: number },
  own: readonly string[] | undefined,
): Encoder {
  const { width, height, frameRate } = size
  const vaapi = name.endsWith('_vaapi')
  const device = vaapi ? ['-vaapi_device', '/dev/dri/renderD128'] : []
  // A key picture every two seconds, so that players can jump; none that waits for a later one, so that pieces join evenly.
  const keys = ['-g', `${Math.max(1, Math.round(frameRate * 2))}`, '-bf', '0']
  const tag = /265|hevc/.test(name) ? ['-tag:v', 'hvc1'] : []
  return {
    name,
    options: [...device, '-c:v', name, ...(own ?? quality(name, width * height * frameRate)), ...keys, ...tag],
    upload: vaapi ? ',format=nv12,hwupload' : '',
  }
}

/** Constant quality where it is known how to ask for it, else a bit for ten pixels. */
function quality(name: string, pixelsPerSecond: number): string[] {
  if (name === 'libx264') return ['-preset', 'veryfast', '-crf', '23']
  if (name === 'libx265') return ['-preset', 'veryfast', '-crf', '26', '-x265-params', 'log-level=error']
  if (name.endsWith('_vaapi')) return ['-qp', '24']
  if (name.endsWith('_qsv')) return ['-global_quality', '24']
  if (name === 'mpeg4') return ['-q:v', '4']
  return ['-b:v', `${Math.max(500_000, Math.round(pixelsPerSecond / 10))}`]
}
