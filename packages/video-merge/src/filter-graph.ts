import { type PictureSegment, type Piece, type Shape, type SoundSegment, sampleRate } from './picture-plan.ts'

/** What ffmpeg is to do for a piece. */
export interface FilterGraph {
  /** Paths of the clips, in the order of inputs. The clock's pictures come after them. */
  readonly clips: readonly string[]
  readonly filter: string
  /** Labels of what comes out. */
  readonly maps: readonly string[]
}

/**
 * Every stretch is cut to an exact number of pictures or samples before it is put together: filters that wait for each other's
 * ends freeze, shorten or shift pictures where a clip ends early, begins late, or skips.
 */
export function filterGraph(piece: Piece, shape: Shape, upload = ''): FilterGraph {
  // Inputs are numbered before the clock's number is known.
  const { clips, label } = inputsOf([piece.views.flat(), piece.sounds.flat()])
  const lines: string[] = []
  const cells = piece.views.map((segments, view) => {
    // Old versions forget the rate when they join, and fps, which says it again, may drop the last one: there is one to spare.
    const spare = segments.length > 1 ? 1 : 0
    const parts = segments.map((segment, index) => {
      const name = `[v${view}_${index}]`
      const count = segment.count + (index === segments.length - 1 ? spare : 0)
      lines.push(`${pictures({ ...segment, count }, shape, label('v', segment))}${name}`)
      return name
    })
    // concat takes a part of a single picture to last no time at all: pictures are counted anew.
    const counted = `setpts=N/(${shape.frameRate}*TB),fps=${shape.frameRate},trim=end_frame=${piece.pictures}`
    return joined(parts, `,${counted}[v${view}]`, 'v=1:a=0', lines)
  })
  for (let empty = cells.length; empty < shape.columns * shape.rows; empty++) {
    lines.push(`${black(piece.pictures, shape)}[v${empty}]`)
    cells.push(`[v${empty}]`)
  }
  const whole = stacked(cells, shape, lines)
  if (piece.clock) {
    lines.push(`[${clips.length}:v]format=yuv420p[clock]`, `${whole}[clock]overlay=x=0:y=0:eof_action=repeat[timed]`)
  }
  // A film ends with the beginning of its last picture where it is not known how long that lasts. fps says so of each, but drops
  // the last one where nothing follows.
  const counted = `tpad=stop_mode=clone:stop=2,fps=${shape.frameRate},trim=end_frame=${piece.pictures}`
  lines.push(`${piece.clock ? '[timed]' : whole}format=yuv420p,${counted}${upload}[picture]`)
  if (piece.sounds.length === 0) return { clips, filter: lines.join(';'), maps: ['[picture]'] }
  listen(piece, label, lines)
  return { clips, filter: lines.join(';'), maps: ['[picture]', '[sound]'] }
}

/** The sound of a piece alone, for one that has its pictures already; clips are inputs from `first` on. */
export function soundGraph(piece: Piece, first: number): FilterGraph {
  const { clips, label } = inputsOf([piece.sounds.flat()], first)
  const lines: string[] = []
  if (piece.sounds.length > 0) listen(piece, label, lines)
  return { clips, filter: lines.join(';'), maps: piece.sounds.length > 0 ? ['[sound]'] : [] }
}

type Label = (kind: 'v' | 'a', segment: PictureSegment | SoundSegment) => string

/** Which clips are read, and what each segment's streams are called. */
function inputsOf(kinds: readonly (readonly (PictureSegment | SoundSegment)[])[], first = 0) {
  const clips: string[] = []
  const inputs = new Map<PictureSegment | SoundSegment, number>()
  for (const segments of kinds) {
    const taken = new Map<string, number>()
    for (const segment of segments) {
      if (!segment.clip) continue
      // A clip that comes again is read again: all that lies between would be held in memory, and old versions lose a picture.
      const { path } = segment.clip
      const index = clips.indexOf(path, (taken.get(path) ?? -1) + 1)
      const input = index < 0 ? clips.push(path) - 1 : index
      taken.set(path, input)
      inputs.set(segment, input)
    }
  }
  const label: Label = (kind, segment) => (segment.clip ? `[${first + inputs.get(segment)!}:${kind}:0]` : '')
  return { clips, label }
}

function listen(piece: Piece, label: Label, lines: string[]): void {
  const tracks = piece.sounds.map((segments, track) => {
    const parts = segments.map((segment, index) => {
      const name = `[a${track}_${index}]`
      lines.push(`${sound(segment, label('a', segment))}${name}`)
      return name
    })
    return joined(parts, `[a${track}]`, 'v=0:a=1', lines)
  })
  // amix makes everything quieter by the number of tracks.
  const mix = tracks.length === 1 ? 'anull' : `amix=inputs=${tracks.length}:duration=longest,volume=${tracks.length}`
  lines.push(`${tracks.join('')}${mix},aformat=sample_fmts=s16:channel_layouts=stereo[sound]`)
}

/** Puts parts behind each other; `then`: what follows, which ends in the label that is answered with. */
function joined(parts: readonly string[], then: string, kinds: string, lines: string[]): string {
  if (parts.length === 1) return parts[0]!
  lines.push(`${parts.join('')}concat=n=${parts.length}:${kinds}${then}`)
  return then.slice(then.lastIndexOf('['))
}

function black(count: number, { cell, frameRate }: Shape): string {
  const color = `color=c=black:s=${cell.width}x${cell.height}:r=${frameRate}`
  return `${color},trim=end_frame=${count},format=yuv420p,setsar=1`
}

function pictures({ clip, from, count }: PictureSegment, shape: Shape, input: string): string {
  if (!clip) return black(count, shape)
  const { cell, frameRate } = shape
  // In new versions setpts takes away the rate, and how long a picture lasts: fps follows it each time, with a picture to spare.
  // The last picture stands as long as the index says, whatever ffmpeg makes of its duration.
  const seconds = Math.ceil((from + count) / frameRate) + 1
  return [
    `${input}setpts=PTS-STARTPTS,fps=${frameRate},tpad=stop_mode=clone:stop_duration=${seconds}`,
    ...(from === 0
      ? []
      : [`trim=start_frame=${from}:end_frame=${from + count + 1},setpts=PTS-STARTPTS,fps=${frameRate}`]),
    `trim=end_frame=${count}`,
    fitted(cell),
  ].join(',')
}

/** Whole, in its own proportions, in the middle of a black cell. */
export function fitted({ width, height }: Shape['cell']): string {
  const size = `${width}:${height}`
  const scaled = `scale=${size}:force_original_aspect_ratio=decrease:out_range=tv`
  return `scale=trunc(iw*sar/2)*2:ih,setsar=1,${scaled},pad=${size}:(ow-iw)/2:(oh-ih)/2:black,setsar=1,format=yuv420p`
}

function sound({ clip, from, count }: SoundSegment, input: string): string {
  const plain = 'aformat=sample_fmts=fltp:channel_layouts=stereo'
  if (!clip) return `anullsrc=r=${sampleRate}:cl=stereo,atrim=end_sample=${count},asetpts=PTS-STARTPTS,${plain}`
  return [
    // Holes in the sound stay holes.
    `${input}asetpts=PTS-STARTPTS,aresample=${sampleRate}:async=1:first_pts=0,${plain},apad`,
    `atrim=start_sample=${from}:end_sample=${from + count},asetpts=PTS-STARTPTS`,
  ].join(',')
}

/** Rows above each other. xstack would do it in one, but cannot fill in old versions. */
function stacked(cells: readonly string[], { columns, rows }: Shape, lines: string[]): string {
  const across = Array.from({ length: rows }, (_, row) => {
    const own = cells.slice(row * columns, (row + 1) * columns)
    if (own.length === 1) return own[0]!
    lines.push(`${own.join('')}hstack=inputs=${own.length}[row${row}]`)
    return `[row${row}]`
  })
  if (across.length === 1) return across[0]!
  lines.push(`${across.join('')}vstack=inputs=${across.length}[whole]`)
  return '[whole]'
}
