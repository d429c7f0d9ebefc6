import type { Clip } from './clips.ts'
import type { AudioStream } from './probe.ts'

/** Clips that follow each other and can become one file without decoding a picture. */
export interface Group {
  readonly clips: readonly Clip[]
  /** The file has sound: clips without it get silence. */
  readonly audio: AudioStream | undefined
  /** Ticks per second of the result's pictures. */
  readonly timescale: number
  /** Streams stand in the same order in all clips: they are joined by their places, whatever they are. */
  readonly sameOrder: boolean
}

/** A rate below 10 kHz is doubled by ffmpeg until it is above: clips that were counted coarsely are counted finely. */
const finestKept = 10_000

/** Splits clips where one cannot follow the other in the same tracks; `reasons` says why, for each split. */
export function groupClips(clips: readonly Clip[], sound: boolean): { groups: Group[]; reasons: string[] } {
  const groups: Group[] = []
  const reasons: string[] = []
  let open: Clip[] = []
  let audio: AudioStream | undefined
  const close = () => {
    if (open.length > 0) groups.push(groupOf(open, audio))
  }
  for (const clip of clips) {
    const before = open.at(-1)
    const heard = sound ? clip.probe.audio : undefined
    const why = before && (pictureDifference(before, clip) ?? soundDifference(audio, heard, open.length))
    if (why) {
      reasons.push(`${clip.path}: ${why}`)
      close()
      open = []
      audio = undefined
    }
    open.push(clip)
    audio ??= heard
  }
  close()
  return { groups, reasons }
}

/** The first thing in which the pictures of two clips differ that no rewriting mends. */
function pictureDifference(a: Clip, b: Clip): string | undefined {
  const [one, two] = [a.video, b.video]
  if (a.probe.changing || b.probe.changing) return 'its parameters change within it'
  if (one.codec !== two.codec) return `${two.codec} after ${one.codec}`
  if (one.width !== two.width || one.height !== two.height)
    return `${two.width}×${two.height} after ${one.width}×${one.height}`
  if (one.rotation !== two.rotation) return `turned by ${two.rotation} degrees after ${one.rotation}`
  if (Math.abs(one.pixelAspect - two.pixelAspect) > 0.001) return 'pixels of another shape'
  if (one.profile !== two.profile) return `profile ${two.profile} after ${one.profile}`
  if (one.level !== two.level) return `level ${two.level} after ${one.level}`
  if (!sameRate(one, two)) return `${two.frameRate.toFixed(2)} pictures a second after ${one.frameRate.toFixed(2)}`
  if (one.configuration === '' || one.configuration !== two.configuration || one.tag !== two.tag)
    return 'encoded with other settings'
  return undefined
}

/** A camera that varies its rate has another average in each clip. */
function sameRate(a: Clip['video'], b: Clip['video']): boolean {
  const difference = Math.abs(a.frameRate - b.frameRate)
  return a.variable || b.variable ? difference <= Math.max(a.frameRate, b.frameRate) / 10 : difference <= 0.01
}

function soundDifference(
  so: AudioStream | undefined,
  next: AudioStream | undefined,
  clips: number,
): string | undefined {
  if (!so && !next) return undefined
  if (!so || !next) {
    const known = (so ?? next)!
    if (canBeSilent(known)) return undefined
    return `${clips > 0 && so ? 'no sound' : 'sound'} where the clips before differ, and silence like it cannot be made (${known.codec})`
  }
  if (so.codec !== next.codec) return `${next.codec} sound after ${so.codec}`
  if (so.sampleRate !== next.sampleRate) return `sound at ${next.sampleRate} Hz after ${so.sampleRate}`
  if (so.channels !== next.channels) return `${next.channels} channels of sound after ${so.channels}`
  return so.configuration === next.configuration ? undefined : 'sound encoded with other settings'
}

/** Every ffmpeg encodes AAC-LC in one way: silence can stand beside the camera's own where that is set up without further options. */
function canBeSilent({ codec, profile, channels, configuration }: AudioStream): boolean {
  return codec === 'aac' && profile === 2 && channels >= 1 && channels <= 2 && /^[\da-f]{3}[08]$/.test(configuration)
}

/** The most frequent, so that as few clips as possible have to be rewritten. */
function timescaleOf(clips: readonly Clip[]): number {
  const counts = new Map<number, number>()
  for (const { video } of clips) counts.set(video.timescale, (counts.get(video.timescale) ?? 0) + 1)
  if (counts.size === 1) return clips[0]!.video.timescale
  const usual = [...counts].sort(([, a], [, b]) => b - a)[0]![0]
  return usual >= finestKept ? usual : 90_000
}

function groupOf(clips: readonly Clip[], audio: AudioStream | undefined): Group {
  const group = { clips, audio, timescale: timescaleOf(clips), sameOrder: true }
  const places = ({ video, probe }: Clip) => `${video.index} ${audio ? probe.audio?.index : ''}`
  // A clip that is repaired has its pictures first.
  const rewritten = clips.some((clip) => repairsOf(clip, group).length > 0)
  return { ...group, sameOrder: !rewritten && clips.every((clip) => places(clip) === places(clips[0]!)) }
}

/** What has to be mended before a clip can be joined with its group. */
export function repairsOf(clip: Clip, { audio, timescale, sameOrder }: Group): string[] {
  const why: string[] = []
  if (clip.video.timescale !== timescale)
    why.push(`its clock ticks ${clip.video.timescale} times a second, not ${timescale}`)
  if (audio && !clip.probe.audio) why.push('it has no sound')
  if (audio && clip.probe.audio && clip.probe.audio.timescale !== audio.timescale)
    why.push(`its sound's clock ticks ${clip.probe.audio.timescale} times a second, not ${audio.timescale}`)
  if (!sameOrder && (clip.video.index !== 0 || (audio && (clip.probe.audio?.index ?? 1) !== 1)))
    why.push('its streams stand in another order')
  return why
}
