import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileLayout, layouts } from '../../src/archive/layout.ts'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { createPaths } from '../../src/archive/paths.ts'
import { extensionOf, safeName, withSuffix } from '../../src/archive/safe-name.ts'
import type { Camera } from '../../src/footage/camera.ts'
import type { Recording } from '../../src/footage/recording.ts'

const start = Date.UTC(2026, 6, 4, 22, 5, 9, 7)
const camera: Camera = { id: 'AC:CC:8E', name: 'Front door', timeZone: 'Europe/Berlin' }
const recording: Recording = {
  id: 'clip/1',
  cameraId: camera.id,
  view: 'road',
  window: { start, end: start + 60_000 },
  windowFrom: 'source',
  name: 'Clip 1.AVI',
  extension: 'avi',
  resume: 'never',
}
const { window: _, ...undated } = recording
const subject = { camera, recording, vendor: 'toy', source: 'Home', extension: 'avi' }

describe('a layout', () => {
  it.each([
    [layouts.byDay, 'Front door/2026/07/05/00-05-09+0200.avi'],
    [layouts.byCamera, 'Front door/2026-07-05_00-05-09+0200.avi'],
    [layouts.flat, 'Clip 1.AVI'],
    ['{cameraId}/{view}/{id}', 'AC_CC_8E/road/clip_1'],
    ['{vendor}-{source}/{stem}.{ext}', 'toy-Home/Clip 1.avi'],
    ["{start:yyyyMMdd'T'HHmmss.SSS} to {end:HH'h'mm}", '20260705T000509.007 to 00h06'],
    ['{start:yy} {start:XX}', '26 +0200'],
  ])('%s', (template, path) => {
    expect(compileLayout(template)(subject)).toBe(path)
  })

  it('shows times in the zone it is given, else the camera’s, else UTC', () => {
    const zone = (timeZone: string | undefined, from: Camera) =>
      compileLayout('{start:HHxx}', timeZone)({ ...subject, camera: from })
    expect(zone('America/New_York', camera)).toBe('18-0400')
    expect(zone(undefined, camera)).toBe('00+0200')
    expect(zone(undefined, { id: 'x', name: '' })).toBe('22+0000')
    expect(zone(undefined, { ...camera, timeZone: 'No/Such' })).toBe('22+0000')
  })

  it('silent-loss 28: keeps the two hours apart that a night in autumn has twice', () => {
    const layout = compileLayout(layouts.byDay, 'Europe/Berlin')
    const at = (hourUtc: number) => Date.UTC(2026, 9, 25, hourUtc, 30)
    const path = (hour: number) =>
      layout({ ...subject, recording: { ...recording, window: { start: at(hour), end: at(hour) + 1 } } })
    expect([path(0), path(1)]).toEqual([
      'Front door/2026/10/25/02-30-00+0200.avi',
      'Front door/2026/10/25/02-30-00+0100.avi',
    ])
  })

  it('says undated where there is no date, and lets the served extension win', () => {
    expect(compileLayout()({ ...subject, recording: undated, extension: 'mp4' })).toBe('Front door/undated/undated.mp4')
    expect(compileLayout('{name}')({ ...subject, extension: 'mp4' })).toBe('Clip 1.mp4')
    expect(compileLayout('{name}')({ ...subject, extension: 'AVI' })).toBe('Clip 1.AVI')
  })

  it.each([
    ['{cam}', /layout.*\{cam\}.*\{camera\}/],
    ['{start}', /\{start\}/],
    ['{start:YYYY}', /time token "YYYY".*yyyy/],
    ['{start:HHTmm}', /time token "T"/],
    ["{start:HH'h}", /quote/],
    ['{camera', /"\{" without/],
    ['camera}', /"\}" without/],
    ['a\\b', /"\\"/],
    ['/abs/{id}', /starts with/],
    ['a/../{id}', /folder "\.\."/],
    ['a//{id}', /empty/],
    ['{constructor}', /\{constructor\}/],
    ['', /empty/],
  ])('refuses %j', (template, message) => {
    expect(() => compileLayout(template)).toThrow(RangeError)
    expect(() => compileLayout(template)).toThrow(message)
  })

  it('never leaves the archive, whatever a vendor calls things', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '.', '', '../..', 'a/../../b', 'C:\\x', '.cam', 'NUL', '…', ' . '),
    )
    const layout = compileLayout('{camera}/{view}/{source}/{id}/{name}')
    fc.assert(
      fc.property(text, text, text, (name, view, id) => {
        const path = layout({
          ...subject,
          source: id,
          camera: { id, name },
          recording: { ...recording, id: id || 'x', view, name },
        })
        const parts = path.split('/')
        expect(parts).toHaveLength(5)
        for (const part of parts) {
          expect(part).not.toMatch(/^\.|[. ]$|[<>:"\\|?*\u0000-\u001f\u007f]/)
          expect(part).not.toBe('')
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(240)
          expect(safeName(part)).toBe(part)
        }
      }),
      { numRuns: 500, seed: 7 },
    )
  })
})

describe('a layout that is a function', () => {
  const subject = { vendor: 'toy', source: 'Home', camera, extension: 'mp4' }

  it('gives paths of its own', () => {
    const layout = compileLayout(({ camera: { id }, extension }) => `${id}/2026/a b.${extension}`)
    expect(layout({ ...subject, recording })).toBe('AC_CC_8E/2026/a b.mp4')
  })

  it.each([
    ['../../etc/passwd', '__/__/etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['a//b/', 'a/b'],
    ['..\\..\\x', '___.._x'],
    ['C:/x', 'C_/x'],
    ['.cam/ledger.sqlite', '_cam/ledger.sqlite'],
    ['CON/nul.mp4', '_CON/_nul.mp4'],
    ['', '_'],
    ['///', '_'],
  ])('stays in the archive: %j becomes %j', (given, path) => {
    expect(compileLayout(() => given)({ ...subject, recording })).toBe(path)
  })

  it('has to give text', () => {
    expect(() => compileLayout(() => undefined as never)({ ...subject, recording })).toThrow(TypeError)
  })
})

describe('a safe name', () => {
  it.each([
    ['../../etc/passwd', '___.._etc_passwd'],
    ['a:b*c?"<>|d', 'a_b_c_____d'],
    ['CON.mp4', '_CON.mp4'],
    ['com1', '_com1'],
    ['LPT³.x.y', '_LPT³.x.y'],
    ['conference.mp4', 'conference.mp4'],
    ['.hidden', '_hidden'],
    ['ends with dot. ', 'ends with dot'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['tab\tand\0zero', 'tabandzero'],
    ['a\ud800b', 'a_b'],
    ['Ä'.normalize('NFD'), 'Ä'.normalize('NFC')],
    ['', '_'],
    ['...', '___'],
  ])('%j becomes %j', (text, name) => {
    expect(safeName(text)).toBe(name)
  })

  it('shortens by bytes, between characters, keeps the extension, and stays different', () => {
    const long = safeName(`${'ü'.repeat(300)}.mp4`)
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(240)
    expect(long).toMatch(/^ü+~[0-9a-f]{8}\.mp4$/)
    expect(safeName(`${'ü'.repeat(301)}.mp4`)).not.toBe(long)
    expect(safeName('🎥'.repeat(100))).toMatch(/^(🎥)+~[0-9a-f]{8}$/u)
  })

  it('takes a suffix before its extension', () => {
    expect(withSuffix('a.b/c.d.mp4', ' (2)')).toBe('a.b/c.d (2).mp4')
    expect(withSuffix('a.b/c', '-x')).toBe('a.b/c-x')
    expect(extensionOf('.hidden')).toBe('')
  })
})

describe('paths of a run', () => {
  const item = (id: string, name: string) => {
    const of = { ...recording, id, name }
    return { key: { sourceId: 's', cameraId: camera.id, view: '', recordingId: id }, camera, recording: of }
  }

  it('differ, also from those in the ledger, also where only the case differs', async () => {
    const ledger = memoryLedger()
    const owner = item('owner', 'x.mp4')
    await ledger.plan('r', 1, [{ ...owner, kind: 'recording' }])
    const proof = { by: 'repeat' } as const
    const file = { path: 'TAKEN.mp4', bytes: 1, sha256: '', proof, covers: [], facts: {}, fidelity: 'full' } as const
    await ledger.record('r', 1, [{ key: owner.key, outcome: { outcome: 'kept', ...file } }])
    const paths = createPaths(compileLayout('{name}'), ledger, { vendor: 'toy', source: 'Home' })
    expect(await paths.propose(item('a', 'taken.mp4'), 'mp4')).toMatch(/^taken-[0-9a-f]{8}\.mp4$/)
    expect(await paths.propose(item('b', 'free.mp4'), 'mp4')).toBe('free.mp4')
    expect(await paths.propose(item('c', 'FREE.mp4'), 'mp4')).toMatch(/^FREE-[0-9a-f]{8}\.mp4$/)
    expect(await paths.propose(item('b', 'free.mp4'), 'mp4')).toBe('free.mp4')
    expect(paths.collisions).toBe(2)
    expect(await paths.propose(item('b', 'free.mp4'), 'mp4', new Set(['free.mp4', 'free (2).mp4']))).toBe(
      'free (3).mp4',
    )
    expect(await paths.propose(owner, 'mp4')).toBe('x.mp4')
  })

  it('have the same suffix in every run', async () => {
    const suffixed = async () => {
      const paths = createPaths(compileLayout('{name}'), memoryLedger(), { vendor: 'toy', source: 'Home' })
      await paths.propose(item('first', 'same.mp4'), 'mp4')
      return paths.propose(item('second', 'same.mp4'), 'mp4')
    }
    expect(await suffixed()).toBe(await suffixed())
  })
})
