import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, sources, text, trackedFiles } from './workspace.ts'

const files = trackedFiles()

describe('the repository', () => {
  it('names no machine path, no registry host and no private key', () => {
    // Put together from pieces, so that this file is not its own finding.
    const patterns = [
      ['', 'work', ''].join('/'),
      ['registry', 'npmjs'].join('.'),
      ['deb', 'debian', 'org'].join('.'),
      `BEGIN ${'RSA '}PRIVATE KEY`,
      `BEGIN ${''}PRIVATE KEY`,
    ]
    const found = files
      .filter((path) => path !== 'pnpm-lock.yaml' && statSync(join(root, path)).size < 1_000_000)
      .flatMap((path) =>
        patterns.filter((pattern) => text(path).includes(pattern)).map((pattern) => `${path}: ${pattern}`),
      )
    expect(found).toEqual([])
    expect(text('pnpm-lock.yaml')).not.toContain('tarball:')
  })

  it('carries no footage: nothing tracked is larger than 300 KB', () => {
    const large = files.filter((path) => path !== 'pnpm-lock.yaml' && statSync(join(root, path)).size > 300_000)
    expect(large).toEqual([])
  })

  it('keeps source files small: none over 300 lines', () => {
    const long = ['packages', 'apps']
      .flatMap((room) => sources(room))
      .filter((path) => path.includes('/src/'))
      .map((path) => ({ path, lines: text(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
    expect(long).toEqual([])
  })

  it('has no skipped test without a reason that is printed', () => {
    const silent = [...sources('packages'), ...sources('apps'), ...sources('examples')]
      .filter((path) => path.endsWith('.test.ts'))
      .filter((path) => /\b(it|test|describe)\.(skip|todo|only)\(/.test(text(path)))
    expect(silent).toEqual([])
  })

  it('has no hook in a file that several tests import: files share a process, and would run it once between them', () => {
    const hooked = [...sources('packages'), ...sources('apps'), ...sources('examples')]
      .filter((path) => path.includes('/test/') && !path.endsWith('.test.ts'))
      .filter((path) => /^(before|after)(Each|All)\(/m.test(text(path)))
    expect(hooked).toEqual([])
  })

  it('can run its CI script', () => {
    const mode = execFileSync('git', ['ls-files', '--stage', '.ci/run'], { cwd: root, encoding: 'utf8' }).slice(0, 6)
    expect(mode).toBe('100755')
  })
})
