import { emptySummary } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { renderMessage } from '../src/index.ts'
import { partial } from './notices.ts'

const sender = { cli: 'eagleeye-cli', hostname: 'box' }
const subject = (more: Parameters<typeof partial>[0]) => renderMessage(partial(more), sender).subject

/** Without its counts: a run that never got as far as planning. */
function unplanned(more: Parameters<typeof partial>[0]) {
  const { summary: _, ...rest } = partial(more)
  return renderMessage(rest, sender).subject
}

describe('a subject', () => {
  it('has every count that is not nought', () => {
    const counts = { planned: 15, kept: 5, failed: 1, expired: 2, pending: 3, absent: 1, skipped: 3, bytes: 1024 }
    expect(subject({ event: 'partial', summary: { ...emptySummary(), ...counts } })).toBe(
      '[eagleeye] PARTIAL 5/15 kept, 1 failed, 2 expired, 3 pending, 1 absent, 3 skipped, 1.0 KB — box',
    )
    expect(subject({ event: 'finish', summary: emptySummary() })).toBe('[eagleeye] FINISH 0/0 kept, 0 B — box')
  })

  it('says what is known where there are no counts', () => {
    const error = { code: 'AUTHENTICATION', message: 'The password was refused.' }
    expect(unplanned({ event: 'start' })).toBe('[eagleeye] START Main building — box')
    expect(unplanned({ event: 'fail', error })).toBe('[eagleeye] FAIL 0 kept: The password was refused. — box')
    expect(unplanned({ event: 'interrupted' })).toBe('[eagleeye] INTERRUPTED counts unknown — box')
    expect(unplanned({ event: 'auth-expiring', error: { message: 'The login lapses in 3 days.' } })).toBe(
      '[eagleeye] AUTH-EXPIRING The login lapses in 3 days. — box',
    )
  })

  it('stays short, whatever things are called', () => {
    expect([...subject({ vendor: 'v'.repeat(5000), source: '😀'.repeat(5000) })].length).toBeLessThanOrEqual(250)
  })

  it('begins with what the target wants', () => {
    expect(renderMessage(partial(), sender, 'Site 4').subject).toMatch(/^Site 4 PARTIAL 118\/120 kept/)
  })
})

describe('a text', () => {
  it('shows moments on the wall clock of a zone', () => {
    const { text } = renderMessage(partial(), { ...sender, timeZone: 'America/St_Johns' })
    expect(text).toContain('2026-05-03 07:30 UTC-2:30 to 2026-05-04 07:30 UTC-2:30')
  })

  it('shows 50 failures and 200 cameras, those with failures first, and counts the rest', () => {
    const failures = Array.from({ length: 60 }, (_, i) => ({ camera: `c${i}`, code: 'SERVER', message: `m${i}` }))
    const perCamera = Array.from({ length: 300 }, (_, i) => ({
      camera: `name-${i}`,
      planned: 1,
      kept: i === 299 ? 0 : 1,
      failed: i === 299 ? 1 : 0,
      bytes: 0,
    }))
    const { text, json } = renderMessage(partial({ failures, perCamera }), sender)
    expect(text).toContain('m49')
    expect(text).not.toContain('m50')
    expect(text).toContain('and 10 more\n')
    expect(text).toContain('name-299')
    expect(text).not.toContain('name-250')
    expect(text).toContain('and 100 more cameras')
    expect(text).toContain('c0      (the listing)  m0 (SERVER)')
    expect(json).toMatchObject({ failuresInAll: 60 })
    const more = renderMessage(partial({ failures, failuresInAll: 4000 }), sender)
    expect(more.text).toContain('and 3950 more\n')
    expect(more.json).toMatchObject({ failuresInAll: 4000 })
  })
})
