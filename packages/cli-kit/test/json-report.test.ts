import { emptySummary } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { explain } from '../src/explain.ts'
import { jsonReport } from '../src/report/json-report.ts'
import { UsageError } from '../src/usage-error.ts'
import { began, ended, failure, kept, listingFailed, progress, retrying, started } from './archive-events.ts'

function report(withoutProgress = false) {
  const lines: string[] = []
  return {
    ...jsonReport((line) => lines.push(line), { withoutProgress }),
    parsed: () => lines.map((line) => JSON.parse(line)),
  }
}

describe('the JSON report', () => {
  it('ends with exactly the promised summary', () => {
    const told = report()
    told.begin('root')
    told.event(started)
    told.event({ type: 'archive-ended', ...emptySummary() })
    told.end({ ...emptySummary(), planned: 2, kept: 1, failed: 1, bytes: 2048, durationMs: 12.7 }, 'done')
    const lines = told.parsed()
    expect(lines.map(({ type }) => type)).toEqual(['archive-started', 'archive-ended'])
    expect(lines.at(-1)).toEqual({
      type: 'archive-ended',
      planned: 2,
      kept: 1,
      alreadyKept: 0,
      absent: 0,
      expired: 0,
      pending: 0,
      failed: 1,
      skipped: 0,
      bytes: 2048,
      durationMs: 13,
    })
  })

  it('writes moments as ISO 8601, and leaves vendor facts alone', () => {
    const told = report()
    told.event(ended('a', kept))
    const [line] = told.parsed()
    expect(line.recording.window).toEqual({ start: '2026-03-02T00:00:00.000Z', end: '2026-03-03T00:00:00.000Z' })
    expect(line.outcome.covers[0].end).toBe('2026-03-03T00:00:00.000Z')
    expect(line.outcome.facts).toEqual({ start: 12345, codec: 'h264' })
    expect(line.outcome.bytes).toBe(2048)
  })

  it('writes errors as code and message, without a stack', () => {
    const told = report()
    told.event(retrying('a'))
    told.event(listingFailed)
    told.event(ended('a', failure))
    const [retry, listing, end] = told.parsed()
    expect(retry.error).toEqual({
      code: 'SERVER',
      message: 'GET /download was answered with 503.',
      retryable: true,
      httpStatus: 503,
    })
    expect(listing.error.code).toBe('INCOMPLETE')
    expect(end.outcome.code).toBe('SERVER')
  })

  it('says an error before the start, then a sum of zeros', () => {
    const told = report()
    told.error(explain(new UsageError('--host is empty.'), { cli: 'x', version: '1' }))
    told.end(emptySummary(), 'not-begun')
    const [error, end] = told.parsed()
    expect(error).toMatchObject({ type: 'error', code: 'USAGE', message: '--host is empty.' })
    expect(end).toMatchObject({ type: 'archive-ended', planned: 0 })
  })

  it('leaves progress out when asked to', () => {
    const loud = report()
    const calm = report(true)
    for (const told of [loud, calm]) {
      told.event(began('a'))
      told.event(progress('a', 10))
    }
    expect(loud.parsed().map(({ type }) => type)).toEqual(['recording-started', 'progress'])
    expect(calm.parsed().map(({ type }) => type)).toEqual(['recording-started'])
  })
})
