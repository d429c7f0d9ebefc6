import { describe, expect, test } from 'vitest'
import type { OpenedRecording } from '../../src/footage/source.ts'
import { reconcile, resumable } from '../../src/transfer/reconcile.ts'
import { isStrong, sameVersion } from '../../src/transfer/validator.ts'

const date = 'Fri, 02 Jan 2026 03:05:06 GMT'
const reply = (more: Partial<OpenedRecording>): OpenedRecording => ({
  body: (async function* () {})(),
  startsAtByte: 1000,
  totalBytes: 9000,
  validator: { etag: '"a"' },
  representation: 'file',
  ...more,
})
const facts = { representation: 'file', validator: { etag: '"a"' }, total: 9000 }

describe('a validator', () => {
  test.each([
    [undefined, false],
    [{}, false],
    [{ etag: '"a"' }, true],
    [{ etag: 'W/"a"' }, false],
    [{ etag: 'w/"a"' }, false],
    [{ etag: 'unquoted' }, false],
    // The asctime form names no zone; it is GMT wherever this runs.
    [{ lastModified: 'Thu Jan  1 03:03:06 2026', date: 'Thu, 01 Jan 2026 03:04:06 GMT' }, true],
    [{ lastModified: 'Thu Jan  1 03:03:07 2026', date: 'Thu, 01 Jan 2026 03:04:06 GMT' }, false],
    [{ lastModified: date }, false],
    [{ lastModified: 'Fri, 02 Jan 2026 03:04:06 GMT', date }, true],
    [{ lastModified: 'Fri, 02 Jan 2026 03:04:07 GMT', date }, false],
    [{ lastModified: 'yesterday', date }, false],
    [{ etag: 'W/"a"', lastModified: 'Thu, 01 Jan 2026 03:04:06 GMT', date }, false],
  ])('%o is strong: %s', (validator, strong) => expect(isStrong(validator)).toBe(strong))

  test('compares like with like', () => {
    expect(sameVersion({ etag: '"a"' }, { etag: '"a"' })).toBe('same')
    expect(sameVersion({ etag: '"a"' }, { etag: '"b"' })).toBe('changed')
    expect(sameVersion({ etag: '"a"' }, { lastModified: date })).toBe('unknown')
    expect(sameVersion({ lastModified: date }, { lastModified: date })).toBe('same')
    expect(sameVersion({ lastModified: date }, { lastModified: 'another' })).toBe('changed')
    expect(sameVersion(undefined, { etag: '"a"' })).toBe('unknown')
  })
})

describe('a reply', () => {
  test('is continued where all it states fits', () => {
    expect(reconcile('validated', facts, 1000, reply({}))).toEqual({ do: 'continue' })
    expect(reconcile('overlap', { representation: 'file' }, 5000, reply({ startsAtByte: 1 }))).toEqual({
      do: 'continue',
    })
  })

  test.each([
    ['another total', { totalBytes: 9001 }],
    ['another ETag', { validator: { etag: '"b"' } }],
    ['another rendering', { representation: 'export' }],
  ])('with %s is another version', (_what, more) => {
    for (const policy of ['validated', 'overlap'] as const) {
      expect(reconcile(policy, facts, 1000, reply(more))).toMatchObject({ do: 'ask-again', changed: true })
      expect(reconcile(policy, facts, 1000, reply({ ...more, startsAtByte: 0 }))).toMatchObject({
        do: 'replace',
        changed: true,
      })
    }
    expect(reconcile('never', facts, 0, reply({ ...more, startsAtByte: 0 }))).toMatchObject({
      do: 'replace',
      changed: false,
    })
  })

  test('that leaves its ETag out is not continued by it', () => {
    expect(reconcile('validated', facts, 1000, reply({ validator: {} }))).toMatchObject({
      do: 'ask-again',
      changed: false,
    })
    expect(reconcile('overlap', facts, 1000, reply({ validator: {} }))).toEqual({ do: 'continue' })
  })

  test.each([1001, -1, 1.5, Number.NaN])('that begins at %d is of no use', (startsAtByte) => {
    expect(reconcile('validated', facts, 1000, reply({ startsAtByte }))).toMatchObject({
      do: 'ask-again',
      changed: false,
    })
  })

  test('may be continued later only where its policy and validator say so', () => {
    expect(resumable('validated', facts)).toBe(true)
    expect(resumable('validated', { representation: 'file' })).toBe(false)
    expect(resumable('overlap', { representation: 'file' })).toBe(true)
    expect(resumable('never', facts)).toBe(false)
    expect(resumable('overlap', undefined)).toBe(false)
  })
})
