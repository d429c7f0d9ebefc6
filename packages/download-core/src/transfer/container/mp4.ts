import { boxes, CutBox } from './mp4-boxes.ts'
import { readFragment, type Timeline } from './mp4-fragment.ts'
import { type Movie, readMovie, type Track } from './mp4-movie.ts'
import { pictureRuns } from './mp4-runs.ts'
import { lastSampleEnd } from './mp4-samples.ts'
import { type ByteSource, type ContainerReport, Cursor, Malformed, type PictureRun, plausible } from './report.ts'

const mostFragments = 5_000_000

/**
 * Walks an MP4 (or QuickTime file) over its top-level boxes, reads the index wherever it stands, and compares where its tables
 * say that samples lie with where the file ends. Fragmented files have no such table: they are walked fragment by fragment, and
 * `samplesEndMs` has to be compared with what was asked for, unless the file states its own duration.
 */
export async function readMp4(source: ByteSource): Promise<ContainerReport> {
  const cursor = new Cursor(source, 4096)
  let movie: Movie | undefined
  let problem: string | undefined
  let missing = false
  const timeline: Timeline = new Map()
  let fragments = 0
  let fragmentEnd = 0
  let media = false
  let walked = true
  const gone = (text: string) => {
    missing = true
    problem ??= text
  }
  try {
    for await (const box of boxes(cursor, 0, source.size)) {
      if (box.type === 'mdat') media = true
      if (box.end > source.size) {
        const text = `the ${box.type} box at ${box.start} reaches ${box.end - source.size} bytes behind the end of the file`
        if (box.type === 'moov' || box.type === 'moof' || (box.type === 'mdat' && fragments > 0)) gone(text)
        else problem ??= text
        break
      }
      if (box.type === 'moov' && movie === undefined) movie = await readMovie(source, box)
      else if (box.type === 'moof') {
        if (++fragments > mostFragments) throw new Malformed(`more than ${mostFragments} fragments`)
        fragmentEnd = Math.max(fragmentEnd, await readFragment(cursor, box, movie, timeline))
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    if (error instanceof CutBox) gone(error.message)
    else {
      walked = false
      problem ??= error.message
    }
  }
  try {
    if (movie === undefined) gone('the index (moov box) is missing')
    else if (movie.fragmented) {
      if (fragments === 0) problem ??= 'it holds no fragments'
      if (fragmentEnd > source.size) gone(`the last fragment lacks ${fragmentEnd - source.size} bytes`)
    } else {
      // What follows the last sample and is cut is no loss: only here is it known where that ends.
      missing = false
      if (!media && movie.tracks.some(({ samples }) => samples > 0)) gone('the pictures (mdat box) are missing')
      if (!movie.tracks.some((track) => track.samples > 0)) problem ??= 'it holds no pictures and no sound'
      for (const track of movie.tracks) {
        const end = await lastSampleEnd(source, track)
        if (end > source.size) gone(`its index points ${end - source.size} bytes behind the end of the file`)
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    problem ??= error.message
  }
  const video = movie?.tracks.find(isVideo)
  const runs = video && movie && !movie.fragmented ? await pictureRuns(source, video, movie.timescale) : undefined
  const report = summary(movie, timeline, problem, missing, runs)
  const pictures = movie?.tracks.some((track) => isVideo(track) && holdsPictures(track, timeline))
  return movie && walked && !missing && !pictures ? { ...report, empty: true } : report
}

function summary(
  movie: Movie | undefined,
  timeline: Timeline,
  problem: string | undefined,
  missing: boolean,
  runs: readonly PictureRun[] | undefined,
): ContainerReport {
  const video = movie?.tracks.find(isVideo)
  let samplesEndMs = movie && !movie.fragmented ? movie.durationMs : undefined
  let frames = video?.samples
  if (movie?.fragmented) {
    for (const track of movie.tracks) {
      const times = timeline.get(track.id)
      if (!times || track.timescale === 0) continue
      if (track === video) frames = times.samples + (video?.samples ?? 0)
      const own = movie.durationMs ?? 0
      const spanMs = ((times.last - times.first) / track.timescale) * 1000
      samplesEndMs = Math.max(samplesEndMs ?? 0, own + spanMs)
    }
  }
  const stated = movie?.statedFragmentMs
  const reached = stated !== undefined && samplesEndMs !== undefined && samplesEndMs >= stated - 1000
  const fragmented = movie?.fragmented ?? false
  const durationMs = fragmented ? (samplesEndMs ?? movie?.durationMs) : movie?.durationMs
  return {
    format: 'mp4',
    complete: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    missing,
    openEnded: fragmented && !reached,
    facts: plausible({ durationMs, width: video?.width, height: video?.height, codec: video?.codec, frames }),
    ...(samplesEndMs !== undefined && Number.isFinite(samplesEndMs) && samplesEndMs > 0
      ? { samplesEndMs: Math.round(samplesEndMs) }
      : {}),
    ...(runs ? { runs } : {}),
    ...(movie?.createdAt === undefined ? {} : { createdAt: movie.createdAt }),
  }
}

function isVideo({ kind }: Track): boolean {
  return kind === 'vide'
}

function holdsPictures({ id, samples }: Track, timeline: Timeline): boolean {
  return samples + (timeline.get(id)?.samples ?? 0) > 0
}
