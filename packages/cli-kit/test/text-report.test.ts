import { type ArchiveEvent, emptySummary, NetworkError } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { explain } from '../src/explain.ts'
import { loggedInText } from '../src/report/measures.ts'
import { textReport } from '../src/report/text-report.ts'
import { openScreen } from '../src/screen.ts'
import { began, camera, ended, failure, kept, listed, planned, progress, retrying, started } from './archive-events.ts'
import { recorder, stoppedClock, words } from './streams.ts'

function report(more: { columns?: number; verbose?: boolean; checkSize?: boolean; env?: Record<string, string> } = {}) {
  const stdout = recorder()
  const stderr = recorder(more.columns)
  const screen = openScreen({ stdout, stderr, env: more.env ?? {} })
  const clock = stoppedClock(Date.UTC(2026, 2, 10))
  const bar = { status: screen.status, columns: screen.columns, colour: screen.colour }
  const { verbose = false, checkSize = false } = more
  const lines = { out: screen.out, err: screen.err, dest: 'videos', address: 'cam.example' }
  return { ...textReport({ ...bar, ...lines, verbose, checkSize, words, clock }), stdout, stderr, clock }
}

it('an account that is called by its name is not named twice', () => {
  expect(loggedInText('archive@example.org', 'archive@example.org', '17')).toBe('Logged in as archive@example.org (17)')
  expect(loggedInText('root', 'AXIS', '17')).toBe('Logged in as root: AXIS (17)')
  expect(loggedInText('', 'AXIS', '17')).toBe('Logged in: AXIS (17)')
})

describe('the text report', () => {
  it('shows a terminal that it waits, until there is an answer or an error', () => {
    const told = report({ columns: 80 })
    told.begin('root')
    expect(told.stderr.text()).toMatch(/Waiting for an answer…$/)
    told.event(started)
    expect(told.stderr.text()).toMatch(/\u001b\[K$/)
    const piped = report()
    piped.begin('root')
    expect(piped.stderr.text()).toBe('')
    const failed = report({ columns: 80, env: { NO_COLOR: '1' } })
    failed.begin('root')
    failed.error(explain(new NetworkError('refused', { reason: 'ECONNREFUSED' }), { cli: 'x', version: '1' }))
    expect(failed.stderr.text()).toMatch(/Waiting for an answer…\r\u001b\[KERROR: refused/)
  })

  it('tells a run in the words of the seed', () => {
    const told = report({ checkSize: true })
    told.begin('root')
    for (const event of [
      started,
      listed,
      planned(4),
      ended('old', kept, true),
      began('a'),
      ended('a', kept),
      began('b'),
      retrying('b'),
      ended('b', failure),
      ended('c', { outcome: 'absent', reason: 'it was deleted' }),
    ]) {
      told.event(event)
    }
    told.end({ ...emptySummary(), planned: 4, kept: 1, alreadyKept: 1, failed: 1, absent: 1 }, 'done')
    expect(told.stdout.text()).toBe(
      [
        'Fetching from cam.example...',
        'INFO  Logged in as root: AXIS P1375 (ACCC8E000001)',
        'INFO  Camera Front Gate: 3 recordings, 3.00 MB',
        'Found 3 to download.',
        '',
        'SKIP  old.mp4 (already exists, size matches: 2048 bytes)',
        'GET   a.mp4 (2.00 KB)',
        'SAVE  videos/a.mp4',
        'GET   b.mp4 (2.00 KB)',
        'INFO  c.mp4 is absent: it was deleted',
        '',
        'Done. downloaded=1 skipped=1 failed=1',
        '      absent=1, of planned=4',
        '',
      ].join('\n'),
    )
    expect(told.stderr.text()).toBe(
      [
        '      Attempt 1/4 failed: GET /download was answered with 503.',
        '      Retrying in 5 seconds...',
        'FAIL  b.mp4',
        '      GET /download was answered with 503.',
        '',
      ].join('\n'),
    )
  })

  it('says when there is nothing', () => {
    const told = report()
    told.event({ ...listed, recordings: 0 } as ArchiveEvent)
    told.event(planned(0))
    told.end(emptySummary(), 'done')
    expect(told.stdout.text()).toContain('3.00 MB\nNothing found.\n\nDone. downloaded=0 skipped=0 failed=0\n')
  })

  it('tells the proof of each file when asked for more', () => {
    const told = report({ verbose: true })
    told.event(ended('a', kept))
    expect(told.stdout.text()).toContain('2.00 KB of Front Gate, complete: 2048 bytes, as stated by the list')
  })

  it('draws the bar on a terminal only, at most four times a second, and leaves nothing of it behind', () => {
    const told = report({ columns: 80, env: { NO_COLOR: '1' } })
    told.event(began('a'))
    for (let bytes = 0; bytes <= 2048; bytes += 16) {
      told.event(progress('a', bytes))
      told.clock.advance(10)
    }
    expect(told.stderr.text().match(/ETA/g)?.length).toBeLessThanOrEqual(6)
    expect(told.stderr.text().match(/%/g)?.length).toBeGreaterThanOrEqual(5)
    told.event(ended('a', failure))
    const drawn = told.stderr.text().split('\r\u001b[K')
    expect(drawn.at(-1)).toBe('FAIL  a.mp4\n      GET /download was answered with 503.\n')
    expect(drawn.slice(0, -1).every((part) => !part.includes('\n') && part.length < 80)).toBe(true)
    const piped = report()
    piped.event(progress('a', 100))
    expect(piped.stderr.text()).toBe('')
  })

  it('never glues a line to the bar, and draws the bar again below it', () => {
    const told = report({ columns: 60, env: { NO_COLOR: '1' } })
    told.event(progress('a', 1024))
    told.warning('the disk is slow')
    const [, bar, rest, ...none] = told.stderr.text().split('\r\u001b[K')
    expect(none).toEqual([])
    expect(rest).toBe(`WARN  the disk is slow\n${bar}`)
  })

  it('colours words on a terminal unless NO_COLOR says no', () => {
    const coloured = report({ columns: 80 })
    coloured.event(ended('a', failure))
    expect(coloured.stderr.text()).toContain('\u001b[31mFAIL')
    const plain = report({ columns: 80, env: { NO_COLOR: '1' } })
    plain.event(ended('a', failure))
    expect(plain.stderr.text()).not.toContain('\u001b[3')
  })

  it('lets no file name steer the terminal', () => {
    const told = report()
    told.event(ended('\u001b[2J\u202e\nDone. downloaded=9 skipped=0 failed=0', { outcome: 'skipped', reason: 'x' }))
    expect(told.stdout.text()).toBe('SKIP   [2J Done. downloaded=9 skipped=0 failed=0.mp4 (x)\n')
  })

  it('counts what was not tried after the run stopped, instead of listing it', () => {
    const told = report()
    told.event(ended('a', failure))
    for (let id = 0; id < 1000; id++) told.event(ended(`b${id}`, { ...failure, attempts: 0 }))
    told.end({ ...emptySummary(), planned: 1001, failed: 1001 }, 'done')
    expect(told.stderr.text()).toMatch(
      /^FAIL {2}a\.mp4\n.*\nFAIL {2}1000 more not tried; the next run takes them up\n$/,
    )
  })

  it('says once for each camera why its pieces fail, and counts those that fail in the same way', () => {
    const told = report()
    for (let id = 0; id < 49; id++) told.event(ended(`a${id}`, failure))
    told.event(ended('b', { ...failure, message: 'Something else.' }))
    told.event(ended('c', failure))
    told.event(ended('d', failure))
    told.end({ ...emptySummary(), planned: 52, failed: 52 }, 'done')
    expect(told.stderr.text().split('\n')).toEqual([
      'FAIL  a0.mp4',
      '      GET /download was answered with 503.',
      'FAIL  48 more of Front Gate in the same way, the last of them a48.mp4',
      'FAIL  b.mp4',
      '      Something else.',
      'FAIL  c.mp4',
      '      GET /download was answered with 503.',
      'FAIL  1 more of Front Gate in the same way, the last of them d.mp4',
      '',
    ])
    const loud = report({ verbose: true })
    for (let id = 0; id < 49; id++) loud.event(ended(`a${id}`, failure))
    expect(loud.stderr.text().match(/^FAIL /gm)).toHaveLength(49)
  })

  it('does not repeat below a piece what already stands as the error that ends the run', () => {
    const told = report()
    told.error({ code: 'DISK_FULL', message: 'The disk is full.', advice: 'Make room.', exitCode: 1 })
    told.event(ended('a', { ...failure, message: 'The disk is full.' }))
    expect(told.stderr.text()).toBe('ERROR: The disk is full.\n      Make room.\nFAIL  a.mp4\n')
  })

  it('says of which camera there is nothing, on its own clock', () => {
    const told = report()
    const gap = {
      cameraId: camera.id,
      start: Date.UTC(2026, 9, 24, 22),
      end: Date.UTC(2026, 9, 25, 2),
      outcome: 'expired',
      reason: 'It is too old.',
    } as const
    told.event({ type: 'gap', camera, gap })
    expect(told.stdout.text()).toBe(
      'INFO  Front Gate: nothing from 2026-10-25T00:00:00+02:00 to 2026-10-25T03:00:00+01:00, expired: It is too old.\n',
    )
  })

  it('counts the files that hold a smaller picture than the camera records', () => {
    const told = report()
    const small = { ...kept, fidelity: 'proxy', facts: { width: 640, height: 360 } } as const
    told.event(ended('a', small))
    told.event(ended('b', small, true))
    told.event(ended('c', kept))
    told.end({ ...emptySummary(), planned: 3, kept: 2, alreadyKept: 1 }, 'done')
    expect(told.stdout.text()).toMatch(
      /\nDone\. .*\n {6}proxy=2: kept in a smaller picture \(640x360\) than the camera records now\n$/,
    )
    const loud = report({ verbose: true })
    loud.event(ended('a', small))
    expect(loud.stdout.text()).toMatch(/\n {6}a smaller picture than the camera records now: 640x360\n/)
  })

  it('explains an error in a paragraph', () => {
    const told = report()
    const about = { cli: 'pretend-cli', version: '1' }
    told.error(explain(new NetworkError('GET /list: refused.', { reason: 'ECONNREFUSED' }), about))
    told.end(emptySummary(), 'not-begun')
    expect(told.stderr.text()).toBe(
      'ERROR: GET /list: refused.\n' +
        '      Something answers at this address, but not at this port: check address and port, and whether it wants https:// in front.\n',
    )
    expect(told.stdout.text()).toBe('')
  })
})
